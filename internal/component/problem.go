package component

import (
	"cmp"
	"slices"

	"github.com/unweld/unweld/internal/text"
)

// Severity says how much a Problem matters.
type Severity string

const (
	Error Severity = "error" // stops a split, or the operation
	Warn  Severity = "warning"
	Info  Severity = "info"
)

// A Problem reports something about the user's code or configuration. Problems
// in the input are data: operations return them together with a result, and
// return an error only if they can't do their job.
type Problem struct {
	Code      string    `json:"name"` // hazard or rule name, as in docs/hazards.md
	Severity  Severity  `json:"severity"`
	Component string    `json:"component,omitempty"`
	Subject   Subject   `json:"subject,omitzero"` // the declaration concerned, if there is one
	Path      string    `json:"path,omitempty"`   // lineage of the offending type: Order.Lines[].done (chan bool)
	Span      text.Span `json:"span"`
	Message   string    `json:"message"` // lower case, no full stop
	Hint      string    `json:"hint,omitempty"`
	Related   []Related `json:"related,omitempty"`
	Fixes     []Fix     `json:"fixes,omitempty"` // alternatives: each resolves it alone
}

// A Subject is a package-level declaration, or a member of one.
type Subject struct {
	Decl   DeclID `json:"decl,omitzero"`
	Member string `json:"member,omitempty"` // method or field
}

// String returns the subject as evidence names it: import/path.Decl.Member.
func (s Subject) String() string {
	if s.Member == "" {
		return s.Decl.String()
	}
	return s.Decl.String() + "." + s.Member
}

// A Related is another position that explains a Problem.
type Related struct {
	Span    text.Span `json:"span"`
	Message string    `json:"message"`
}

// AtPlace returns the message, preceded by the position where there is one.
func (p Problem) AtPlace() string {
	if at := p.Span.String(); at != "" {
		return at + ": " + p.Message
	}
	return p.Message
}

// SortProblems sorts ps, in place, by position, code and message, and returns
// it without exact duplicates.
func SortProblems(ps []Problem) []Problem {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Component, b.Component), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.Span == b.Span && a.Code == b.Code && a.Component == b.Component && a.Path == b.Path && a.Message == b.Message
	})
}
