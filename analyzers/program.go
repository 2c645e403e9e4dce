package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Pass is what the per-function phase knows: one type-checked package. Other
// functions of the package may have no body in it. One goroutine may use it at a
// time, for one function after the other.
type Pass struct {
	Fset     *token.FileSet
	Types    *types.Package
	Info     *types.Info
	Comments []*ast.CommentGroup // of the function's file
	// Local reports whether a package belongs to the program that is analysed.
	Local func(path string) bool
	// Span converts positions. Offsets in it are of the file that was parsed.
	Span func(pos, end token.Pos) text.Span
	// Broken says that the package doesn't type-check: some expressions have no
	// type.
	Broken bool

	interfaces []*types.TypeName // nil until they are asked for
	shared     map[string]any    // by analyzer
}

// Shared returns what the analyzer of the given name keeps in p from one function
// to the next, and begins it with a zero value. It must rest on types alone.
func Shared[T any](p *Pass, analyzer string) *T {
	v, ok := p.shared[analyzer].(*T)
	if !ok {
		if p.shared == nil {
			p.shared = map[string]any{}
		}
		v = new(T)
		p.shared[analyzer] = v
	}
	return v
}

// Interfaces lists the interfaces that the package declares by name, in order.
func (p *Pass) Interfaces() []*types.TypeName {
	if p.interfaces == nil {
		p.interfaces = []*types.TypeName{}
		scope := p.Types.Scope()
		for _, name := range scope.Names() {
			if tn, ok := scope.Lookup(name).(*types.TypeName); ok && !tn.IsAlias() && types.IsInterface(tn.Type()) {
				p.interfaces = append(p.interfaces, tn)
			}
		}
	}
	return p.interfaces
}

// MaxFacts is how many facts one analyzer may keep of one function, and
// maxText how long the text in each may be. What is left out is said by a fact
// of kind Cut.
const (
	MaxFacts = 500
	maxText  = 200
)

// Cut is the kind of the fact that stands for those that were left out: of that
// function not everything is known.
const Cut = "cut"

// Facts runs the per-function phase of rules, and of what they require, on one
// function with a body. The facts are in the order in which they were found,
// those of a required analyzer first.
func Facts(rules []*Analyzer, pass *Pass, fn *ast.FuncDecl) []component.AnalyzerFacts {
	if fn.Body == nil {
		return nil
	}
	var all []component.AnalyzerFacts
	of := SubjectOf(pass, fn)
	for _, a := range WithRequired(rules) {
		if a.Function == nil {
			continue
		}
		found := function(a, pass, fn)
		if len(found) > MaxFacts {
			found = append(found[:MaxFacts:MaxFacts], component.Fact{Kind: Cut, Text: fmt.Sprint(len(found)), Span: pass.Span(fn.Name.Pos(), fn.Name.End())})
		}
		if len(found) == 0 {
			continue
		}
		for i := range found {
			f := &found[i]
			f.Of, f.Text = of, f.Text[:min(len(f.Text), maxText)]
		}
		all = append(all, component.AnalyzerFacts{Analyzer: a.Name, Facts: found})
	}
	return all
}

// function runs the per-function phase of one analyzer. Code that doesn't
// type-check may lack the types that a rule counts on: what of it makes the
// rule panic counts as not wholly known.
func function(a *Analyzer, pass *Pass, fn *ast.FuncDecl) (found []component.Fact) {
	if pass.Broken {
		defer func() {
			if recover() != nil {
				found = []component.Fact{{Kind: Cut, Span: pass.Span(fn.Name.Pos(), fn.Name.End())}}
			}
		}()
	}
	return a.Function(pass, fn)
}

// WithRequired returns rules and all that they require, each once and after
// what it requires.
func WithRequired(rules []*Analyzer) []*Analyzer {
	var out []*Analyzer
	var add func(*Analyzer)
	add = func(a *Analyzer) {
		if slices.Contains(out, a) {
			return
		}
		for _, r := range a.Requires {
			add(r)
		}
		out = append(out, a)
	}
	for _, a := range rules {
		add(a)
	}
	return out
}

// SubjectOf names a function or method declaration.
func SubjectOf(pass *Pass, fn *ast.FuncDecl) component.Subject {
	if obj, ok := pass.Info.Defs[fn.Name].(*types.Func); ok {
		return Subject(obj)
	}
	return component.Subject{Decl: component.DeclID{Pkg: pass.Types.Path(), Name: fn.Name.Name}}
}

// Subject names a function, or a method by the type that declares it.
func Subject(fn *types.Func) component.Subject {
	fn = fn.Origin()
	pkg := ""
	if fn.Pkg() != nil {
		pkg = fn.Pkg().Path()
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return component.Subject{Decl: component.DeclID{Pkg: pkg, Name: fn.Name()}}
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	name := ""
	if n, ok := t.(*types.Named); ok {
		name = n.Obj().Name()
	}
	return component.Subject{Decl: component.DeclID{Pkg: pkg, Name: name}, Member: fn.Name()}
}

// A Program is what the whole-program phase knows. Under go vet it is one
// package with its dependencies, and Result and Summaries are nil.
type Program struct {
	// ComponentOf returns the component that a declaration belongs to, or "".
	ComponentOf func(component.DeclID) string
	// Contracts are the interfaces that unweld.yaml names, with their component.
	Contracts map[component.DeclID]string

	Summaries []*component.Summary
	Result    *component.Result // components and couplings; no hazards yet

	// InOut are the parameters that directives let travel back, and Asked those of
	// each component that bind was asked for, as Method.param or all.
	InOut []component.InOut
	Asked map[string][]string

	Memory *Memory // nil: nothing is kept

	facts [][]component.FunctionFacts
}

// A Memory keeps, from one program to the next, what an analyzer has worked out
// and what holds again for the same facts. Programs that share one run one after
// the other.
type Memory struct {
	mu   sync.Mutex
	kept map[string]any // by analyzer
}

// Kept returns what the analyzer of the given name keeps in the memory of p, and
// begins it with a zero value.
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

// AddFacts makes the facts of functions known to the program, which reads them
// where they are.
func (p *Program) AddFacts(facts []component.FunctionFacts) { p.facts = append(p.facts, facts) }

// Functions goes through the functions of which the analyzer of the given name
// has facts, with these.
func (p *Program) Functions(analyzer string) iter.Seq2[*component.FunctionFacts, []component.Fact] {
	return func(yield func(*component.FunctionFacts, []component.Fact) bool) {
		for _, list := range p.facts {
			for i := range list {
				if facts := list[i].Only(analyzer); len(facts) > 0 && !yield(&list[i], facts) {
					return
				}
			}
		}
	}
}

// Facts goes through the facts of the analyzer of the given name, those of one
// function together, with places as they stand now.
func (p *Program) Facts(analyzer string) iter.Seq[component.Fact] {
	return func(yield func(component.Fact) bool) {
		for f, facts := range p.Functions(analyzer) {
			for _, fact := range facts {
				if !yield(f.Placed(fact)) {
					return
				}
			}
		}
	}
}

// Run runs the whole-program phase of rules, and says of which functions not
// everything is known. The problems are in no order.
func (p *Program) Run(rules []*Analyzer) []component.Problem {
	if p.Memory != nil {
		p.Memory.mu.Lock()
		defer p.Memory.mu.Unlock()
	}
	var all []component.Problem
	type cutFact struct {
		component.Fact
		analyzer string
	}
	cut := map[component.Subject]cutFact{}
	for _, a := range WithRequired(rules) {
		for f, facts := range p.Functions(a.Name) {
			if last := &facts[len(facts)-1]; last.Kind == Cut {
				cut[f.Of] = cutFact{f.Placed(*last), a.Name}
			}
		}
		if a.Program != nil {
			all = append(all, a.Program(p)...)
		}
	}
	for _, f := range cut {
		all = append(all, component.Problem{Code: "facts-cut", Severity: component.Info, Subject: f.Of, Component: p.ComponentOf(f.Of.Decl), Span: f.Span,
			Message: fmt.Sprintf("%s has %s places of which %s wants to know, and %d are kept: hazards of the others aren't seen", f.Of, f.Text, f.analyzer, MaxFacts),
			Hint:    "cut the function into several"})
	}
	return all
}
