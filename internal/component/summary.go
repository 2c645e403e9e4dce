package component

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// A Summary is everything that the model needs of one package, without syntax.
// It is cached on disk under a content hash. Summaries are shared and must not
// be changed.
type Summary struct {
	Package   Package     `json:"package"`
	Module    string      `json:"module"` // module path the package belongs to
	Test      bool        `json:"test,omitempty"`
	Generated bool        `json:"generated,omitempty"` // every file says "Code generated"
	Imports   []Import    `json:"imports"`             // sorted by path
	Decls     []Decl      `json:"decls"`               // package-level declarations, sorted by name; methods go with their type
	Refs      []Ref       `json:"refs"`                // references to declarations of this module, sorted
	Problems  []Problem   `json:"problems,omitempty"`  // hazards of this package alone, and load errors
	Contracts []Signature `json:"contracts,omitempty"` // exported functions and methods, for hazards that depend on caller and callee
	// InOut are the in-out parameters that directives declare on methods of
	// its interfaces.
	InOut []InOut `json:"inOut,omitempty"`
	// Facts are those of its functions, in source order, for analyzers with a
	// whole-program phase.
	Facts []FunctionFacts `json:"facts,omitempty"`
}

// An Import is an imported path, with the position where the package imports it
// first.
type Import struct {
	Path string    `json:"path"`
	Span text.Span `json:"span"`
}

// A DeclID names a package-level declaration. Import paths may have dots in
// their last element, so package and name are separate fields.
type DeclID struct {
	Pkg  string // import path
	Name string
}

// A Decl is one package-level declaration.
type Decl struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"` // func, type, var, const
	Span    text.Span `json:"span"`
	Lines   int       `json:"lines"`             // size, with methods
	Mutable bool      `json:"mutable,omitempty"` // a variable that is written after initialisation
	Methods []string  `json:"methods,omitempty"` // the methods of a type, sorted
}

// A Ref holds the references of one kind from one declaration to another.
type Ref struct {
	From   DeclID    `json:"from"`
	To     DeclID    `json:"to"`
	Kind   string    `json:"kind"`             // call, type, field, global, write, embed, method value ...
	Member string    `json:"member,omitempty"` // method or field of To
	Loop   bool      `json:"loop,omitempty"`   // at least one of them is in a loop
	Count  int       `json:"count"`
	Span   text.Span `json:"span"` // the first one
}

// An InOut is an in-out parameter: a method changes its memory, and a directive
// says that the change is copied back to the caller.
type InOut struct {
	Method Subject `json:"method"`
	Param  int     `json:"param"` // counted from 0
	Name   string  `json:"name"`
}

// A Signature is an exported function or method with the hazards of its types.
type Signature struct {
	Decl    DeclID `json:"decl"`
	Member  string `json:"member,omitempty"` // method name
	Context bool   `json:"context"`
	Error   bool   `json:"error"`
	// Constructor: it returns a value with methods of its own package, so it
	// runs where the component is hosted and doesn't cross.
	Constructor bool      `json:"constructor,omitempty"`
	Problems    []Problem `json:"problems,omitempty"`
	Span        text.Span `json:"span"`
}

// String returns import/path.Name. It can't be parsed back.
func (d DeclID) String() string { return d.Pkg + "." + d.Name }

// Compare orders declarations by package, then by name.
func (d DeclID) Compare(e DeclID) int {
	return cmp.Or(strings.Compare(d.Pkg, e.Pkg), strings.Compare(d.Name, e.Name))
}

// MarshalText encodes the name for the cache, as package and name with a space
// between them.
func (d DeclID) MarshalText() ([]byte, error) { return []byte(d.Pkg + " " + d.Name), nil }

// UnmarshalText is the inverse of MarshalText.
func (d *DeclID) UnmarshalText(b []byte) error {
	pkg, name, ok := strings.Cut(string(b), " ")
	if !ok {
		return fmt.Errorf("%q is not the name of a declaration", b)
	}
	*d = DeclID{pkg, name}
	return nil
}
