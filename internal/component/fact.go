package component

import (
	"slices"

	"github.com/unweld/unweld/internal/text"
)

// FunctionFacts are the facts of one function or method.
type FunctionFacts struct {
	Of Subject   `json:"of"`
	At text.Span `json:"at"` // where the function stands
	// By holds the facts of each analyzer that has some. Their spans are relative
	// to At, so that they stay as they are while the function moves; they are
	// shared and must not be changed.
	By []AnalyzerFacts `json:"by"`
}

// AnalyzerFacts are what one analyzer found out about a function.
type AnalyzerFacts struct {
	Analyzer string `json:"analyzer"`
	Facts    []Fact `json:"facts"`
}

// FactsOf are the facts that one analyzer has of one function. They must not be
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

// Placed returns a fact with its spans as they stand in the file.
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

// A Fact is one thing that an analyzer found out about a function, for a
// decision that takes the whole program: that it calls something, that it holds
// a lock there. Facts are kept in the Summary of their package, so that the
// function isn't looked at again while it stays as it is. Which function it is of
// is said once, by the FunctionFacts that it stands in: a program has tens of
// thousands of facts.
type Fact struct {
	Kind string    `json:"kind"` // one of the analyzer's own
	To   Subject   `json:"to,omitzero"`
	Text string    `json:"text,omitempty"`
	Span text.Span `json:"span,omitzero"`  // the place in the function
	More *More     `json:"more,omitempty"` // what few facts say
}

// More is what few facts say beside the rest.
type More struct {
	At  text.Span `json:"at,omitzero"` // a second place in the function
	Via Subject   `json:"via,omitzero"`
	Fix *Fix      `json:"fix,omitempty"` // what could be done about it
	// Needs lists what must not happen anywhere for Fix to be safe, in the
	// analyzer's own words.
	Needs []string `json:"needs,omitempty"`
}

// Via returns the second function of a fact, or the zero Subject.
func (f *Fact) Via() Subject {
	if f.More == nil {
		return Subject{}
	}
	return f.More.Via
}

// At returns the second place of a fact, or the zero Span.
func (f *Fact) At() text.Span {
	if f.More == nil {
		return text.Span{}
	}
	return f.More.At
}

// EachSpan visits every position in the fact, so that it can be moved along
// with its declaration.
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

// A Fix is a change of the source that takes care of a problem. Its edits don't
// overlap. Each span has offsets, of the content that was analysed.
type Fix struct {
	Title string `json:"title"` // for menus: "call before the lock is taken"
	Edits []Edit `json:"edits"`
}

// An Edit replaces a span, which is empty where text is inserted.
type Edit struct {
	Span text.Span `json:"span"`
	New  string    `json:"new"`
}
