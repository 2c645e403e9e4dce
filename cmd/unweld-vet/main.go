// Command unweld-vet is what unweld is where go vet runs it, and nothing else:
//
//	go vet -vettool=$(command -v unweld-vet) ./...
//
// It is for those who install it by its path; ./... leaves it out (go.mod), so that a hook
// that installs this module builds one program.
package main

import "github.com/unweld/unweld/engine/vettool"

func main() { vettool.Main() }
