package reorder

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An index finds the functions that a dynamic call may reach.
type index struct {
	methods map[string][]callee // by name
	values  map[string][]callee // functions that are used as values, by their type
	sliced  map[string]bool     // fields of which the module makes shorter slices
}

func (a *Analysis) indexed() *index {
	if a.index != nil {
		return a.index
	}
	x := &index{methods: map[string][]callee{}, values: map[string][]callee{}, sliced: map[string]bool{}}
	a.index = x
	for _, f := range a.world.Files {
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				a.indexFunc(x, f, fn)
			}
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				key := code.Canon(f.Pkg.Info.TypeOf(lit).Underlying())
				x.values[key] = append(x.values[key], callee{f, lit})
			}
			if slice, ok := n.(*ast.SliceExpr); ok {
				if v := held(f, slice.X); v != nil {
					x.sliced[a.objectKey(v.Origin())] = true
				}
			}
			return true
		})
	}
	return x
}

func (a *Analysis) indexFunc(x *index, f *code.File, d *ast.FuncDecl) {
	fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return
	}
	c := callee{f, d}
	if d.Recv != nil {
		x.methods[d.Name.Name] = append(x.methods[d.Name.Name], c)
	}
	if slices.ContainsFunc(a.world.Refs(fn), func(r *code.Ref) bool { return r.Call == nil }) {
		key := code.Canon(types.NewSignatureType(nil, nil, nil, fn.Signature().Params(), fn.Signature().Results(), fn.Signature().Variadic()))
		x.values[key] = append(x.values[key], c)
	}
}

// calls adds the functions of the module that a call of fn may reach.
func (a *Analysis) calls(fp *footprint, fn *types.Func) {
	fn = fn.Origin()
	if d := a.world.Decl(fn); d != nil {
		fp.callees = append(fp.callees, callee{d.File, d.Func})
		return
	}
	if !types.IsInterface(recvOf(fn)) {
		return
	}
	for _, c := range a.indexed().methods[fn.Name()] {
		m, ok := c.file.Pkg.Info.Defs[c.node.(*ast.FuncDecl).Name].(*types.Func)
		if ok && (m.Signature().RecvTypeParams().Len() > 0 || code.Canon(m.Signature()) == code.Canon(fn.Signature())) {
			fp.callees = append(fp.callees, c)
		}
	}
}

// dynamic handles a call of a function value.
func (w *walker) dynamic(e ast.Expr, sig *types.Signature) {
	known := w.a.indexed().values[code.Canon(sig)]
	w.fp.callees = append(w.fp.callees, known...)
	w.outside(e.Pos(), "calls a function value", true)
}

// hooks are methods by which code of other modules calls back: what it is given is
// printed, encoded, compared or read.
var hooks = []string{
	"String", "GoString", "Format", "Error", "Unwrap", "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	"MarshalBinary", "UnmarshalBinary", "GobEncode", "GobDecode", "MarshalXML", "UnmarshalXML", "MarshalYAML", "UnmarshalYAML",
	"Scan", "Value", "LogValue", "Len", "Less", "Swap", "Push", "Pop", "Read", "Write", "Close", "ReadFrom", "WriteTo", "WriteString", "WriteByte", "ReadByte",
	"ServeHTTP", "RoundTrip", "Lock", "Unlock", "IsZero",
}

// hooks adds the methods of the module's types that code of another module may call
// on what it is given.
func (w *walker) hooks(args []ast.Expr) {
	for _, a := range args {
		for _, n := range named(w.f.Pkg.Info.TypeOf(a), nil, 0) {
			for m := range n.Origin().Methods() {
				if d := w.a.world.Decl(m); d != nil && slices.Contains(hooks, m.Name()) {
					w.fp.callees = append(w.fp.callees, callee{d.File, d.Func})
				}
			}
		}
	}
}

// named returns the named types that a value of type t consists of or leads to.
func named(t types.Type, out []*types.Named, depth int) []*types.Named {
	if t == nil || depth > 6 {
		return out
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if slices.Contains(out, n) {
			return out
		}
		out = append(out, n)
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		out = named(u.Elem(), out, depth+1)
	case *types.Slice:
		out = named(u.Elem(), out, depth+1)
	case *types.Array:
		out = named(u.Elem(), out, depth+1)
	case *types.Map:
		out = named(u.Elem(), named(u.Key(), out, depth+1), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			out = named(f.Type(), out, depth+1)
		}
	}
	return out
}
