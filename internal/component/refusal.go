package component

import (
	"errors"
	"fmt"
	"strings"
)

// A Refusal is the error of an operation that can't be done on this code as it
// is. It holds all reasons with their positions, sorted. Front ends exit with
// status 4.
type Refusal struct {
	What     string    // the operation and its object: "extract ./pricing.Engine"
	Problems []Problem // at least one
}

// Refuse returns a Refusal of what with the problems ps, which it sorts.
func Refuse(what string, ps ...Problem) *Refusal {
	return &Refusal{What: what, Problems: SortProblems(ps)}
}

func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: refused", r.What)
	for _, p := range r.Problems {
		b.WriteString("\n\t" + p.AtPlace())
		if p.Hint != "" {
			fmt.Fprintf(&b, " (%s)", p.Hint)
		}
	}
	return b.String()
}

// A UsageError reports wrong use or wrong configuration, as opposed to code
// that can't be handled. Front ends exit with status 2.
type UsageError struct {
	Object string // what is wrong: a target, a file, a flag
	Reason string
	Hint   string // the next step; may be empty

	// Problems are the mistakes in a file, each with its code.
	Problems []Problem // where a file is wrong: each mistake with its code
}

func (e *UsageError) Error() string {
	if e.Object == "" { // what is wrong is in no file
		return e.Reason
	}
	return e.Object + ": " + e.Reason
}

// A LoadError reports that code could not be loaded: no go.mod, no matching
// packages, code that doesn't type-check. Front ends exit with status 3.
type LoadError struct {
	Object   string
	Reason   string
	Hint     string
	Problems []Problem
}

func (e *LoadError) Error() string {
	var b strings.Builder
	b.WriteString(e.Object + ": " + e.Reason)
	for _, p := range e.Problems {
		b.WriteString("\n\t" + p.AtPlace())
	}
	return b.String()
}

// HintOf returns the hint of err, the next step for the user, or "" where it
// has none.
func HintOf(err error) string {
	if u, ok := errors.AsType[*UsageError](err); ok {
		return u.Hint
	}
	if l, ok := errors.AsType[*LoadError](err); ok {
		return l.Hint
	}
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return h.Hint()
	}
	return ""
}
