// Package generate defines what generators take and give: a contract in, files
// as data out. Bindings and stores share it.
package generate

import "github.com/unweld/unweld/internal/component"

// A Request says what to generate.
type Request struct {
	Contract *component.Contract
	Module   string            // module path of the user's module
	Package  component.Package // the package the generated code goes into
	Runtime  string            // import path of the copied run-time: MODULE/internal/unweld
	// Store says that the component's state is kept in a store, whose generator
	// emits openStore (unweldOpenStore for FormFuncs) into Package.
	Store bool
	// Requests identify the wire forms of each method's request, by its name: the
	// present one last, before it those that can be read as the present one. A
	// store keeps them beside what it wrote.
	Requests map[string][]string
}

// Output is what a generator made. Generators never touch the disk; paths are
// relative to the module root.
type Output struct {
	Files    []File
	Runtime  []string      // names of the run-time packages it needs: "wire", "link", "unix"
	Requires []Requirement // modules the run-time needs
}

// A File is one file of generated code.
type File struct {
	Path    string
	Content []byte
}

// A Requirement is a module that the generated code imports.
type Requirement struct {
	Path, Version string
	Packages      []string // the packages imported, for go.sum
}
