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
	looked map[Key]look // fields that something looks at: their types matter
	params map[Key]bool // parameters and type parameters that are passed on so
	lookAt map[Key]look // ... to what looks at them
	calls  []fillingCall
	panics map[*ast.CallExpr]bool // calls that make the message of a panic

	walkers map[string]look // packages that reach the fields of structs by reflection
	more    bool            // something was found in this round
}

// A look says which fields of a struct something looks at.
type look uint

const (
	lookAway     look = 0
	lookExported look = 1 << iota // those that it asks for by name, or that an encoder writes
	lookOthers
	lookPrinted // the verb %#v writes them with their types into the message of an error or a panic

	lookAll = lookExported | lookOthers
)

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
func (w *World) LookedAt(v *types.Var) bool {
	at := w.filling().looked[w.Key(v)]
	return at&lookOthers != 0 || at&lookExported != 0 && v.Exported()
}

// Printed reports whether the verb %#v may write a field of a struct into the message of
// an error or a panic: its type shows then where it is nil.
func (w *World) Printed(v *types.Var) bool { return w.filling().looked[w.Key(v)]&lookPrinted != 0 }

// filling finds out what is filled. Functions that pass on what they are given are
// followed.
func (w *World) filling() *filling {
	if w.decoded == nil {
		w.decoded = derive(w, "filled types", w.collectFilled)
	}
	return w.decoded
}

func (w *World) collectFilled() *filling {
	d := &filling{types: map[Key]bool{}, fields: map[Key]bool{}, looked: map[Key]look{}, params: map[Key]bool{}, lookAt: map[Key]look{}, walkers: map[string]look{}, panics: map[*ast.CallExpr]bool{}, more: true}
	w.decoded = d
	for _, f := range w.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && len(call.Args) == 1 && isPanic(f, call) {
				if message, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr); ok {
					d.panics[message] = true
				}
			}
			if ok && len(call.Args) > 0 {
				d.calls = append(d.calls, fillingCall{f, call})
			}
			if ok {
				d.walkers[f.Pkg.Pkg.Path] = d.walkers[f.Pkg.Pkg.Path] | reachesFields(f.Callee(call))
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
	d.calls, d.panics = nil, nil
	return d
}

func isPanic(f *File, call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == "panic" && f.Pkg.Info.Types[id].IsBuiltin()
}

// reachesFields says which fields of structs a function of package reflect gives. By
// name nobody asks for one that isn't exported: its value can't be had.
func reachesFields(fn *types.Func) look {
	switch {
	case fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "reflect":
		return lookAway
	case fn.Name() == "FieldByName":
		return lookExported
	case strings.HasPrefix(fn.Name(), "Field") || fn.Name() == "VisibleFields":
		return lookAll
	}
	return lookAway
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

// looksAtArgument says for which fields of its arguments a function looks at their
// types.
func (w *World) looksAtArgument(f *File, fn *types.Func, call *ast.CallExpr) look {
	if f.Test || f.inTestHelper(call.Pos()) {
		return lookAway
	}
	switch fn.Pkg().Path() {
	case "encoding/gob", "net/rpc":
		return lookExported
	case "reflect":
		if fn.Name() == "ValueOf" || fn.Name() == "TypeOf" {
			return w.decoded.walkers[f.Pkg.Pkg.Path]
		}
	case "fmt", "log":
		for _, a := range call.Args {
			if tv := f.Pkg.Info.Types[a]; tv.Value != nil && tv.Value.Kind() == constant.String && strings.Contains(constant.StringVal(tv.Value), "%#v") {
				if fn.Name() == "Errorf" || w.decoded.panics[call] {
					return lookPrinted
				}
				return lookAll
			}
		}
	}
	return lookAway
}

// handed records an argument that is filled, or looked at.
func (w *World) handed(f *File, arg ast.Expr, fill bool, at look) {
	if !fill && at == lookAway {
		return
	}
	e := ast.Unparen(arg)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	if id, ok := e.(*ast.Ident); ok {
		if v, ok := f.Pkg.Info.Uses[id].(*types.Var); ok && !v.IsField() && types.IsInterface(v.Type()) {
			w.decoded.mark(w.decoded.params, w.Key(v), fill)
			w.decoded.look(w.decoded.lookAt, w.Key(v), at)
		}
	}
	if t := f.Pkg.Info.TypeOf(arg); t != nil {
		if fill {
			w.filled(t, lookAway, 0)
		}
		if at != lookAway {
			w.filled(t, at, 0)
		}
	}
}

// look records what is looked at, and reports whether that is news.
func (d *filling) look(in map[Key]look, k Key, at look) bool {
	if in[k]|at == in[k] {
		return false
	}
	in[k], d.more = in[k]|at, true
	return true
}

// mark records what is filled, and reports whether that is news.
func (d *filling) mark(in map[Key]bool, k Key, is bool) bool {
	if !is || in[k] {
		return false
	}
	in[k], d.more = true, true
	return true
}

// instances records the type arguments for type parameters whose values are filled, and
// those that a package which reaches fields asks reflection for.
func (w *World) instances(info *types.Info, walker look) {
	d := w.decoded
	if len(d.params)+len(d.lookAt) == 0 && walker == lookAway {
		return
	}
	for id, inst := range info.Instances {
		var params *types.TypeParamList
		switch obj := info.Uses[id].(type) {
		case *types.Func:
			if walker != lookAway && obj.FullName() == "reflect.TypeFor" {
				w.filled(inst.TypeArgs.At(0), walker, 0)
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
				w.filled(inst.TypeArgs.At(i), lookAway, 0)
			}
			if d.lookAt[k] != lookAway {
				w.filled(inst.TypeArgs.At(i), d.lookAt[k], 0)
			}
		}
	}
}

// filled records a type of which values are filled, or looked at, and what is in it.
func (w *World) filled(t types.Type, at look, depth int) {
	if depth > 12 {
		return
	}
	d := w.decoded
	switch u := types.Unalias(t).(type) {
	case *types.TypeParam:
		if at != lookAway {
			d.look(d.lookAt, w.Key(u.Obj()), at)
		} else {
			d.mark(d.params, w.Key(u.Obj()), true)
		}
	case *types.Pointer:
		w.filled(u.Elem(), at, depth+1)
	case *types.Slice:
		w.filled(u.Elem(), at, depth+1)
	case *types.Array:
		w.filled(u.Elem(), at, depth+1)
	case *types.Map:
		w.filled(u.Elem(), at, depth+1)
	case *types.Named:
		if w.FileOf(u.Obj()) == nil {
			return
		}
		if at == lookAway {
			d.mark(d.types, w.Key(u.Obj()), true)
		}
		w.filled(u.Underlying(), at, depth+1)
	case *types.Struct:
		for v := range u.Fields() {
			more := false
			if k := w.Key(v); at == lookAway {
				more = d.mark(d.fields, k, true)
			} else {
				more = d.look(d.looked, k, at)
			}
			if more {
				w.filled(v.Type(), at, depth+1)
			}
		}
	}
}
