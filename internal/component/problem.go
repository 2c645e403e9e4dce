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

// A Problem is something the user should know of their code or configuration.
// Broken input is data: operations return problems beside their result, and an
// error only when the job could not be done.
type Problem struct {
	Code      string    `json:"name"` // hazard or rule name, as in docs/hazards.md
	Severity  Severity  `json:"severity"`
	Component string    `json:"component,omitempty"`
	Subject   Subject   `json:"subject,omitzero"` // the declaration that it is about, where it is about one
	Path      string    `json:"path,omitempty"`   // lineage of the offending type: Order.Lines[].done (chan bool)
	Span      text.Span `json:"span"`
	Message   string    `json:"message"` // lower case, no full stop
	Hint      string    `json:"hint,omitempty"`
	Related   []Related `json:"related,omitempty"`
	Fixes     []Fix     `json:"fixes,omitempty"` // ways to take care of it; each alone is enough
}

// A Subject is a package-level declaration, or a member of one.
type Subject struct {
	Decl   DeclID `json:"decl,omitzero"`
	Member string `json:"member,omitempty"` // method or field
}

// String is the subject as evidence names it: import/path.Decl.Member.
func (s Subject) String() string {
	if s.Member == "" {
		return s.Decl.String()
	}
	return s.Decl.String() + "." + s.Member
}

// Related is a second place that explains a Problem.
type Related struct {
	Span    text.Span `json:"span"`
	Message string    `json:"message"`
}

// AtPlace is the message with its place before it, where it has one.
func (p Problem) AtPlace() string {
	if at := p.Span.String(); at != "" {
		return at + ": " + p.Message
	}
	return p.Message
}

// SortProblems orders problems by position, then code, then message, and drops
// exact repetitions.
func SortProblems(ps []Problem) []Problem {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Component, b.Component), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.Span == b.Span && a.Code == b.Code && a.Component == b.Component && a.Path == b.Path && a.Message == b.Message
	})
}
