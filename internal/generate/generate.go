// Package generate defines the input and output of generators: from a contract
// and its schema they make files, and a list of what else is needed, all as
// plain data. Bindings and stores share it.
package generate

import (
	"io/fs"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// A Request is the input of a generator, which must not change it.
type Request struct {
	Contract *component.Contract
	// Schema is the contract's schema with all numbers assigned, the same for
	// all generators.
	Schema  *schema.Schema
	Module  string            // module path of the user's module
	Package component.Package // the package the generated code goes into
	Runtime string            // import path of the copied run-time: MODULE/internal/unweld
	// Store says that the component's state is kept in a store, whose
	// generator emits openStore (unweldOpenStore for FormFuncs) into Package.
	Store bool
	// Options are the values of the options that the generator declares,
	// defaults included.
	Options Options
}

// A Package is a run-time package that generated code uses. The parts of its
// source that a module uses are copied into it.
type Package struct {
	Name   string // as in the user's module: MODULE/internal/unweld/NAME
	Source fs.FS
	Dir    string // the package's folder in Source
	// Keep lists declarations for users' code: they are copied even if the
	// module doesn't use them yet.
	Keep []string
}

// Names returns the names of packages, in order.
func Names(packages []Package) []string {
	var names []string
	for _, p := range packages {
		names = append(names, p.Name)
	}
	return names
}

// An Output is the result of a generator. Generators never write to disk; paths
// are relative to the module root.
type Output struct {
	Files    []File
	Runtime  []string      // names of the run-time packages that the files use
	Requires []Requirement // modules that the run-time packages use
	Steps    []Step        // commands to run afterwards
}

// A File is a file to be written to the module: generated code, or a file from
// which clients in other languages are made.
type File struct {
	Path    string
	Content []byte
}

// A Requirement is a module that the generated code imports.
type Requirement struct {
	Path, Version string
	Packages      []string // the packages imported, for go.sum
}

// A Step is a command that makes something outside of the module from the
// generated files: a package for another language, an image. Generators run no
// commands; the user does.
type Step struct {
	Name    string   // what is made: "Python client of pricing"
	Command []string // run in the module's root
	Makes   []string // files or folders, relative to the module's root
	Tools   []Tool   // the programs that the command needs
}

// A Tool is an external program that a step or a plug-in needs.
type Tool struct {
	Name string // as looked up on PATH
	For  string // what needs it: "making clients from a .proto file"
	Find string // how to install it
	// Version are the arguments that make it print its version. Empty: --version.
	Version []string
}
