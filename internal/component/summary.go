package component

import (
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// A Summary is everything the model needs of one package, and no syntax. It
// is keyed by a content hash and cached on disk across processes.
type Summary struct {
	Package   Package     `json:"package"`
	Module    string      `json:"module"` // module path the package belongs to
	Test      bool        `json:"test,omitempty"`
	Generated bool        `json:"generated,omitempty"` // every file says "Code generated"
	Imports   []string    `json:"imports"`             // sorted import paths
	Decls     []Decl      `json:"decls"`               // package-level declarations, sorted by name; methods go with their type
	Refs      []Ref       `json:"refs"`                // references to declarations of this module, sorted
	Problems  []Problem   `json:"problems,omitempty"`  // hazards seen in this package alone, and load errors
	Contracts []Signature `json:"contracts,omitempty"` // exported API, for hazards that need both sides
}

// DeclID names a package-level declaration: "import/path.Name".
type DeclID string

// A Decl is one package-level declaration.
type Decl struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"` // func, type, var, const
	Span    text.Span `json:"span"`
	Lines   int       `json:"lines"`             // size, with methods
	Mutable bool      `json:"mutable,omitempty"` // var: written after initialisation
	Methods []string  `json:"methods,omitempty"` // type: its methods, sorted
}

// A Ref is a set of references between two declarations.
type Ref struct {
	From   DeclID    `json:"from"`
	To     DeclID    `json:"to"`
	Kind   string    `json:"kind"`             // call, type, field, global, write, embed, method value ...
	Member string    `json:"member,omitempty"` // method or field of To
	Loop   bool      `json:"loop,omitempty"`   // at least one stands in a loop
	Count  int       `json:"count"`
	Span   text.Span `json:"span"` // the first of them
}

// A Signature is an exported function or method with the hazards of its types.
type Signature struct {
	Decl    DeclID `json:"decl"`
	Member  string `json:"member,omitempty"` // method name
	Context bool   `json:"context"`
	Error   bool   `json:"error"`
	// Constructor: it makes a value with methods of its own package, so it runs
	// where the component is hosted and doesn't cross.
	Constructor bool      `json:"constructor,omitempty"`
	Problems    []Problem `json:"problems,omitempty"`
	Span        text.Span `json:"span"`
}

// Split returns the import path and the name of the declaration.
func (d DeclID) Split() (path, name string) {
	dot := strings.LastIndexByte(string(d), '.')
	return string(d[:max(dot, 0)]), string(d[dot+1:])
}
