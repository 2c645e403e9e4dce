package code

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strings"
)

// fills are names of functions that fill a value which they are given as an any.
var fills = regexp.MustCompile(`(?i)unmarshal|decode|scan|bind|parse|process|populate|deepcopy|getstruct|^load`)

// shows are the beginnings of names of functions of other modules that only look at
// the values that they are given as an any.
var shows = regexp.MustCompile(`(?i)^(print|log|debug|info|warn|error|fatal|panic|trace|msg|with|marshal|encode|json|xml|html|yaml|render|write|execute|equal|notequal|nil|notnil|assert|is|hash|key|value|any|object|field)`)

// filling is what of the module other code fills from data, or looks at by
// reflection.
type filling struct {
	types  map[Key]bool // struct types, by name
	fields map[Key]bool // their fields, and those of struct types without a name
	looked map[Key]bool // fields that something looks at: their types matter
	params map[Key]bool // parameters and type parameters that are passed on so
	lookAt map[Key]bool // ... to what looks at them
	calls  []fillingCall

	walkers map[string]bool // packages that reach the fields of structs by reflection
	more    bool            // something was found in this round
}

type fillingCall struct {
	file *File
	call *ast.CallExpr
}

// Decoded reports whether a struct type of the module is handed, by itself or as
// part of another, to something outside the module that fills it from data.
func (w *World) Decoded(tn *types.TypeName) bool { return w.filling().types[w.Key(tn)] }

// DecodedField is Decoded for a field, also of a struct type without a name.
func (w *World) DecodedField(v *types.Var) bool { return w.filling().fields[w.Key(v)] }

// LookedAt reports whether something looks at a field of a struct by reflection, so
// that its type matters: the reflect package, the verb %#v, package gob.
func (w *World) LookedAt(v *types.Var) bool { return w.filling().looked[w.Key(v)] }

// filling finds out what is filled. Functions that pass on what they are given are
// followed.
func (w *World) filling() *filling {
	if w.decoded == nil {
		w.decoded = derive(w, "filled types", w.collectFilled)
	}
	return w.decoded
}

func (w *World) collectFilled() *filling {
	d := &filling{types: map[Key]bool{}, fields: map[Key]bool{}, looked: map[Key]bool{}, params: map[Key]bool{}, lookAt: map[Key]bool{}, walkers: map[string]bool{}, more: true}
	w.decoded = d
	for _, f := range w.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && len(call.Args) > 0 {
				d.calls = append(d.calls, fillingCall{f, call})
			}
			if ok && reachesFields(f.Callee(call)) {
				d.walkers[f.Pkg.Pkg.Path] = true
			}
			return true
		})
	}
	for d.more {
		d.more = false
		for _, c := range d.calls {
			w.fill(c.file, c.call)
		}
		for _, p := range w.Packages {
			w.instances(p.Info, d.walkers[p.Pkg.Path])
		}
	}
	d.calls = nil
	return d
}

// reachesFields reports a function of package reflect that gives fields of structs.
func reachesFields(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "reflect" {
		return false
	}
	return strings.HasPrefix(fn.Name(), "Field") || fn.Name() == "VisibleFields"
}

// fill records what a call fills or looks at.
func (w *World) fill(f *File, call *ast.CallExpr) {
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	fn = fn.Origin()
	sig := fn.Signature()
	inside := w.FileOf(fn) != nil
	for i, arg := range call.Args {
		if inside {
			if k := min(i, sig.Params().Len()-1); k >= 0 {
				key := w.Key(sig.Params().At(k))
				w.handed(f, arg, w.decoded.params[key], w.decoded.lookAt[key])
			}
			if !types.IsInterface(recvType(fn)) {
				continue
			}
		}
		if t := f.argumentType(call, arg); t == nil || !types.IsInterface(t) {
			continue
		}
		w.handed(f, arg, w.fillsArgument(f, fn, arg, inside), w.looksAtArgument(f, fn, call))
	}
}

func recvType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

// fillsArgument reports whether a function that isn't the module's fills an argument
// that it takes as an interface.
func (w *World) fillsArgument(f *File, fn *types.Func, arg ast.Expr, inside bool) bool {
	name := fn.Name()
	if fills.MatchString(name) || fn.Pkg().Path() == "net/rpc" && (name == "Call" || name == "Go") {
		return true
	}
	if inside || isStd(fn.Pkg().Path()) || shows.MatchString(name) {
		return false
	}
	t := f.Pkg.Info.TypeOf(arg)
	if t == nil {
		return false
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	u, ok := ast.Unparen(arg).(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return false
	}
	switch p.Elem().Underlying().(type) {
	case *types.Struct, *types.Slice, *types.Map:
		return true
	}
	return false
}

// looksAtArgument reports a function for which it matters what types the fields of its
// arguments have.
func (w *World) looksAtArgument(f *File, fn *types.Func, call *ast.CallExpr) bool {
	if f.Test || f.inTestHelper(call.Pos()) {
		return false
	}
	switch fn.Pkg().Path() {
	case "encoding/gob", "net/rpc":
		return true
	case "reflect":
		return (fn.Name() == "ValueOf" || fn.Name() == "TypeOf") && w.decoded.walkers[f.Pkg.Pkg.Path]
	case "fmt", "log":
		for _, a := range call.Args {
			if tv := f.Pkg.Info.Types[a]; tv.Value != nil && tv.Value.Kind() == constant.String && strings.Contains(constant.StringVal(tv.Value), "%#v") {
				return true
			}
		}
	}
	return false
}

// handed records an argument that is filled, or looked at.
func (w *World) handed(f *File, arg ast.Expr, fill, look bool) {
	if !fill && !look {
		return
	}
	e := ast.Unparen(arg)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	if id, ok := e.(*ast.Ident); ok {
		if v, ok := f.Pkg.Info.Uses[id].(*types.Var); ok && !v.IsField() && types.IsInterface(v.Type()) {
			w.decoded.mark(w.decoded.params, w.Key(v), fill)
			w.decoded.mark(w.decoded.lookAt, w.Key(v), look)
		}
	}
	if t := f.Pkg.Info.TypeOf(arg); t != nil {
		if fill {
			w.filled(t, false, 0)
		}
		if look {
			w.filled(t, true, 0)
		}
	}
}

func (d *filling) mark(in map[Key]bool, k Key, is bool) {
	if is && !in[k] {
		in[k], d.more = true, true
	}
}

// instances records the type arguments for type parameters whose values are filled, and
// those that a package which reaches fields asks reflection for.
func (w *World) instances(info *types.Info, walker bool) {
	d := w.decoded
	if len(d.params)+len(d.lookAt) == 0 && !walker {
		return
	}
	for id, inst := range info.Instances {
		var params *types.TypeParamList
		switch obj := info.Uses[id].(type) {
		case *types.Func:
			if walker && obj.FullName() == "reflect.TypeFor" {
				w.filled(inst.TypeArgs.At(0), true, 0)
			}
			params = obj.Origin().Signature().TypeParams()
		case *types.TypeName:
			if n, ok := types.Unalias(obj.Type()).(*types.Named); ok {
				params = n.Origin().TypeParams()
			}
		}
		for i := range inst.TypeArgs.Len() {
			if params == nil || i >= params.Len() {
				break
			}
			k := w.Key(params.At(i).Obj())
			if d.params[k] {
				w.filled(inst.TypeArgs.At(i), false, 0)
			}
			if d.lookAt[k] {
				w.filled(inst.TypeArgs.At(i), true, 0)
			}
		}
	}
}

// filled records a type of which values are filled, or looked at, and what is in it.
func (w *World) filled(t types.Type, look bool, depth int) {
	if depth > 12 {
		return
	}
	d := w.decoded
	switch u := types.Unalias(t).(type) {
	case *types.TypeParam:
		if look {
			d.mark(d.lookAt, w.Key(u.Obj()), true)
		} else {
			d.mark(d.params, w.Key(u.Obj()), true)
		}
	case *types.Pointer:
		w.filled(u.Elem(), look, depth+1)
	case *types.Slice:
		w.filled(u.Elem(), look, depth+1)
	case *types.Array:
		w.filled(u.Elem(), look, depth+1)
	case *types.Map:
		w.filled(u.Elem(), look, depth+1)
	case *types.Named:
		if w.FileOf(u.Obj()) == nil {
			return
		}
		if !look {
			d.mark(d.types, w.Key(u.Obj()), true)
		}
		w.filled(u.Underlying(), look, depth+1)
	case *types.Struct:
		in := d.fields
		if look {
			in = d.looked
		}
		for v := range u.Fields() {
			if k := w.Key(v); !in[k] {
				d.mark(in, k, true)
				w.filled(v.Type(), look, depth+1)
			}
		}
	}
}
