//go:build unweldtools

// Command genmodules packs the sample applications. Its argument is the
// repository's folder.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/catalogue/modules"
)

func main() {
	log.SetFlags(0)
	content, err := modules.Pack(os.Args[1])
	if err != nil {
		log.Fatal("genmodules: ", err)
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], modules.Archive), content, 0o666); err != nil {
		log.Fatal("genmodules: ", err)
	}
}
