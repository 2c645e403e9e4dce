package contract

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// Arguments finds the parameters that the functions of pkgs, packages of one Load,
// change for their callers. Test variants and packages with problems are ignored. It
// is found out once, see source.Derive.
func Arguments(snap *source.Snapshot, pkgs []*source.Package) *argument.Linked {
	pkgs = source.Plain(pkgs)
	linked, err := source.Derive(context.Background(), snap, "arguments", pkgs, func() (*argument.Linked, error) {
		return changedArguments(pkgs, snap.Span), nil
	})
	if err != nil {
		return changedArguments(pkgs, snap.Span) // who began with it panicked
	}
	return linked
}

func changedArguments(pkgs []*source.Package, span func(fset *token.FileSet, pos, end token.Pos) text.Span) *argument.Linked {
	local := map[string]bool{}
	for _, p := range pkgs {
		local[p.Pkg.Path] = true
	}
	facts := map[component.Subject][]argument.Fact{}
	for _, p := range pkgs {
		if p.IllTyped() || p.Info == nil {
			continue
		}
		src := &argument.Source{Info: p.Info, Local: func(path string) bool { return local[path] },
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
func (b *builder) arguments(m *component.Method, fn *types.Func, decision crossing.Decision) {
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
		if m.Params[i].Direction != "" {
			continue // to be read, written and called is what a stream is for
		}
		if way := decision.Ways[i]; way.Step != nil && way.Step.How == crossing.AsHandle {
			continue // it is the component's own value
		}
		v := fn.Signature().Params().At(i + first)
		var by []argument.Mutation
		for _, x := range changed {
			if x.Param == i+first {
				by = append(by, x)
			}
		}
		wanted := b.opts.InOut != nil && b.opts.InOut(fn, i+first, len(by) > 0)
		if wanted && argument.Travels(v.Type()) {
			m.Params[i].InOut = true
			continue
		}
		cant := ""
		if wanted {
			cant = argument.CantTravel
		}
		for _, x := range by {
			b.changes(m, fn, m.Name, m.Name, x, cant)
		}
	}
}

// changes records that an argument of a method, of the contract or of a handle, is
// changed and doesn't travel back. path is that of the method's lineage, and cant
// says why it can't travel back although that was asked for, or is empty.
func (b *builder) changes(m *component.Method, fn *types.Func, path, name string, x argument.Mutation, cant string) {
	p := component.Problem{Code: CodeMutates, Severity: component.Warn, Component: b.opts.Component, Subject: Subject(fn),
		Path: path + "(" + x.Parameter() + ")", Span: x.Here, Message: x.Why(name), Hint: x.Hint(name)}
	if path != m.Name {
		cant = "nothing travels back from a handle"
	}
	if cant != "" {
		p.Message += "; " + cant
		p.Hint = "return the new value: unweld refactor return-changes"
	}
	if x.Certain {
		p.Severity = component.Error
		if m.Local == "" {
			m.Local = p.Message
		}
	}
	b.problems = append(b.problems, p)
}

// behind records what the methods of the handles that m returns do to their
// arguments: from there nothing travels back.
func (d *describe) behind(m *component.Method, fn *types.Func) {
	if m.Local != "" || d.opts.Changed == nil {
		return
	}
	for _, h := range d.handles {
		for _, x := range d.opts.Changed(h) {
			if t := d.found[ID(h.Signature().Params().At(x.Param).Type())]; t != nil && t.Kind == component.KindHandle {
				continue // a value of the component's own
			}
			d.changes(m, fn, m.Name+"()."+h.Name(), h.Name(), x, "")
		}
	}
}

// CodeMutates is the code of an argument that is changed by the callee and
// isn't an in-out parameter.
const CodeMutates = "callee-mutates-argument"
