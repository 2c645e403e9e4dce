package argument

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
)

// call applies a call, once in each pass, and returns what its results lead to.
func (b *body) call(e *ast.CallExpr) *value {
	if v, done := b.calls[e]; done {
		return v
	}
	b.calls[e] = nil // while its arguments are looked at
	v := b.apply(e)
	b.calls[e] = v
	return v
}

func (b *body) apply(e *ast.CallExpr) *value {
	fun := ast.Unparen(e.Fun)
	if tv := b.info.Types[fun]; tv.IsType() {
		if len(e.Args) == 1 && leads(tv.Type) {
			return b.eval(e.Args[0])
		}
		return nil
	}
	if id, ok := fun.(*ast.Ident); ok {
		if builtin, ok := b.info.Uses[id].(*types.Builtin); ok {
			return b.builtin(e, builtin.Name())
		}
	}
	fn := b.callee(fun)
	if fn == nil {
		return b.dynamic(e, fun)
	}
	args := b.arguments(e, fun, fn)
	b.callbacks(e, args)
	return b.static(e, fn, args)
}

// callee returns the function or method that is called by its name.
func (b *body) callee(fun ast.Expr) *types.Func {
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	var obj types.Object
	switch f := fun.(type) {
	case *ast.Ident:
		obj = b.info.Uses[f]
	case *ast.SelectorExpr:
		obj = b.info.Uses[f.Sel]
	}
	fn, _ := obj.(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// function is the function or method that e names, as a value.
func (b *body) function(e ast.Expr) *value {
	fn := b.callee(e)
	if fn == nil {
		return nil
	}
	f := function{fn: fn}
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if s := b.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			f.recv = b.bound(sel, s, fn)
		}
	}
	return &value{funcs: []function{f}, gives: f.recv}
}

// bound is the receiver of a method value, the same at each look at it.
func (b *body) bound(sel *ast.SelectorExpr, s *types.Selection, fn *types.Func) *value {
	recv := b.receivers[sel]
	if recv == nil {
		recv = &value{}
		b.receivers[sel] = recv
	}
	b.grown = recv.add(b.receiver(sel, s, fn.Signature()), 0) || b.grown
	return recv
}

// arguments returns what each parameter gets, the receiver first.
func (b *body) arguments(e *ast.CallExpr, fun ast.Expr, fn *types.Func) []*value {
	var args []*value
	sig := fn.Signature()
	if sel, ok := fun.(*ast.SelectorExpr); ok && sig.Recv() != nil {
		if s := b.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			args = append(args, b.receiver(sel, s, sig))
		}
	}
	fixed := sig.Params().Len()
	if sig.Variadic() && !e.Ellipsis.IsValid() {
		fixed--
	}
	shift := len(args)
	for i, a := range e.Args {
		if i < fixed || fixed == sig.Params().Len() {
			args = append(args, b.argument(a))
			continue
		}
		if len(args) == shift+fixed {
			args = append(args, &value{box: &value{}})
		}
		if v := b.argument(a); v != nil {
			args[len(args)-1].box.field("[]").add(v, 0)
		}
	}
	return args
}

// receiver is what the receiver of a method gets: a pointer to it, if the method
// has one.
func (b *body) receiver(sel *ast.SelectorExpr, s *types.Selection, sig *types.Signature) *value {
	t := s.Recv()
	_, isPtr := t.Underlying().(*types.Pointer)
	index := s.Index()
	_, wantsPtr := types.Unalias(sig.Recv().Type()).(*types.Pointer)
	if len(index) == 1 {
		if wantsPtr && !isPtr {
			return b.location(sel.X)
		}
		return b.eval(sel.X)
	}
	base := b.eval(sel.X)
	if !isPtr {
		base = b.location(sel.X)
	}
	holder, name := b.through(base, t, index[:len(index)-1])
	if holder == nil {
		return nil
	}
	if wantsPtr && !pointerField(t, index[:len(index)-1]) {
		out := &value{refs: holder.refs}
		if holder.box != nil {
			out.box = holder.box.field(name)
		}
		return out
	}
	return b.member(holder, name, true)
}

// pointerField reports whether the last field on the way is a pointer.
func pointerField(t types.Type, index []int) bool {
	for _, i := range index {
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			t = ptr.Elem()
		}
		t = t.Underlying().(*types.Struct).Field(i).Type()
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// callbacks gives the parameters of function literals among the arguments what
// the other arguments lead to.
func (b *body) callbacks(e *ast.CallExpr, args []*value) {
	for _, a := range e.Args {
		v := b.eval(a)
		if v == nil {
			continue
		}
		for _, other := range args {
			if other == nil || other == v {
				continue
			}
			elem := b.member(other, "[]", true)
			for _, lit := range v.lits {
				b.bindAll(lit, elem)
			}
			for _, f := range v.funcs {
				b.static(e, f.fn, argumentsFor(f, elem))
			}
		}
	}
}

// argumentsFor are the arguments of f if each of its parameters gets v.
func argumentsFor(f function, v *value) []*value {
	var args []*value
	sig := f.fn.Signature()
	if f.recv != nil {
		args = append(args, f.recv)
	} else if sig.Recv() != nil {
		args = append(args, v)
	}
	for range sig.Params().Len() {
		args = append(args, v)
	}
	return args
}

// bindAll lets every parameter of lit lead to v.
func (b *body) bindAll(lit *ast.FuncLit, v *value) {
	for _, f := range lit.Type.Params.List {
		for _, id := range f.Names {
			b.define(id, v, id.Pos())
		}
	}
}

// dynamic applies a call of a function value: of literals that are known, or of
// anything.
func (b *body) dynamic(e *ast.CallExpr, fun ast.Expr) *value {
	v := b.eval(fun)
	if v != nil && len(v.lits)+len(v.funcs) > 0 {
		out := &value{}
		for _, f := range v.funcs {
			var args []*value
			if f.recv != nil {
				args = append(args, f.recv)
			}
			for _, a := range e.Args {
				args = append(args, b.argument(a))
			}
			out.add(b.static(e, f.fn, args), 0)
		}
		for _, lit := range v.lits {
			i := 0
			for _, f := range lit.Type.Params.List {
				for _, id := range f.Names {
					if i < len(e.Args) {
						b.define(id, b.argument(e.Args[i]), id.Pos())
					}
					i++
				}
				i += boolInt(len(f.Names) == 0)
			}
		}
		out.add(v.gives, 0)
		return out
	}
	out := &value{}
	if v != nil { // the result of a call: what it returns is what that led to
		out.add(b.member(v, "[]", true), 0)
		out.add(v.gives, 0)
	}
	for _, a := range e.Args {
		b.unknown(e, b.argument(a), description{"calls ", fun, ", a function value that could not be followed"})
		out.add(b.argument(a), 0)
		b.yields(fun, b.argument(a))
	}
	return out
}

// yields notes what the literal around hands to a function that it was given: of an
// iterator that is what a range statement over it gets.
func (b *body) yields(fun ast.Expr, v *value) {
	f := b.local(fun)
	if f == nil || v == nil || b.literal == nil {
		return
	}
	for _, p := range b.literal.Type.Params.List {
		for _, id := range p.Names {
			if b.local(id) == f {
				b.grown = b.result(b.literal).add(v, 0) || b.grown
			}
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// send puts what is sent into the channel: what is received from one made here
// is what was sent. Who receives from others isn't known.
func (b *body) send(n *ast.SendStmt) {
	v := b.argument(n.Value)
	if v == nil {
		return
	}
	c := b.eval(n.Chan)
	if c == nil || c.box == nil {
		b.unknown(n, v, description{before: "sends it to ", expr: n.Chan})
		return
	}
	b.put(c, "[]", v)
}

// argument is what e leads to, if a value of its type leads anywhere.
func (b *body) argument(e ast.Expr) *value {
	if t := b.info.TypeOf(e); t == nil || !follows(t) {
		return nil
	}
	return b.eval(e)
}

// unknown gives v to code of which nothing is known.
func (b *body) unknown(e ast.Node, v *value, w description) {
	if v == nil {
		return
	}
	for _, r := range v.refs {
		b.record(found{kind: May, ref: r}, w, e)
	}
	for _, h := range v.held() {
		b.record(found{kind: May, ref: h.ref}, w, e)
	}
}

// A callee is what is known of a function that is called by its name.
type callee struct {
	name    *component.Subject
	known   effects.Known // if listed
	listed  bool
	opaque  bool   // no facts of it will be there
	silent  bool   // it returns nothing
	display string // its name for people
	calls   string // that it is called
}

// calleeOf returns what is known of fn.
func (s *Source) calleeOf(fn *types.Func) *callee {
	c := s.callees[fn]
	if c != nil {
		return c
	}
	if s.callees == nil {
		s.callees, s.names = map[*types.Func]*callee{}, map[component.Subject]*component.Subject{}
	}
	subject := Subject(fn)
	c = &callee{name: s.names[subject], display: displayName(fn)}
	if c.name == nil {
		c.name = &subject
		s.names[subject] = c.name
	}
	c.calls, c.silent = "calls "+c.display, fn.Signature().Results().Len() == 0
	c.known, c.listed = library(fn)
	c.opaque = fn.Pkg() == nil || !s.Local(fn.Pkg().Path()) || types.IsInterface(receiverType(fn))
	s.callees[fn] = c
	return c
}

// static applies a call of a known function: by what is known of the standard
// library, or as a fact for Link.
func (b *body) static(e *ast.CallExpr, fn *types.Func, args []*value) *value {
	c := b.calleeOf(fn)
	if c.listed {
		b.library(e, fn, c, args)
		return b.resultOf(c.known, args)
	}
	pass := func(r ref, arg int, held string) {
		if c.opaque {
			b.record(found{kind: May, ref: r}, description{before: c.calls, after: ", which could not be analysed"}, e)
		} else {
			b.record(found{kind: Passes, ref: r, callee: c.name, arg: arg, held: held}, description{before: c.display}, e)
		}
	}
	out := &value{}
	for i, v := range args {
		if v == nil {
			continue
		}
		held := b.holds(v)
		if !c.silent {
			out.refs = slices.Grow(out.refs, len(v.refs)+len(held))
		}
		for _, r := range v.refs {
			pass(r, i, "")
			if !c.silent {
				out.refs = append(out.refs, ref{Place: r.Place, callee: c.name, arg: i})
			}
		}
		for _, h := range held {
			pass(h.ref, i, h.by)
			if !c.silent {
				out.refs = append(out.refs, ref{Place: h.ref.Place, callee: c.name, arg: i, held: h.by})
			}
		}
	}
	return out
}

// holds is held, with what was stored into memory of parameters that v leads to.
func (b *body) holds(v *value) []heldRef {
	out := v.held()
	n := len(out)
	for _, at := range slices.SortedFunc(maps.Keys(b.heap), cell.compare) {
		if !slices.ContainsFunc(v.refs, func(r ref) bool { return r.callee == nil && r.Place == at.Place }) {
			continue
		}
		for _, r := range b.heap[at].refs {
			if r.Param != at.Param {
				out = append(out, heldRef{at.field, r})
			}
		}
	}
	if len(out) > n {
		sortHeld(out)
	}
	return out
}

// library records what a function that the table knows writes.
func (b *body) library(e *ast.CallExpr, fn *types.Func, c *callee, args []*value) {
	says := description{before: c.calls}
	for _, i := range c.known.Writes {
		if i < len(args) && args[i] != nil {
			b.writes(args[i], says, e)
		}
	}
	if c.known.Rest > 0 { // each of the variadic arguments
		for _, v := range args[min(c.known.Rest-1, len(args)):] {
			if v != nil {
				b.writes(b.member(v, "[]", true), says, e)
			}
		}
	}
	b.partAppended(e, fn, args, says)
}

// partAppended records a write by functions that append to a slice which ends
// before its memory does.
func (b *body) partAppended(e *ast.CallExpr, fn *types.Func, args []*value, says description) {
	if !strings.HasPrefix(fn.Name(), "Append") || len(args) == 0 {
		return
	}
	for _, v := range args {
		if v != nil {
			part := slices.DeleteFunc(slices.Clone(v.refs), func(r ref) bool { return !r.part })
			b.writes(&value{refs: part}, says, e)
		}
	}
}

// resultOf is what the results of a known function lead to.
func (b *body) resultOf(known effects.Known, args []*value) *value {
	out := &value{}
	switch {
	case known.Fresh:
	case known.Copies:
		for _, v := range args {
			if elem := b.member(v, "[]", true); elem != nil {
				out.add(&value{box: &value{fields: map[string]*value{"[]": elem}}}, 0)
			}
		}
	case known.Self && len(args) > 0:
		out.add(args[0], 0)
	default:
		for _, v := range args {
			out.add(v, 0)
		}
	}
	return out
}

// builtin applies a call of a predeclared function.
func (b *body) builtin(e *ast.CallExpr, name string) *value {
	if len(e.Args) == 0 {
		return nil
	}
	first := b.eval(e.Args[0])
	if first == nil {
		first = &value{}
	}
	switch name {
	case "copy":
		b.writes(first, description{before: "copies into ", expr: e.Args[0]}, e)
		if len(e.Args) == 2 {
			b.put(first, "[]", b.member(b.eval(e.Args[1]), "[]", true))
		}
	case "delete":
		b.writes(first, description{before: "deletes from ", expr: e.Args[0]}, e)
	case "clear":
		b.writes(first, description{before: "clears ", expr: e.Args[0]}, e)
	case "append":
		part := slices.DeleteFunc(slices.Clone(first.refs), func(r ref) bool { return !r.part })
		b.writes(&value{refs: part}, description{before: "appends to a part of its memory"}, e)
		out := &value{box: &value{}}
		out.add(first, 0)
		for i, a := range e.Args[1:] {
			v := b.eval(a)
			if e.Ellipsis.IsValid() && i == len(e.Args)-2 {
				v = b.member(v, "[]", true)
			}
			if v != nil && (len(v.refs) > 0 || v.box != nil || v.fields != nil) {
				out.box.field("[]").add(v, 0)
			}
		}
		return out
	case "make", "new":
		return &value{box: &value{}}
	}
	return nil
}

// receiverType is the type of a method's receiver; that of a function is
// invalid.
func receiverType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

// Subject names a function or method for facts.
func Subject(fn *types.Func) component.Subject {
	s := component.Subject{Decl: component.DeclID{Name: fn.Name()}}
	if fn.Pkg() != nil {
		s.Decl.Pkg = fn.Pkg().Path()
	}
	if recv := fn.Signature().Recv(); recv != nil {
		s.Decl.Name, s.Member = receiverName(recv.Type()), fn.Name()
	}
	return s
}

func receiverName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// displayName is the name of a function for people: "io.ReadFull", "Engine.Set".
func displayName(fn *types.Func) string {
	s := Subject(fn)
	switch {
	case s.Member != "" && s.Decl.Name != "":
		return s.Decl.Name + "." + s.Member
	case s.Member != "" || fn.Pkg() == nil:
		return fn.Name()
	}
	return fn.Pkg().Name() + "." + fn.Name()
}
