package component

import (
	"errors"
	"fmt"
	"strings"
)

// A Refusal is the error of an operation that can't be done on this code as
// it is: all reasons with their positions, collected and sorted.
type Refusal struct {
	What     string    // the object: "extract ./pricing.Engine"
	Problems []Problem // at least one
}

// Refuse returns a Refusal of what for ps, which it sorts.
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

// UsageError is wrong use or wrong configuration, as opposed to code that
// can't be handled. Front ends exit with status 2 for it.
type UsageError struct {
	Object string // what is wrong: a target, a file, a flag
	Reason string
	Hint   string // the next step; may be empty

	Problems []Problem // where a file is wrong: each mistake with its code
}

func (e *UsageError) Error() string { return e.Object + ": " + e.Reason }

// LoadError is code that could not be loaded: no go.mod, no packages matched.
// Front ends exit with status 3 for it.
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

// HintOf returns the next step that err offers, or "".
func HintOf(err error) string {
	if u, ok := errors.AsType[*UsageError](err); ok {
		return u.Hint
	}
	if l, ok := errors.AsType[*LoadError](err); ok {
		return l.Hint
	}
	return ""
}
