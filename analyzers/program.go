package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Pass is the input of the per-function phase: one type-checked package.
// Function bodies other than that of the current function may be missing. It
// isn't safe for concurrent use.
type Pass struct {
	Fset     *token.FileSet
	Types    *types.Package
	Info     *types.Info
	Comments []*ast.CommentGroup // of the function's file
	// Local reports whether a package belongs to the program that is analysed.
	Local func(path string) bool
	// Span converts positions. Offsets in it are of the file that was parsed.
	Span func(pos, end token.Pos) text.Span
	// Broken is set where the package doesn't type-check: some expressions
	// have no type.
	Broken bool

	interfaces []*types.TypeName // nil until they are asked for
	shared     map[string]any    // by analyzer
}

// Shared returns the value that the named analyzer shares between the functions
// of one pass. The first call stores a zero T. It may only hold what follows
// from types: an edit of a function body doesn't reset it.
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
	// MaxFacts is how many facts one analyzer may keep per function; maxText
	// is the maximum length of the text of each, in bytes. Facts beyond the
	// limit are replaced by one fact of kind Cut.
	MaxFacts = 500
	maxText  = 200
)

// Cut is the kind of the fact that stands for facts dropped because of
// MaxFacts: what the analyzer knows of that function is incomplete.
const Cut = "cut"

// Facts runs the per-function phase of rules, and of what they require, on one
// function with a body. The facts are in the order in which they were found,
// those of a required analyzer first.
func Facts(rules []*Analyzer, pass *Pass, fn *ast.FuncDecl) []component.AnalyzerFacts {
	if fn.Body == nil {
		return nil
	}
	var all []component.AnalyzerFacts
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
		if cap(found) > len(found) { // they are kept for long
			found = append(make([]component.Fact, 0, len(found)), found...)
		}
		for i := range found {
			f := &found[i]
			f.Text = f.Text[:min(len(f.Text), maxText)]
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

// WithRequired returns rules and everything that they require, each once and in
// dependency order: a required analyzer comes before those that require it.
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
