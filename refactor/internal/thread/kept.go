package thread

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// kept reports whether a function value may be called after the function that it is
// written in has returned: it is stored, returned, sent, or given to a function that
// does so. path goes from the file down to the value. A function of another module is
// believed to call what it gets before it returns, unless its name says otherwise.
func (t *Threader) kept(f *code.File, path []ast.Node) bool {
	k := keeper{t: t, seen: map[code.Key]bool{}}
	return k.value(f, path)
}

// A keeper follows one function value.
type keeper struct {
	t    *Threader
	seen map[code.Key]bool // variables that are being followed, or were
}

func (k *keeper) value(f *code.File, path []ast.Node) bool {
	i := len(path) - 1
	for ; i > 0; i-- {
		if _, paren := path[i-1].(*ast.ParenExpr); !paren {
			break
		}
	}
	if i <= 0 {
		return true
	}
	value := path[i]
	switch p := path[i-1].(type) {
	case *ast.ReturnStmt, *ast.CompositeLit, *ast.KeyValueExpr, *ast.SendStmt:
		return true
	case *ast.AssignStmt:
		for j, e := range p.Rhs {
			if e == value && len(p.Lhs) == len(p.Rhs) {
				return k.assigned(f, p.Lhs[j])
			}
		}
	case *ast.ValueSpec:
		for j, e := range p.Values {
			if e == value && len(p.Names) == len(p.Values) {
				return k.assigned(f, p.Names[j])
			}
		}
	case *ast.CallExpr:
		return k.argument(f, p, path[:i], value)
	}
	return false
}

// assigned reports whether what is assigned to e is kept.
func (k *keeper) assigned(f *code.File, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return true
	}
	if id.Name == "_" {
		return false
	}
	v, ok := f.Pkg.Info.ObjectOf(id).(*types.Var)
	return !ok || k.variable(f, v)
}

// variable reports whether what a variable holds is kept. Each of its mentions counts.
func (k *keeper) variable(f *code.File, v *types.Var) bool {
	key := k.t.World.Key(v)
	switch {
	case v.Pkg() != nil && v.Parent() == v.Pkg().Scope(), v.IsField():
		return true
	case k.seen[key]:
		return false
	}
	k.seen[key] = true
	found := false
	f.Walk(func(n ast.Node, stack []ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok || found || f.Pkg.Info.Uses[id] != v {
			return
		}
		found = k.use(f, v, slices.Clone(stack))
	})
	return found
}

// use reports whether a mention of a variable keeps what it holds, or calls it from
// what is called later.
func (k *keeper) use(f *code.File, v *types.Var, path []ast.Node) bool {
	for i := len(path) - 1; i > 0 && path[i].Pos() > v.Pos(); i-- {
		switch n := path[i].(type) {
		case *ast.GoStmt:
			return true
		case *ast.FuncLit:
			if k.value(f, path[:i+1]) {
				return true
			}
		case *ast.RangeStmt:
			if value, ok := n.Value.(*ast.Ident); ok && i+1 < len(path) && path[i+1] == n.X && n.X == path[len(path)-1] {
				return k.assigned(f, value)
			}
		}
	}
	return k.value(f, path)
}

// argument reports whether a call keeps a value that it gets.
func (k *keeper) argument(f *code.File, call *ast.CallExpr, path []ast.Node, value ast.Node) bool {
	i := slices.IndexFunc(call.Args, func(a ast.Expr) bool { return a == value })
	if i < 0 {
		return false // it is called
	}
	if f.Pkg.Info.Types[call.Fun].IsType() {
		return k.value(f, path)
	}
	if b, ok := builtin(f.Pkg.Info, call); ok {
		return b == "append"
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	if retainingFuncs[fn.Pkg().Path()+"."+fn.Name()] || retaining.MatchString(fn.Name()) {
		return true
	}
	return k.parameter(fn, i)
}

// parameter reports whether a function of the module keeps what it gets as its
// argument i.
func (k *keeper) parameter(fn *types.Func, i int) bool {
	d := k.t.World.Decl(fn)
	if d == nil || d.Func.Body == nil {
		return false
	}
	ps := d.Obj.Signature().Params()
	if ps.Len() == 0 {
		return false
	}
	v := ps.At(min(i, ps.Len()-1))
	return v.Name() != "" && v.Name() != "_" && k.variable(d.File, v)
}

// retaining are the names of functions that keep a function for later.
var retaining = regexp.MustCompile(`^(On|Register|Subscribe|Schedule|Every|Handle|AddHandler|AddHook|AddCallback|AddListener|AddFunc|AtExit|Defer|RunEvery|SetHandler|SetCallback)([A-Z]|$)`)

// retainingFuncs are functions that keep a function for later.
var retainingFuncs = map[string]bool{"time.AfterFunc": true, "testing.Cleanup": true, "runtime.AddCleanup": true, "runtime.SetFinalizer": true, "context.AfterFunc": true}
