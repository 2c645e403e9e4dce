package thread

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// starts are the names of functions that run a program, for as long as it runs.
var starts = regexp.MustCompile(`^(Run|Start|Serve|Main|Execute|Launch)([A-Z]|$)`)

// started reports a method that the program runs by as by main: package main gives the
// only values of its type to a function of another module that runs them, in main
// itself, which has no context either.
func (t *Threader) started(d *code.Decl) bool {
	recv := d.Obj.Signature().Recv()
	if recv == nil || d.File.Pkg.Pkg.Name != "main" || d.File.Test {
		return false
	}
	named := named(recv.Type())
	if named == nil {
		return false
	}
	if known, ok := t.runs[named.Obj()]; ok {
		return known
	}
	t.runs[named.Obj()] = t.ranByMain(named)
	return t.runs[named.Obj()]
}

// ranByMain reports a type whose values are made in main, and only given to functions
// that run them. Its own methods may do with them what they like.
func (t *Threader) ranByMain(n *types.Named) bool {
	given := false
	for _, f := range t.World.Files {
		if f.Unbuilt || f.Pkg.Pkg.Path != n.Obj().Pkg().Path() {
			continue
		}
		ok := true
		f.Walk(func(node ast.Node, stack []ast.Node) {
			id, is := node.(*ast.Ident)
			if !is || !ok {
				return
			}
			obj := f.Pkg.Info.Uses[id]
			if obj == nil || t.ownMethod(f, stack, n) {
				return
			}
			switch obj := obj.(type) {
			case *types.TypeName:
				if t.World.Key(obj) == t.World.Key(n.Obj()) {
					ran, plain := t.runHere(f, stack)
					ok, given = plain, given || ran
				}
			case *types.Var:
				if m := named(obj.Type()); m != nil && t.World.Key(m.Obj()) == t.World.Key(n.Obj()) {
					ran, _ := t.runHere(f, stack)
					ok, given = ran, given || ran
				}
			}
		})
		if !ok {
			return false
		}
	}
	return given
}

// ownMethod reports whether a place is inside a method of n.
func (t *Threader) ownMethod(f *code.File, stack []ast.Node, n *types.Named) bool {
	d, ok := stack[1].(*ast.FuncDecl)
	if !ok || d.Recv == nil {
		return false
	}
	fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return false
	}
	m := named(fn.Signature().Recv().Type())
	return m != nil && t.World.Key(m.Obj()) == t.World.Key(n.Obj())
}

func inMain(stack []ast.Node) bool {
	d, ok := stack[1].(*ast.FuncDecl)
	return ok && d.Recv == nil && d.Name.Name == "main"
}

// runHere reports whether main gives a value to a function of another module which runs
// it, and which there is no context for: the variable, or the literal of the type, whose
// name ends the path. made reports as well a literal that a variable gets, and the type
// of one that is declared.
func (t *Threader) runHere(f *code.File, stack []ast.Node) (ran, made bool) {
	if !inMain(stack) {
		return false, false
	}
	i := len(stack) - 1
	id := stack[i].(*ast.Ident)
	lit, literal := stack[i-1].(*ast.CompositeLit)
	if literal && lit.Type == ast.Expr(id) {
		i--
	}
	if u, ok := stack[i-1].(*ast.UnaryExpr); ok && u.X == stack[i] {
		i--
	}
	switch p := stack[i-1].(type) {
	case *ast.AssignStmt:
		_, plain := p.Lhs[0].(*ast.Ident)
		return false, literal && plain && len(p.Lhs) == 1
	case *ast.ValueSpec:
		return false, true
	case *ast.CallExpr:
		fn := f.Callee(p)
		if p.Fun == stack[i] || fn == nil || t.World.FileOf(fn) != nil || !starts.MatchString(fn.Name()) {
			return false, false
		}
		r := mention{&code.Ref{File: f, Fn: fn, ID: id, Path: slices.Clone(stack)}}
		v, dead := t.contextVar(r)
		ran = v == nil && dead == nil && r.lookup(t.carriesContext) == nil
		return ran, ran
	}
	return false, false
}
