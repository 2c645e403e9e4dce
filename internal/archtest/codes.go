package archtest

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// Checked is one type-checked package. Packages that import each other must
// have been checked together, so that they share their objects.
type Checked struct {
	Fset  *token.FileSet
	Files []*ast.File
	Info  *types.Info
}

// Codes returns the constants that can reach the field of a struct type in the
// given packages, by the place where each stands first, and a problem for each
// value that isn't a constant. It follows parameters, variables, fields and
// results; function values by what they are assigned or passed to.
func Codes(packages []Checked, field *types.Var) (codes map[string]string, problems []string) {
	f := &flow{codes: map[string]string{}, vars: map[types.Object]bool{}, calls: map[callee]bool{}, results: map[callee]bool{}, packages: packages}
	f.vars[field] = true
	for grown := -1; grown != f.size(); {
		grown = f.size()
		for _, p := range packages {
			for _, file := range p.Files {
				f.file(p, file)
			}
		}
	}
	for at, what := range f.computed {
		problems = append(problems, at+": "+what)
	}
	slices.Sort(problems)
	return f.codes, problems
}

// A flow collects what reaches a field, until nothing new is found.
type flow struct {
	packages []Checked
	codes    map[string]string
	computed map[string]string // by place: what isn't a constant

	vars    map[types.Object]bool // their values reach the field
	calls   map[callee]bool       // so does an argument of the function that is called
	results map[callee]bool       // so does a result of the function
}

// A callee is a function, or a variable that holds one, with the index of a
// parameter or result.
type callee struct {
	fn any // types.Object or *ast.FuncLit
	i  int
}

func (f *flow) size() int {
	return len(f.codes) + len(f.computed) + len(f.vars) + len(f.calls) + len(f.results)
}

// in is the flow within one function or file.
type in struct {
	*flow
	Checked
}

func (f *flow) file(p Checked, file *ast.File) {
	w := in{f, p}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			w.function(w.Info.Defs[n.Name], n.Type, n.Body)
		case *ast.FuncLit:
			w.function(n, n.Type, n.Body)
		case *ast.CompositeLit:
			w.literal(n)
		case *ast.AssignStmt:
			w.assign(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			var names []ast.Expr
			for _, name := range n.Names {
				names = append(names, name)
			}
			w.assign(names, n.Values)
		case *ast.CallExpr:
			w.call(n)
		}
		return true
	})
}

// function relates the parameters and results of a function to its callers.
func (w in) function(fn any, t *ast.FuncType, body *ast.BlockStmt) {
	i := 0
	for _, field := range t.Params.List {
		for _, name := range field.Names {
			if w.vars[w.Info.Defs[name]] {
				w.flow.calls[callee{fn, i}] = true
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	if body == nil {
		return
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for i, e := range n.Results {
				if w.results[callee{fn, i}] {
					w.reach(e)
				}
			}
		}
		return true
	})
}

func (w in) literal(n *ast.CompositeLit) {
	st, ok := w.Info.TypeOf(n).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				w.bind(w.Info.Uses[id], kv.Value)
			}
			continue
		}
		w.bind(st.Field(i), e)
	}
}

func (w in) assign(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		obj := w.object(l)
		if obj == nil {
			continue
		}
		if len(rhs) == len(lhs) {
			w.bind(obj, rhs[i])
		} else if len(rhs) == 1 && w.vars[obj] {
			if call, ok := ast.Unparen(rhs[0]).(*ast.CallExpr); ok {
				w.result(call, i)
			} else {
				w.reach(rhs[0])
			}
		}
	}
}

// bind says that the value e is put into obj.
func (w in) bind(obj types.Object, e ast.Expr) {
	if obj == nil {
		return
	}
	if w.vars[obj] {
		w.reach(e)
	}
	if fn := w.functionValue(e); fn != nil {
		for _, set := range []map[callee]bool{w.flow.calls, w.results} {
			for c := range maps.Clone(set) {
				if c.fn == fn { // who calls obj calls fn
					set[callee{obj, c.i}] = true
				}
			}
		}
		for c := range maps.Clone(w.results) {
			if c.fn == obj {
				w.results[callee{fn, c.i}] = true
			}
		}
	}
}

// functionValue returns the literal, function or variable that e stands for
// where e is a function, or nil.
func (w in) functionValue(e ast.Expr) any {
	if t := w.Info.TypeOf(e); t == nil {
		return nil
	} else if _, ok := t.Underlying().(*types.Signature); !ok {
		return nil
	}
	if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return lit
	}
	if obj := w.object(e); obj != nil {
		return obj
	}
	return nil
}

func (w in) call(n *ast.CallExpr) {
	fn := w.functionValue(n.Fun)
	if fn == nil {
		return
	}
	sig := w.Info.TypeOf(n.Fun).Underlying().(*types.Signature)
	for i, arg := range n.Args {
		at := min(i, max(sig.Params().Len()-1, 0))
		if w.flow.calls[callee{fn, at}] {
			w.reach(arg)
		}
		if at < sig.Params().Len() {
			w.bind(sig.Params().At(at), arg) // a function that is passed on
		}
	}
}

// reach says that the value of e reaches the field.
func (w in) reach(e ast.Expr) {
	e = ast.Unparen(e)
	if tv := w.Info.Types[e]; tv.Value != nil && tv.Value.Kind() == constant.String {
		code, at := constant.StringVal(tv.Value), w.Fset.Position(e.Pos()).String()
		if old, ok := w.codes[code]; !ok || at < old {
			w.codes[code] = at
		}
		return
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if v, ok := w.object(e).(*types.Var); ok {
			w.vars[v] = true
			return
		}
	case *ast.CallExpr:
		if tv := w.Info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			w.reach(e.Args[0])
			return
		}
		w.result(e, 0)
		return
	}
	if w.computed == nil {
		w.flow.computed = map[string]string{}
	}
	w.computed[w.Fset.Position(e.Pos()).String()] = fmt.Sprintf("a code is computed here (%T); make it a constant", e)
}

func (w in) result(call *ast.CallExpr, i int) {
	if fn := w.functionValue(call.Fun); fn != nil {
		w.results[callee{fn, i}] = true
	}
}

// object returns what a name or selector stands for, of generic code its
// declaration, or nil.
func (w in) object(e ast.Expr) types.Object {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	switch obj := w.Info.ObjectOf(id).(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		return obj.Origin()
	}
	return nil
}
