package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"math"
	"strconv"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A mention is a mention of a function, with what is known about the place.
type mention struct{ *code.Ref }

// end is where the evaluation of a mention is over.
func (r mention) end() token.Pos {
	if r.Call != nil {
		return r.Call.End()
	}
	return r.ID.End()
}

// decl returns the function declaration that r stands in, or nil.
func (r mention) decl() *ast.FuncDecl {
	for _, n := range r.Path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// declOf returns the indexed declaration that r stands in, or nil.
func (t *Threader) declOf(r mention) *code.Decl {
	d := r.decl()
	if d == nil {
		return nil
	}
	fn, ok := r.File.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return nil
	}
	if known := t.World.Decl(fn); known != nil {
		return known
	}
	return &code.Decl{File: r.File, Func: d, Obj: fn}
}

// scopeOf returns what new names at r must differ in: the declaration that r
// stands in or, in an initializer, its outermost function literal as one; or nil.
func (t *Threader) scopeOf(r mention) *code.Decl {
	if d := t.declOf(r); d != nil {
		return d
	}
	for _, n := range r.Path {
		if lit, ok := n.(*ast.FuncLit); ok {
			if t.literals[lit] == nil {
				t.literals[lit] = &code.Decl{File: r.File, Func: &ast.FuncDecl{Name: ast.NewIdent("_"), Type: lit.Type, Body: lit.Body}}
			}
			return t.literals[lit]
		}
	}
	return nil
}

// lookup finds the innermost variable visible at r that ok accepts, inside
// functions only.
func (r mention) lookup(ok func(*types.Var) bool) *types.Var {
	pkg := r.File.Pkg.Types.Scope()
	pos := r.ID.Pos()
	for s := pkg.Innermost(pos); s != nil && s != pkg && s.Parent() != pkg; s = s.Parent() {
		for _, name := range s.Names() {
			v, isVar := s.Lookup(name).(*types.Var)
			if !isVar || name == "_" || v.Pos() >= pos || !ok(v) {
				continue
			}
			if _, seen := pkg.Innermost(pos).LookupParent(name, pos); seen == v {
				return v
			}
		}
	}
	return nil
}

// carriesContext reports a variable of a foreign type with a method Context:
// *http.Request, *testing.T, *cobra.Command; or of one that has a request:
// *gin.Context, echo.Context; or of one that embeds it: *cli.Context. A test suite
// counts, too. A type of the module counts for parameters.
func (t *Threader) carriesContext(v *types.Var) bool {
	if (isTesting(v) || isSuite(v)) && before(v.Pkg(), "go1.24") || isNamed(v.Type(), "net/http", "Response") || contextOf(v) == "" {
		return false
	}
	if n := named(v.Type()); n != nil && t.World.FileOf(n.Obj()) != nil {
		return isParameter(v)
	}
	return true
}

// contextOf spells what gives the context that a variable has, after its name; ""
// if it has none.
func contextOf(v *types.Var) string {
	for _, name := range []string{"Context", "UserContext"} {
		if rs := resultsOf(v, name); rs != nil && crossing.IsContext(rs) {
			return "." + name + "()"
		}
	}
	if rs := resultsOf(v, "Request"); rs != nil && isNamed(rs, "net/http", "Request") {
		return ".Request().Context()"
	}
	obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, v.Pkg(), "Request")
	if f, ok := obj.(*types.Var); ok && isNamed(f.Type(), "net/http", "Request") && f.Exported() {
		return ".Request.Context()"
	}
	if isSuite(v) {
		return ".T().Context()"
	}
	obj, _, _ = types.LookupFieldOrMethod(v.Type(), true, v.Pkg(), "Context")
	if f, ok := obj.(*types.Var); ok && f.Embedded() && crossing.IsContext(f.Type()) {
		return ".Context"
	}
	return ""
}

// isSuite reports a receiver or parameter that has the test that runs: a suite of
// testify.
func isSuite(v *types.Var) bool {
	rs := resultsOf(v, "T")
	p, ok := rs.(*types.Pointer)
	return ok && isNamed(p, "testing", "T") && isParameter(v)
}

// tester spells the test that runs at r, or returns "".
func (r mention) tester() string {
	if v := r.lookup(isTesting); v != nil {
		return v.Name()
	}
	if v := r.lookup(isSuite); v != nil {
		return v.Name() + ".T()"
	}
	return ""
}

// resultsOf returns the only result of a method without parameters, or nil.
func resultsOf(v *types.Var, name string) types.Type {
	obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, v.Pkg(), name)
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Params().Len() != 0 || fn.Signature().Results().Len() != 1 {
		return nil
	}
	return fn.Signature().Results().At(0).Type()
}

// before reports whether a package is written for an older version of Go.
func before(p *types.Package, min string) bool {
	v := p.GoVersion()
	return v != "" && version.Compare(v, min) < 0
}

func isTesting(v *types.Var) bool {
	t := v.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "testing" && (n.Obj().Name() == "T" || n.Obj().Name() == "B" || n.Obj().Name() == "F" || n.Obj().Name() == "TB")
}

func isNamed(t types.Type, pkg, name string) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg && n.Obj().Name() == name
}

// freeIn picks the first candidate that no identifier of the declaration has,
// and takes it.
func (t *Threader) freeIn(d *code.Decl, candidates ...string) string {
	used, all := t.identifiers(d), region{to: math.MaxInt}
	ok := func(c string) bool { return !used[c] && !token.IsKeyword(c) && !t.taken(d, c, all) }
	for _, c := range candidates {
		if ok(c) {
			t.take(d, c, all)
			return c
		}
	}
	for i := 2; ; i++ {
		if c := candidates[0] + strconv.Itoa(i); ok(c) {
			t.take(d, c, all)
			return c
		}
	}
}

// importedByEdits are packages that edits import.
var importedByEdits = []string{"context", "log", "http"}

func (t *Threader) identifiers(d *code.Decl) map[string]bool {
	if used := t.names[d]; used != nil {
		return used
	}
	used, selected := map[string]bool{}, map[*ast.Ident]bool{}
	ast.Inspect(d.Func, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.Ident:
			if !selected[n] {
				used[n.Name] = true
			}
		}
		return true
	})
	for _, name := range types.Universe.Names() {
		used[name] = true
	}
	for _, name := range importedByEdits {
		used[name] = true
	}
	t.names[d] = used
	return used
}
