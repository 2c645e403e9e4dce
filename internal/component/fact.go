package component

import (
	"slices"

	"github.com/unweld/unweld/internal/text"
)

// FunctionFacts are the facts of one function or method.
type FunctionFacts struct {
	Of Subject   `json:"of"`
	At text.Span `json:"at"` // position of the function
	// By holds the facts of each analyzer that has some. Their spans are
	// relative to At, so that they stay valid while the function moves. They
	// are shared and must not be changed.
	By []AnalyzerFacts `json:"by"`
}

// AnalyzerFacts are the facts that one analyzer found about a function.
type AnalyzerFacts struct {
	Analyzer string `json:"analyzer"`
	Facts    []Fact `json:"facts"`
}

// A FactsOf holds the facts of one analyzer for one function. They must not be
// changed.
type FactsOf struct {
	In    *FunctionFacts
	Facts []Fact // not empty
}

// Only returns the facts of one analyzer.
func (f *FunctionFacts) Only(analyzer string) []Fact {
	for i := range f.By {
		if f.By[i].Analyzer == analyzer {
			return f.By[i].Facts
		}
	}
	return nil
}

// Placed returns a fact with its spans as positions in the file.
func (f *FunctionFacts) Placed(fact Fact) Fact {
	if fact.More != nil {
		more := *fact.More
		fact.More = &more
		if fix := more.Fix; fix != nil {
			more.Fix = &Fix{fix.Title, slices.Clone(fix.Edits)}
		}
	}
	fact.EachSpan(func(sp *text.Span) { *sp = sp.At(f.At) })
	return fact
}

// A Fact is one thing that an analyzer found about a function, for a decision
// about the whole program: that it calls something, that it holds a lock there.
// Facts are stored in the Summary of their package, so that an unchanged
// function isn't analysed again. The function is named once, by the
// FunctionFacts that holds its facts: a program has tens of thousands of them.
type Fact struct {
	Kind string    `json:"kind"` // defined by the analyzer
	To   Subject   `json:"to,omitzero"`
	Text string    `json:"text,omitempty"`
	Span text.Span `json:"span,omitzero"`  // position in the function
	More *More     `json:"more,omitempty"` // rarely used fields
}

// More holds the fields that few facts use.
type More struct {
	At  text.Span `json:"at,omitzero"` // a second position in the function
	Via Subject   `json:"via,omitzero"`
	Fix *Fix      `json:"fix,omitempty"` // a change that removes the hazard
	// Needs lists conditions, in a form known to the analyzer, under which Fix
	// isn't safe if one of them holds anywhere in the program.
	Needs []string `json:"needs,omitempty"`
}

// Via returns the second function of a fact, or the zero Subject.
func (f *Fact) Via() Subject {
	if f.More == nil {
		return Subject{}
	}
	return f.More.Via
}

// At returns the second position of a fact, or the zero Span.
func (f *Fact) At() text.Span {
	if f.More == nil {
		return text.Span{}
	}
	return f.More.At
}

// EachSpan calls visit for every span of the fact, so that it can be moved with
// its declaration.
func (f *Fact) EachSpan(visit func(*text.Span)) {
	visit(&f.Span)
	if f.More == nil {
		return
	}
	visit(&f.More.At)
	if fix := f.More.Fix; fix != nil {
		for i := range fix.Edits {
			visit(&fix.Edits[i].Span)
		}
	}
}

// A Fix is a change of the source that resolves a problem. Its edits don't
// overlap. Offsets refer to the content that was analysed.
type Fix struct {
	Title string `json:"title"` // for menus: "call before the lock is taken"
	Edits []Edit `json:"edits"`
}

// An Edit replaces the text of a span. An empty span inserts.
type Edit struct {
	Span text.Span `json:"span"`
	New  string    `json:"new"`
}
