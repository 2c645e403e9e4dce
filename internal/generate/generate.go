// Package generate defines what generators take and give: a contract and its
// schema in, files and what else has to be made out, all as data. Bindings and
// stores share it.
package generate

import (
	"io/fs"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// A Request says what to generate. Generators only read it.
type Request struct {
	Contract *component.Contract
	// Schema is the contract's on the wire, with every number given: built once,
	// and the same for all generators.
	Schema  *schema.Schema
	Module  string            // module path of the user's module
	Package component.Package // the package the generated code goes into
	Runtime string            // import path of the copied run-time: MODULE/internal/unweld
	// Store says that the component's state is kept in a store, whose generator
	// emits openStore (unweldOpenStore for FormFuncs) into Package.
	Store bool
	// Options are the values of the options that the generator declares, each of
	// them: where nothing was given, its default.
	Options Options
}

// A Package is a run-time package that generated code needs. Of its source, what
// the user's module uses is copied into the module.
type Package struct {
	Name   string // as in the user's module: MODULE/internal/unweld/NAME
	Source fs.FS
	Dir    string // the package's folder in Source
	// Keep are the declarations for people's code, which are copied whether or not
	// it uses them yet.
	Keep []string
}

// Names are the names of packages.
func Names(packages []Package) []string {
	var names []string
	for _, p := range packages {
		names = append(names, p.Name)
	}
	return names
}

// Output is what a generator made. Generators never touch the disk; paths are
// relative to the module root.
type Output struct {
	Files    []File
	Runtime  []string      // names of the run-time packages it needs, of those in the tables
	Requires []Requirement // modules the run-time needs
	Steps    []Step        // what else has to be made, and can't be a file of the module
}

// A File is one file of the module: generated code, or whatever callers in other
// languages start from.
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
// generated files: a package for another language, an image. Generating runs
// none; it says what to run.
type Step struct {
	Name    string   // what is made: "Python client of pricing"
	Command []string // run in the module's root
	Makes   []string // the files or folders, relative to the module's root
	Tools   []Tool   // the programs that the command needs
}

// A Tool is a program that a step or a plug-in needs.
type Tool struct {
	Name string // as looked up on PATH
	For  string // what needs it: "making clients from a .proto file"
	Find string // how to get it
	// Version are the arguments that make it print its version. Empty: --version.
	Version []string
}
