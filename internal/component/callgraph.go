package component

import "github.com/unweld/unweld/internal/text"

// A CallGraph says which functions of a program call which. Functions outside
// the module aren't in it.
type CallGraph struct {
	Functions []Function // sorted by ID
	Entries   []Entry    // sorted by kind, then name
}

// A Function is one function, method or function literal with a body.
type Function struct {
	ID      string // example.com/shop/orders.Service.Place; function literals end in $1
	Package string // import path; empty for wrappers such as method values, which only forward a call
	// Data: it is a method of a plain value, which is copied to every process
	// that uses it.
	Data bool
	// Constructor: it returns a value with methods of its own package, so it
	// runs where the component is hosted.
	Constructor bool
	// Bytes is an estimate of the size of its arguments and results, as one
	// message each.
	Bytes int
	Calls []Call // in source order
	Span  text.Span
}

// A Call is a call site that calls functions of the module.
type Call struct {
	To        []int // indexes of the functions that it may call, ascending
	Interface bool  // through an interface
	Variable  bool  // through an interface held by a package variable
	Loop      bool  // the call is in a loop
	// Unknown says why the callees aren't known, or is empty. If it is set, To
	// is empty.
	Unknown string
	Span    text.Span
}

// EntryKind says how a program is entered.
type EntryKind string

// The kinds of entries.
const (
	EntryRoute EntryKind = "route" // a handler that is registered under a path
	EntryMain  EntryKind = "main"  // a program's main, with initialisation
	EntryRoot  EntryKind = "root"  // called from other modules only, as far as the analysis sees
)

// An Entry is a point where a program is entered from outside.
type Entry struct {
	Kind EntryKind
	Name string // GET /quote, cmd/shop, orders.Worker.Run
	// Functions are the indexes of the functions that run; empty where the
	// handler is computed and can't be resolved.
	Functions []int
	Span      text.Span
}
