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
	Package string // import path; empty for a method value and the like, which only pass a call on
	// Data: a method of a plain value, which is copied into every process.
	Data bool
	// Constructor: it makes a value with methods of its own package, so it runs
	// where the component does.
	Constructor bool
	// Bytes estimates the arguments and results as one message each.
	Bytes int
	Calls []Call // in source order
	Span  text.Span
}

// A Call is one place that calls something of the module.
type Call struct {
	To        []int // the functions that it may reach, by index, ascending
	Interface bool  // through an interface
	Variable  bool  // through an interface that a package variable holds
	Loop      bool  // it stands in a loop
	// Unknown is why it isn't known what is called, or empty. To is empty then.
	Unknown string
	Span    text.Span
}

// EntryKind says how a program is entered.
type EntryKind string

// The kinds of entries.
const (
	EntryRoute EntryKind = "route" // a handler that is registered under a path
	EntryMain  EntryKind = "main"  // a program's main, with initialisation
	EntryRoot  EntryKind = "root"  // called from outside the module only, as far as can be seen
)

// An Entry is where a program is entered from outside.
type Entry struct {
	Kind EntryKind
	Name string // GET /quote, cmd/shop, orders.Worker.Run
	// Functions that run, by index; none where the handler can't be followed.
	Functions []int
	Span      text.Span
}
