// Command unweld-vet runs the analyzers that need one package alone, under
// go vet:
//
//	go vet -vettool=$(command -v unweld-vet) ./...
//
// `unweld vet` does the same without another program to install.
package main

import "github.com/unweld/unweld/engine/vettool"

func main() { vettool.Main() }
