package bindable

import (
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// A Kind says what a component would be made of.
type Kind string

// The kinds.
const (
	OfType     Kind = "type"     // a type with state: its methods, and the functions that make or take it
	OfPackage  Kind = "package"  // the functions of a package, but for those of its types with state
	OfFunction Kind = "function" // one function
)

// Kinds are all kinds, in the order in which they are reported.
var Kinds = []Kind{OfType, OfPackage, OfFunction}

// A Subject is something exported that a component could be made of.
type Subject struct {
	Kind      Kind
	Package   string   // import path
	Name      string   // of the type or function; empty for a package
	Endpoints int      // of the whole contract
	Kept      bool     // the contract is the one that extract --keep-signatures writes
	Refused   []Reason // one for each endpoint that can't cross, in the order of the contract
	// Needs are the modes by which the endpoints that can cross do, beside plain
	// values, sorted: streams, values of open interfaces, arguments that travel back.
	Needs []component.Mode
	// Bindings are the names of those that carry the whole contract, in the order of
	// the table; empty where something is refused.
	Bindings []string

	provable bool // its package can be copied by itself
}

// A Reason says why an endpoint can't cross.
type Reason struct {
	Endpoint string
	Code     string   // of the first problem
	Codes    []string // of all problems of the endpoint, sorted, each once
	Path     string   // lineage of the offending type: "Order.Lines[].done"
	Message  string
	Hint     string
}

// Binds reports whether the whole contract can be called in another process by at
// least one binding.
func (s Subject) Binds() bool { return len(s.Bindings) > 0 }

// open reports whether some endpoint needs values of open interfaces.
func (s Subject) open() bool { return slices.Contains(s.Needs, component.ModeAny) }

// String names the subject as an import path, and a name in it.
func (s Subject) String() string {
	if s.Name == "" {
		return s.Package
	}
	return s.Package + "." + s.Name
}

// alone returns the one code that all reasons have, or "".
func (s Subject) alone() string {
	code := ""
	for _, r := range s.Refused {
		for _, c := range r.Codes {
			if code != "" && c != code {
				return ""
			}
			code = c
		}
	}
	return code
}
