package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A local is a function literal that stands in a variable of the function around it and is
// only called there, by the variable: it can gain an error result as a function can.
type local struct {
	decl     *code.Decl // the literal as a function of the variable's name
	refs     []*code.Ref
	declared *ast.FuncType // the type of the variable where it is written; nil elsewhere
}

// localAround returns the local that the innermost function literal around r is, or nil.
func (t *Threader) localAround(r mention) *local {
	lit := r.enclosing()
	l, known := t.locals[lit]
	if !known {
		l = t.findLocal(r, lit)
		t.locals[lit] = l
		if l != nil {
			t.localOf[t.World.Key(l.decl.Obj)] = l
		}
	}
	return l
}

func (t *Threader) findLocal(r mention, lit *ast.FuncLit) *local {
	f := r.File
	i := slices.Index(r.Path, ast.Node(lit))
	sig, ok := f.Pkg.Info.TypeOf(lit).(*types.Signature)
	d := r.decl()
	if i < 1 || !ok || d == nil {
		return nil
	}
	if n := sig.Results().Len(); n > 0 && crossing.IsError(sig.Results().At(n-1).Type()) {
		return nil
	}
	var id *ast.Ident
	switch p := r.Path[i-1].(type) {
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && (p.Tok == token.DEFINE || p.Tok == token.ASSIGN) {
			id, _ = p.Lhs[0].(*ast.Ident)
		}
	case *ast.ValueSpec:
		if len(p.Names) == 1 && p.Type == nil {
			id = p.Names[0]
		}
	}
	if id == nil {
		return nil
	}
	v, ok := f.Pkg.Info.ObjectOf(id).(*types.Var)
	if !ok || v.Pos() < d.Pos() || v.Pos() >= d.End() || !types.Identical(v.Type(), sig) {
		return nil
	}
	if _, named := types.Unalias(v.Type()).(*types.Named); named {
		return nil
	}
	l := &local{decl: &code.Decl{File: f, Func: &ast.FuncDecl{Name: id, Type: lit.Type, Body: lit.Body}, Obj: types.NewFunc(v.Pos(), v.Pkg(), v.Name(), sig)}}
	fine := true
	f.WalkIn(d, func(n ast.Node, stack []ast.Node) {
		other, is := n.(*ast.Ident)
		if !is || !fine || f.Pkg.Info.ObjectOf(other) != types.Object(v) {
			return
		}
		parent := stack[len(stack)-2]
		switch p := parent.(type) {
		case *ast.CallExpr:
			if fine = p.Fun == ast.Expr(other); fine {
				switch stack[len(stack)-3].(type) {
				case *ast.GoStmt, *ast.DeferStmt:
					fine = false
				}
				l.refs = append(l.refs, &code.Ref{File: f, Fn: l.decl.Obj, ID: other, Call: p, Path: slices.Clone(stack)})
			}
		case *ast.ValueSpec:
			if other != id { // var f func(int) int, which is set later
				l.declared, _ = p.Type.(*ast.FuncType)
				fine = len(p.Names) == 1 && len(p.Values) == 0 && l.declared != nil
			}
		default:
			fine = other == id
		}
	})
	if !fine || v.Pos() != id.Pos() && l.declared == nil {
		return nil
	}
	return l
}

// sinkOfLocal is the sink of a call in a local, which is to gain an error result.
func (t *Threader) sinkOfLocal(r mention) (sink, bool) {
	l := t.localAround(r)
	if l == nil || t.Fixed {
		return sink{}, false
	}
	if c := t.changes[t.World.Key(l.decl.Obj)]; c != nil && c.Err {
		return t.returning(r, t.signatureAt(r), true)
	}
	if t.grown >= t.Limit {
		return sink{}, false
	}
	return sink{thread: l.decl}, true
}

// changedLocal reports a call of a local that gains an error.
func (t *Threader) changedLocal(f *code.File, call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := f.Pkg.Info.Uses[id].(*types.Var)
	return ok && t.localOf[t.World.Key(v)] != nil && t.changes[t.World.Key(v)] != nil
}
