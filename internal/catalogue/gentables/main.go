//go:build unweldtools

// Command gentables writes the tables of the five catalogues. Its argument is
// the repository's folder.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/catalogue/tables"
)

func main() {
	log.SetFlags(0)
	root := os.Args[1]
	files, err := tables.Generate(root)
	if err != nil {
		log.Fatal("gentables: ", err)
	}
	for name, content := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			log.Fatal("gentables: ", err)
		}
		if err := os.WriteFile(name, content, 0o666); err != nil {
			log.Fatal("gentables: ", err)
		}
	}
}
