package analyzers

import (
	"fmt"
	"iter"
	"sync"

	"github.com/unweld/unweld/internal/component"
)

// A Program is the input of the whole-program phase. Under go vet it is one
// package with its dependencies, and Result and Summaries are nil. It isn't
// safe for concurrent use.
type Program struct {
	// ComponentOf returns the component that a declaration belongs to, or "".
	ComponentOf func(component.DeclID) string
	// Contracts are the interfaces that unweld.yaml names, with their component.
	Contracts map[component.DeclID]string
	// Membership identifies the answers of ComponentOf and Contracts: programs
	// with the same Membership give the same answers. Empty: unknown, nothing
	// is reused.
	Membership string

	Summaries []*component.Summary
	Result    *component.Result // components and couplings; no hazards yet

	// InOut are the in-out parameters that directives declare; Asked are those
	// that bind was asked for, per component, as Method.param or "all".
	InOut []component.InOut
	Asked map[string][]string

	Memory *Memory // nil: nothing is kept

	facts []*factList
}

// A Memory keeps what analyzers worked out for one program, for reuse with the
// next one where the facts are the same. It isn't safe for concurrent use:
// programs that share a Memory run one after the other.
type Memory struct {
	mu    sync.Mutex
	kept  map[string]any                         // by analyzer
	lists map[*component.FunctionFacts]*factList // of the last program, by the first function
}

// Kept returns the value that the named analyzer stores in the memory of p from
// one program to the next. The first call stores a zero T. Callers of the same
// name must use the same T.
func Kept[T any](p *Program, analyzer string) *T {
	if p.Memory == nil {
		return new(T)
	}
	if p.Memory.kept == nil {
		p.Memory.kept = map[string]any{}
	}
	v, ok := p.Memory.kept[analyzer].(*T)
	if !ok {
		v = new(T)
		p.Memory.kept[analyzer] = v
	}
	return v
}

// A factList is the facts of one package, by analyzer.
type factList struct {
	functions []component.FunctionFacts
	by        map[string][]component.FactsOf // nil until it is asked for
	cut       map[string][]component.FactsOf // those of which some were left out
}

// index sorts the facts by analyzer.
func (l *factList) index() {
	if l.by != nil {
		return
	}
	l.by, l.cut = map[string][]component.FactsOf{}, map[string][]component.FactsOf{}
	for i := range l.functions {
		f := &l.functions[i]
		for _, of := range f.By {
			if len(of.Facts) == 0 {
				continue
			}
			facts := component.FactsOf{In: f, Facts: of.Facts}
			l.by[of.Analyzer] = append(l.by[of.Analyzer], facts)
			if of.Facts[len(of.Facts)-1].Kind == Cut {
				l.cut[of.Analyzer] = append(l.cut[of.Analyzer], facts)
			}
		}
	}
}

// AddFacts adds the facts of a package's functions. The program keeps the
// slice, which must not be changed afterwards.
func (p *Program) AddFacts(facts []component.FunctionFacts) {
	if len(facts) > 0 {
		p.facts = append(p.facts, &factList{functions: facts})
	}
}

// remember takes over what was sorted for the last program, with the memory
// locked.
func (p *Program) remember() {
	lists := map[*component.FunctionFacts]*factList{}
	for i, l := range p.facts {
		first := &l.functions[0]
		if old := p.Memory.lists[first]; old != nil && len(old.functions) == len(l.functions) {
			p.facts[i] = old
		}
		lists[first] = p.facts[i]
	}
	p.Memory.lists = lists
}

// Packages iterates over the packages in which the named analyzer has facts:
// for each, its functions in source order. A package whose facts are unchanged
// since an earlier program with the same Memory yields the identical slice.
func (p *Program) Packages(analyzer string) iter.Seq[[]component.FactsOf] {
	return func(yield func([]component.FactsOf) bool) {
		for _, l := range p.facts {
			l.index()
			if list := l.by[analyzer]; len(list) > 0 && !yield(list) {
				return
			}
		}
	}
}

// Functions iterates over the functions for which the named analyzer has facts,
// with these facts. They must not be changed.
func (p *Program) Functions(analyzer string) iter.Seq2[*component.FunctionFacts, []component.Fact] {
	return func(yield func(*component.FunctionFacts, []component.Fact) bool) {
		for list := range p.Packages(analyzer) {
			for _, of := range list {
				if !yield(of.In, of.Facts) {
					return
				}
			}
		}
	}
}

// Run runs the whole-program phase of rules, and reports the functions whose
// facts were cut. The problems are unsorted.
func (p *Program) Run(rules []*Analyzer) []component.Problem {
	if p.Memory != nil {
		p.Memory.mu.Lock()
		defer p.Memory.mu.Unlock()
		p.remember()
	}
	var all []component.Problem
	type cutFact struct {
		component.Fact
		of       component.Subject
		analyzer string
	}
	cut := map[component.Subject]cutFact{}
	for _, a := range WithRequired(rules) {
		for _, l := range p.facts {
			l.index()
			for _, of := range l.cut[a.Name] {
				cut[of.In.Of] = cutFact{of.In.Placed(of.Facts[len(of.Facts)-1]), of.In.Of, a.Name}
			}
		}
		if a.Program != nil {
			all = append(all, a.Program(p)...)
		}
	}
	for _, f := range cut {
		all = append(all, component.Problem{Code: "facts-cut", Severity: component.Info, Subject: f.of, Component: p.ComponentOf(f.of.Decl), Span: f.Span,
			Message: fmt.Sprintf("%s has %s places for %s to look at, and only %d are kept: hazards at the others aren't found", f.of, f.Text, f.analyzer, MaxFacts),
			Hint:    "split the function into smaller ones"})
	}
	return all
}
