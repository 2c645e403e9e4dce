package contract

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// Arguments finds out which parameters the functions of pkgs change for their
// callers. Test variants and packages with problems are left out.
func Arguments(pkgs []*source.Package, span func(fset *token.FileSet, pos, end token.Pos) text.Span) *argument.Linked {
	local := map[string]bool{}
	for _, p := range pkgs {
		local[p.Pkg.Path] = true
	}
	facts := map[component.Subject][]argument.Fact{}
	for _, p := range pkgs {
		if p.ForTest != "" || p.IllTyped() || p.Info == nil {
			continue
		}
		src := argument.Source{Info: p.Info, Local: func(path string) bool { return local[path] },
			Span: func(pos, end token.Pos) text.Span { return span(p.Fset, pos, end) }}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if obj, ok := p.Info.Defs[fn.Name].(*types.Func); ok {
					if found := argument.Of(src, fn); len(found) > 0 {
						facts[argument.Subject(obj)] = found
					}
				}
			}
		}
	}
	return argument.Link(facts)
}

// arguments records what the implementations of fn do to their arguments, and
// which of these travel back. The endpoint stays local if one is certainly
// changed and doesn't.
func (b *builder) arguments(m *component.Method, fn *types.Func) {
	if m.Local != "" {
		return
	}
	var changed []argument.Mutation
	if b.opts.Changed != nil {
		changed = b.opts.Changed(fn)
	}
	first := 0
	if m.Context {
		first = 1
	}
	for i := range m.Params {
		v := fn.Signature().Params().At(i + first)
		var by []argument.Mutation
		for _, x := range changed {
			if x.Param == i+first {
				by = append(by, x)
			}
		}
		wanted := b.opts.InOut != nil && b.opts.InOut(fn, i+first, len(by) > 0)
		if wanted && travels(v.Type()) {
			m.Params[i].InOut = true
			continue
		}
		for _, x := range by {
			b.changes(m, fn, x, wanted)
		}
	}
}

// changes records that an argument is changed and doesn't travel back.
func (b *builder) changes(m *component.Method, fn *types.Func, x argument.Mutation, wanted bool) {
	p := component.Problem{Code: "callee-mutates-argument", Severity: component.Warn, Component: b.opts.Component, Subject: Subject(fn),
		Path: m.Name + "(" + x.Parameter() + ")", Span: x.Here, Message: x.Why(m.Name), Hint: x.Hint(m.Name)}
	if wanted {
		p.Message += "; it can't travel back, being neither a slice nor a map nor a pointer"
		p.Hint = "return the new value"
	}
	if x.Certain {
		p.Severity = component.Error
		if m.Local == "" {
			m.Local = p.Message
		}
	}
	b.problems = append(b.problems, p)
}

// travels reports whether what an argument of type t leads to can be put in the
// place of what it led to before.
func travels(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	}
	return false
}
