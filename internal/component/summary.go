package component

import (
	"cmp"
	"fmt"
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
	Imports   []Import    `json:"imports"`             // sorted by path
	Decls     []Decl      `json:"decls"`               // package-level declarations, sorted by name; methods go with their type
	Refs      []Ref       `json:"refs"`                // references to declarations of this module, sorted
	Problems  []Problem   `json:"problems,omitempty"`  // hazards seen in this package alone, and load errors
	Contracts []Signature `json:"contracts,omitempty"` // exported API, for hazards that need both sides
	// InOut are the parameters of its interfaces' methods that directives let
	// travel back.
	InOut []InOut `json:"inOut,omitempty"`
	// Facts are of its functions, in the order in which they stand, for the
	// analyzers that need the whole program.
	Facts []FunctionFacts `json:"facts,omitempty"`
}

// An Import is one import path of a package, at the first place that names it.
type Import struct {
	Path string    `json:"path"`
	Span text.Span `json:"span"`
}

// DeclID names a package-level declaration. Import paths may have dots in their
// last element, so the two parts are kept apart.
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

// An InOut is a parameter whose memory a method changes, and that travels back
// because a directive at the method says so.
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
	// Constructor: it makes a value with methods of its own package, so it runs
	// where the component is hosted and doesn't cross.
	Constructor bool      `json:"constructor,omitempty"`
	Problems    []Problem `json:"problems,omitempty"`
	Span        text.Span `json:"span"`
}

// String returns the name as people write it, import/path.Name. The package can't
// be read back from it.
func (d DeclID) String() string { return d.Pkg + "." + d.Name }

// Compare orders declarations by package, then by name.
func (d DeclID) Compare(e DeclID) int {
	return cmp.Or(strings.Compare(d.Pkg, e.Pkg), strings.Compare(d.Name, e.Name))
}

// MarshalText and UnmarshalText are for the cache: a space is in neither part.
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
