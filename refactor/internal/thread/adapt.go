package thread

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// adapt puts a literal of the type that a function had in the place of its use
// as a value. What the value is bound to is evaluated where it was.
func (t *Threader) adapt(r mention) {
	c := t.changed(r)
	i, sig := r.value()
	if sig == nil {
		t.problem(r, "method-value", r.Fn.Name()+" is used as a value here, in a way that a function literal can't stand for", "call it in a function literal")
		return
	}
	if t.Retyped != nil {
		sig = t.Retyped(sig).(*types.Signature)
	}
	f, value := r.File, r.Path[i]
	used := t.namesAt(r)
	t.reuse(used, r, sig)
	carried := ""
	if c.Ctx && t.Value != nil {
		carried = t.passValue(r, t.context(r))
		used[carried] = true
	}
	var contexts []string // names that are those of the context around
	if c.Ctx {
		contexts = t.ctxNames()
	}
	params, args, own := parameters(f, sig, used, contexts)
	ctx := func() string { return own }
	switch {
	case !c.Ctx:
		own = ""
	case t.Value != nil:
		own = carried
	case own == "":
		ctx = t.pass(r, t.kept(f, r.Path[:i+1]))
	default:
		own += ".Context()"
	}
	body, ok := t.bodyOf(r, c, sig, used)
	if !ok {
		return
	}
	bound, whole := r.bound(value), f.Source(value)
	if m, ok := ast.Unparen(value.(ast.Expr)).(*ast.SelectorExpr); ok && bound != nil {
		name := unused(used, "v")
		whole = name + "." + m.Sel.Name
		typ := f.Type(bound)
		if t.Spelled != nil {
			typ = cmp.Or(t.Spelled(f, m.X), typ)
		}
		f.ReplaceFunc(value.Pos(), value.End(), func() string {
			return "func(" + name + " " + typ + ") " + f.Type(sig) + " {\nreturn " +
				t.literal(f, r, sig, params, args, ctx(), whole, body) + "\n}(" + f.RenderWhole(m.X) + ")"
		})
		return
	}
	f.ReplaceFunc(value.Pos(), value.End(), func() string { return t.literal(f, r, sig, params, args, ctx(), whole, body) })
}

// bodyOf returns what spells the body of a literal around a call that can fail, by
// the choice of what becomes of errors; nil where the call can't fail.
func (t *Threader) bodyOf(r mention, c *Change, sig *types.Signature, used map[string]bool) (func(call string) string, bool) {
	if !c.Err {
		return nil, true
	}
	why := "the literal in its place has no error result"
	if t.Errors == RefuseErrors {
		t.problem(r, "no-one-to-report-to", r.Fn.Name()+" can fail now, and is used as a value here, whose type has no error", "call it in a function literal first, or let the error be logged: --errors log")
		return nil, false
	}
	var vars []string
	for v := range sig.Results().Variables() {
		vars = append(vars, unused(used, nounOf(v.Type())))
	}
	err, says := unused(used, "err"), func(err string) string { return t.report(r, err) + "\n" + bareReturn(r.File, sig) }
	switch t.Errors {
	case Drop:
		err = "_"
		t.note(t.World.Span(r.ID), r.Fn.Name()+" can fail now, and its error is dropped: "+why)
	case Panic:
		says = func(err string) string { return "panic(" + err + ")" }
		t.note(t.World.Span(r.ID), r.Fn.Name()+" can fail now, and this panics then: "+why)
	default:
		t.note(t.World.Span(r.ID), r.Fn.Name()+" can fail now, and the error is logged: "+why)
	}
	list := strings.Join(vars, ", ")
	return func(call string) string {
		switch {
		case err == "_" && list == "":
			return "_ = " + call
		case err == "_":
			return list + ", _ := " + call + "\nreturn " + list
		case list == "":
			return "if " + err + " := " + call + "; " + err + " != nil {\n" + strings.TrimSuffix(says(err), "\nreturn") + "\n}"
		}
		return list + ", " + err + " := " + call + "\nif " + err + " != nil {\n" + says(err) + "\n}\nreturn " + list
	}, true
}

// literal spells the function literal that passes ctx on.
func (t *Threader) literal(f *code.File, r mention, sig *types.Signature, params, args []string, ctx, callee string, body func(call string) string) string {
	all := args
	if ctx != "" && t.Value != nil {
		all = t.literalArguments(r, args, ctx)
	} else {
		if r.methodExpression() && len(args) > 0 {
			callee, all = args[0]+"."+r.ID.Name, args[1:]
		}
		if ctx != "" {
			all = append([]string{ctx}, all...)
		}
	}
	call := callee + "(" + strings.Join(all, ", ") + ")"
	results := strings.TrimPrefix(f.Type(types.NewSignatureType(nil, nil, nil, nil, sig.Results(), false)), "func()")
	if body != nil {
		return "func(" + strings.Join(params, ", ") + ")" + results + " {\n" + body(call) + "\n}"
	}
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	return "func(" + strings.Join(params, ", ") + ")" + results + " { " + call + " }"
}

// value returns where in the path the whole value is whose function r names,
// and its type.
func (r mention) value() (int, *types.Signature) {
	i := len(r.Path) - 1
	for i > 0 {
		switch p := r.Path[i-1].(type) {
		case *ast.SelectorExpr:
			if p.Sel != r.Path[i] {
				return 0, nil
			}
		case *ast.ParenExpr:
		case *ast.IndexExpr:
			if p.X != r.Path[i] {
				return r.signature(i)
			}
		case *ast.IndexListExpr:
		default:
			return r.signature(i)
		}
		i--
	}
	return 0, nil
}

func (r mention) signature(i int) (int, *types.Signature) {
	e, ok := r.Path[i].(ast.Expr)
	if !ok {
		return 0, nil
	}
	sig, _ := code.Under(r.File.Pkg.Info.TypeOf(e)).(*types.Signature)
	if sig == nil || sig.TypeParams().Len() > 0 {
		return 0, nil
	}
	return i, sig
}

// methodExpression reports T.Method, whose first parameter is the receiver.
func (r mention) methodExpression() bool {
	for i := len(r.Path) - 1; i > 0; i-- {
		if sel, ok := r.Path[i-1].(*ast.SelectorExpr); ok && sel.Sel == r.ID {
			s := r.File.Pkg.Info.Selections[sel]
			return s != nil && s.Kind() == types.MethodExpr
		}
	}
	return false
}

// bound returns the type of what a method value is bound to, where evaluating
// that later could give something else; nil where it could not.
func (r mention) bound(value ast.Node) types.Type {
	sel, ok := ast.Unparen(value.(ast.Expr)).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	s := r.File.Pkg.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
		if v, ok := r.File.Pkg.Info.Uses[id].(*types.Var); ok && r.neverChanges(v) && pointerLike(v.Type()) {
			return nil
		}
	}
	return r.File.Pkg.Info.TypeOf(sel.X)
}

// pointerLike reports types whose method values see later changes of what they
// are bound to, as a literal does.
func pointerLike(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Chan, *types.Signature:
		return true
	}
	return false
}

// neverChanges reports a parameter or variable of the function around r that
// gets its value where it is declared and nowhere else.
func (r mention) neverChanges(v *types.Var) bool {
	d := r.decl()
	if d == nil || v.Parent() == nil || v.Parent() == r.File.Pkg.Types.Scope() {
		return false
	}
	info, changes := r.File.Pkg.Info, false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				changes = changes || is(l)
			}
		case *ast.RangeStmt:
			changes = changes || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		case *ast.UnaryExpr:
			changes = changes || n.Op.String() == "&" && is(n.X)
		}
		return !changes
	})
	return !changes
}

// namesAt returns the identifiers that a new name at r must differ from.
func (t *Threader) namesAt(r mention) map[string]bool {
	used := map[string]bool{}
	if d := t.scopeOf(r); d != nil {
		for name := range t.identifiers(d) {
			used[name] = true
		}
		return used
	}
	for _, name := range r.File.Pkg.Types.Scope().Names() {
		used[name] = true
	}
	for _, s := range r.File.AST.Imports {
		if p := r.File.Pkg.Info.PkgNameOf(s); p != nil {
			used[p.Name()] = true
		}
	}
	return used
}

// reuse frees the names of parameters that other places of the function around r use,
// and that mean nothing at r: a literal beside another one has w and r, too.
func (t *Threader) reuse(used map[string]bool, r mention, sig *types.Signature) {
	d := t.scopeOf(r)
	scope := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos())
	if d == nil || scope == nil {
		return
	}
	for v := range sig.Params().Variables() {
		name := v.Name()
		if name == "" || name == "_" || !used[name] || slices.Contains(importedByEdits, name) {
			continue
		}
		if _, obj := scope.LookupParent(name, token.NoPos); obj == nil && defines(r.File.Pkg.Info, d.Func, name) {
			delete(used, name)
		}
	}
}

// defines reports whether code declares something by a name.
func defines(info *types.Info, n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name && info.Defs[id] != nil
		return !found
	})
	return found
}

func unused(used map[string]bool, name string) string {
	c := name
	for i := 2; used[c]; i++ {
		c = name + strconv.Itoa(i)
	}
	used[c] = true
	return c
}

// parameters spells the parameters of a literal and the arguments that pass them
// on. ctx is the name of one that has a context: an *http.Request. None gets one of the
// names that must not be hidden.
func parameters(f *code.File, sig *types.Signature, used map[string]bool, seen []string) (params, args []string, ctx string) {
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		name := v.Name()
		if slices.Contains(seen, name) {
			name = nounOf(v.Type())
		}
		if name == "" || name == "_" {
			name = "a"
		}
		name = unused(used, name)
		if sig.Variadic() && i == sig.Params().Len()-1 {
			params = append(params, name+" ..."+f.Type(v.Type().(*types.Slice).Elem()))
			args = append(args, name+"...")
			continue
		}
		params, args = append(params, name+" "+f.Type(v.Type())), append(args, name)
		if ctx == "" && requestLike(v.Type()) {
			ctx = name
		}
	}
	return params, args, ctx
}

// requestLike reports *http.Request and what else has a context for its user.
func requestLike(t types.Type) bool {
	if !isNamed(t, "net/http", "Request") {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Context")
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Results().Len() == 1 && crossing.IsContext(fn.Signature().Results().At(0).Type())
}
