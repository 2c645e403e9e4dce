//go:build unweldtools

// Command gendocs writes the reference pages in docs/. Its argument is the
// repository's folder.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/catalogue"
)

func main() {
	log.SetFlags(0)
	pages, err := catalogue.Pages(os.Args[1])
	if err != nil {
		log.Fatal("gendocs: ", err)
	}
	for name, content := range pages {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), content, 0o666); err != nil {
			log.Fatal("gendocs: ", err)
		}
	}
}
