package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/naming"
)

// resultNames names the variables that stand for the results of a call that is
// hoisted: as the function names them, or after what it gets.
func (t *Threader) resultNames(r mention, i int) []string {
	d, reg := t.scopeOf(r), r.regionOf(i)
	rs := r.Fn.Signature().Results()
	var out []string
	for k := range rs.Len() {
		v := rs.At(k)
		var candidates []string
		if k == 0 && r.Name != "" {
			out = append(out, t.fresh(r, d, reg, r.Name))
			continue
		}
		if rs.Len() == 1 {
			candidates = append(candidates, r.destination(i))
		}
		if n := v.Name(); n != "" && n != "_" {
			candidates = append(candidates, n)
		}
		if k == 0 {
			candidates = append(candidates, r.subject(v.Type()))
		}
		candidates = append(candidates, nounOf(v.Type()))
		if k == 0 {
			candidates = append(candidates, "result", naming.Unexported(r.Fn.Name())+"Result")
		}
		candidates = slices.DeleteFunc(candidates, func(c string) bool { return c == "" })
		out = append(out, t.fresh(r, d, reg, candidates...))
	}
	return out
}

// destination is what the field is called that the value of r.Path[i] is put
// into; "" if it isn't put into one.
func (r mention) destination(i int) string {
	switch p := r.Path[i-1].(type) {
	case *ast.AssignStmt:
		if sel, ok := ast.Unparen(p.Lhs[0]).(*ast.SelectorExpr); ok && len(p.Lhs) == 1 && p.Tok == token.ASSIGN {
			return r.field(sel.Sel)
		}
	case *ast.KeyValueExpr:
		if p.Value == r.Path[i] {
			return r.field(p.Key)
		}
	}
	return ""
}

// field is how a variable for the value of a field is called; "" if e isn't the
// name of one, or a single letter.
func (r mention) field(e ast.Expr) string {
	field, _ := e.(*ast.Ident)
	if v, ok := r.File.Pkg.Info.Uses[field].(*types.Var); !ok || !v.IsField() {
		return ""
	}
	if name := naming.Unexported(field.Name); len(name) > 1 {
		return name
	}
	return ""
}

// subject is what a function is about, by its name: session for GetSession and
// SessionByID, valid for IsValid; "" for a bare verb.
func (r mention) subject(typ types.Type) string {
	parts := strings.Fields(words(r.Fn.Name()))
	for i, p := range parts {
		if i > 0 && slices.Contains([]string{"by", "for", "from", "with", "in", "of", "at", "to", "on"}, p) {
			parts = parts[:i]
			break
		}
	}
	if len(parts) > 1 && (slices.Contains(deeds, parts[0]) || parts[0] == "is" || parts[0] == "new" || parts[0] == "must") {
		parts = parts[1:]
	}
	if len(parts) == 1 && slices.Contains(deeds, parts[0]) && !isBool(typ) {
		return ""
	}
	for i, p := range parts {
		switch {
		case i == 0:
			parts[i] = strings.ToLower(p)
		case p == strings.ToUpper(p):
		default:
			parts[i] = naming.Exported(p)
		}
	}
	return strings.Join(parts, "")
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// nounOf is what a value of a type is called where nothing better is known.
func nounOf(t types.Type) string {
	switch x := types.Unalias(t).(type) {
	case *types.Pointer:
		return nounOf(x.Elem())
	case *types.Named:
		if name := naming.Unexported(x.Obj().Name()); len(name) > 1 {
			return name
		}
	case *types.Slice:
		if named(x.Elem()) != nil {
			return nounOf(x.Elem()) + "s"
		}
		if b, ok := x.Elem().(*types.Basic); ok && b.Kind() == types.Byte {
			return "data"
		}
		return "values"
	case *types.Basic:
		switch {
		case x.Info()&types.IsBoolean != 0:
			return "ok"
		case x.Info()&types.IsInteger != 0:
			return "n"
		case x.Info()&types.IsString != 0:
			return "s"
		}
	}
	return "value"
}
