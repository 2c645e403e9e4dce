package effects

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// call applies a call, deferred and started ones included.
func (b *body) call(instr ssa.CallInstruction) {
	common := instr.Common()
	args := make([]*set, 0, len(common.Args)+1)
	if common.IsInvoke() {
		args = append(args, b.of(common.Value))
	}
	for _, a := range common.Args {
		args = append(args, b.of(a))
	}
	if builtin, ok := common.Value.(*ssa.Builtin); ok {
		b.builtin(instr, builtin.Name(), args)
		return
	}
	if common.IsInvoke() {
		b.invoke(instr, args)
		return
	}
	switch v := common.Value.(type) {
	case *ssa.Function:
		b.apply(instr, v, args)
		return
	case *ssa.MakeClosure:
		b.apply(instr, v.Fn.(*ssa.Function), b.withBindings(v, args))
		return
	}
	if fn := b.constantFunc(common.Value); fn != nil {
		b.apply(instr, fn, args)
		return
	}
	s := b.at(instr, "calls "+owner(common.Value)+", a function value that could not be followed")
	for id := range b.of(common.Value).all() {
		o := b.objects[id]
		if o.kind != kindFresh && isClock(common.Signature()) {
			b.event(eventClock, s)
		}
		b.callObject(instr, o, args, s)
	}
}

// constantFunc returns the function behind a package variable that is never
// assigned after its declaration, also when sync.OnceValue wraps it.
func (b *body) constantFunc(v ssa.Value) *ssa.Function {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return nil
	}
	g, ok := load.X.(*ssa.Global)
	if !ok {
		return nil
	}
	if fn, ok := b.p.initialFunction(g); ok {
		return fn
	}
	if init, ok := b.p.initial(g).(*ssa.Call); ok {
		return onceArgument(init)
	}
	return nil
}

// initialFunction returns the function that a package variable always is.
func (p *Program) initialFunction(g *ssa.Global) (*ssa.Function, bool) {
	if _, ok := deref(g.Type()).Underlying().(*types.Signature); !ok {
		return nil, false
	}
	switch init := p.initial(g).(type) {
	case *ssa.Function:
		return init, true
	case *ssa.MakeClosure:
		fn, ok := init.Fn.(*ssa.Function)
		return fn, ok && len(init.Bindings) == 0
	}
	return nil, false
}

// onceArgument returns f of a call sync.OnceValue(f).
func onceArgument(call *ssa.Call) *ssa.Function {
	callee := call.Call.StaticCallee()
	if callee == nil || len(call.Call.Args) != 1 {
		return nil
	}
	switch modelKey(objectOf(callee)) {
	case "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
		fn, _ := call.Call.Args[0].(*ssa.Function)
		return fn
	}
	return nil
}

func (b *body) withBindings(c *ssa.MakeClosure, args []*set) []*set {
	out := append([]*set(nil), args...)
	for _, v := range c.Bindings {
		out = append(out, b.of(v))
	}
	return out
}

// callObject calls the function that o is.
func (b *body) callObject(instr ssa.CallInstruction, o object, args []*set, s site) {
	switch o.kind {
	case kindParam, kindDeep:
		b.callParam(instr, o, args, s)
		return
	case kindGlobal, kindUnknown:
		b.unknownCall(instr, append(args[:len(args):len(args)], b.one(o)), s, true)
		return
	}
	switch f := o.site.(type) {
	case *ssa.Function:
		b.applyValue(instr, f, args)
		return
	case *ssa.MakeClosure:
		b.applyValue(instr, f.Fn.(*ssa.Function), b.withBindings(f, args))
		return
	}
	held := b.all(b.one(o))
	if len(b.held[o]) == 0 { // made by a known function, such as maps.Keys
		b.callbacks(instr, append(args[:len(args):len(args)], held), s)
		return
	}
	for _, fn := range b.held[o] {
		full := padded(fn, args)
		for range fn.FreeVars {
			full = append(full, held)
		}
		b.applyValue(instr, fn, full)
	}
}

// applyValue applies a function that a value may be, unless its type says that
// it isn't: objects don't tell fields apart.
func (b *body) applyValue(instr ssa.CallInstruction, fn *ssa.Function, args []*set) {
	sig := instr.Common().Signature()
	if fn.Signature.Params().Len() != sig.Params().Len() || fn.Signature.Results().Len() != sig.Results().Len() {
		return
	}
	b.apply(instr, fn, args)
}

// padded cuts or extends args to fn's parameters, so that free variables can
// follow.
func padded(fn *ssa.Function, args []*set) []*set {
	out := make([]*set, len(fn.Params))
	copy(out, args)
	return out
}

// callParam calls a function value that the caller knows. What it captured may
// end up in whatever it is given.
func (b *body) callParam(instr ssa.CallInstruction, o object, args []*set, s site) {
	reach := b.reach(args)
	own := b.one(object{kind: kindDeep, param: o.param})
	own.add(b.id(object{kind: kindParam, param: o.param}))
	b.store(reach, own)
	b.sum.add(&b.sum.calls, o)
	c, ok := b.sum.called[o]
	if !ok {
		c = callback{site: s, args: &facts{}}
		b.sum.called[o] = c
	}
	b.publish(c.args, reach, &set{})
	own.addAll(reach)
	b.result(instr, func(int) *set { return own })
}

// reach returns all that args hold or lead to.
func (b *body) reach(args []*set) *set {
	all := &set{}
	for _, a := range args {
		all.addAll(a)
	}
	return b.all(all)
}

// A translation gives the objects of a callee's summary their meaning at one
// call.
type translation struct {
	b    *body
	args []*set
	deep []*set // of args, made when needed
	mine *set   // the memory that the callee makes
}

func (t *translation) of(o object) *set {
	switch o.kind {
	case kindParam:
		if o.param < len(t.args) {
			return t.args[o.param]
		}
		return nil
	case kindDeep:
		if o.param >= len(t.args) {
			return nil
		}
		if t.deep[o.param] == nil {
			t.deep[o.param] = t.b.deep(t.args[o.param])
		}
		return t.deep[o.param]
	case kindFresh:
		return t.mine
	}
	return t.b.one(o)
}

func (t *translation) all(f *facts) *set {
	out := &set{}
	for _, o := range f.list {
		out.addAll(t.of(o))
	}
	t.b.p.spend(len(f.list))
	return out
}

// apply applies the summary of fn, or what the table knows of it.
func (b *body) apply(instr ssa.CallInstruction, fn *ssa.Function, args []*set) {
	if !b.p.body(fn) {
		b.external(instr, objectOf(fn), args)
		return
	}
	if name, ok := strings.CutPrefix(fn.Name(), "_Cfunc_"); ok { // written by cgo
		b.unknownCall(instr, args, b.at(instr, "calls C."+name+", which could not be analysed"), true)
		return
	}
	if fn.Synthetic == "package initializer" {
		return // of another package; it ran before
	}
	sum := b.p.visit(fn, b.sum)
	if b.p.over() {
		return
	}
	if sum.top {
		b.unknownCall(instr, args, b.at(instr, "calls "+displayName(fn)+", which is too large to be analysed"), true)
		return
	}
	b.sum.callee(edge{fn, b.deferredDepth > 0})
	t := &translation{b: b, args: args, deep: make([]*set, len(args)), mine: b.one(made(instr))}
	for _, o := range sum.used.list { // may be the caller's own: it grows meanwhile
		if sum.reads[o] {
			b.read(t.of(o))
		}
		if s, ok := sum.writes[o]; ok {
			s.faint = s.faint && o.kind == kindParam && o.param < len(instr.Common().Args) && wholeSlice(instr.Common().Args[o.param], nil)
			b.write(t.of(o), s.under(fn))
		}
		if s, ok := sum.unknown[o]; ok {
			b.unknown(t.of(o), s.under(fn))
		}
	}
	for _, o := range sum.leaks.list {
		b.store(t.of(o), t.all(sum.stored[o]))
	}
	b.store(t.mine, t.all(&sum.inside))
	if b.anyMethodDepth == 0 {
		b.adopt(made(instr), sum)
	}
	b.result(instr, func(i int) *set { return t.all(&sum.results[i]) })
	for _, o := range sum.calls.list {
		c := sum.called[o]
		reach := b.all(t.all(c.args))
		for x := range t.of(o).clone().all() {
			b.callback(instr, b.objects[x], reach, c.under(fn))
		}
	}
	b.postponed(instr, sum, t, fn)
}

// adopt notes what functions, and values behind interfaces, the memory made by a
// call holds.
func (b *body) adopt(o object, sum *summary) {
	for _, fn := range sum.funcs {
		if !slices.Contains(b.held[o], fn) {
			b.held[o] = append(b.held[o], fn)
			b.grown = true
		}
	}
	for _, t := range sum.types {
		if !slices.Contains(b.boxed[o], t) {
			b.boxed[o] = append(b.boxed[o], t)
			b.grown = true
		}
	}
}

// callback calls the function o with anything in reach, on behalf of a callee.
func (b *body) callback(instr ssa.CallInstruction, o object, reach *set, s site) {
	if o.kind != kindFresh {
		b.callbackDepth++
		b.callObject(instr, o, []*set{reach}, s)
		b.callbackDepth--
		return
	}
	for _, fn := range b.functions(o) {
		b.applyCallback(instr, target{o.site, fn}, reach, func(reach *set) []*set {
			full := anything(fn, reach)
			if c, ok := o.site.(*ssa.MakeClosure); ok {
				return b.withBindings(c, full)
			}
			held := b.all(b.one(o))
			for range fn.FreeVars {
				full = append(full, held)
			}
			return full
		})
	}
}

// anything gives each parameter of fn everything in reach.
func anything(fn *ssa.Function, reach *set) []*set {
	args := make([]*set, len(fn.Params))
	for i := range args {
		args[i] = reach
	}
	return args
}

// A target is a function that other code calls back, and the value that it is
// part of.
type target struct {
	site any
	fn   *ssa.Function
}

// A callee is what is known of a target.
type callee struct {
	reach *set // what it was called with so far, by any instruction
	done  bool // with that, in this pass
	under int  // calls under way: it may reach itself
}

// applyCallback applies a target, whose results go to other code and not to
// instr. Code that was given a function may call it with whatever it is ever
// given, so that what comes from several instructions is put together.
func (b *body) applyCallback(instr ssa.CallInstruction, t target, reach *set, args func(reach *set) []*set) {
	const nested = 2 // a callback that reaches itself with more is met again by the next pass
	c := b.targets[t]
	if c == nil {
		c = &callee{reach: &set{}}
		b.targets[t] = c
	}
	if c.reach.addAll(reach) {
		c.done, b.grown = false, true
	}
	if c.done || c.under >= nested {
		return
	}
	c.done = true
	c.under++
	b.callbackDepth++
	defer func() { b.callbackDepth--; c.under-- }()
	b.apply(instr, t.fn, args(c.reach.clone()))
}

// callbacks calls every function that args lead to with anything that they
// lead to.
func (b *body) callbacks(instr ssa.CallInstruction, args []*set, s site) {
	reach := b.reach(args)
	for id := range reach.clone().all() {
		if o := b.objects[id]; o.kind == kindFresh && len(b.functions(o)) > 0 {
			b.callback(instr, o, reach, s)
		}
	}
}

// result sets the results of instr. A result that isn't used has no value.
func (b *body) result(instr ssa.CallInstruction, of func(i int) *set) {
	v := instr.Value()
	if v == nil || b.callbackDepth > 0 {
		return
	}
	results := instr.Common().Signature().Results()
	if results.Len() == 1 {
		b.set(v, of(0))
		return
	}
	parts := make([]*set, results.Len())
	for i := range parts {
		if b.p.pointers(results.At(i).Type()) {
			parts[i] = of(i)
		}
	}
	if len(parts) > 0 {
		b.tuple(v, parts)
	}
}

// invoke calls a method of an interface.
func (b *body) invoke(instr ssa.CallInstruction, args []*set) {
	common := instr.Common()
	if known := concrete(common.Value, nil); len(known) > 0 {
		for _, x := range known {
			fn := b.p.prog.LookupMethod(x.Type(), common.Method.Pkg(), common.Method.Name())
			if fn == nil {
				continue
			}
			b.apply(instr, fn, append([]*set{b.of(x)}, args[1:]...))
		}
		return
	}
	if modelOf(common.Method).known {
		b.hooks(instr, b.p.methodSet(common.Method), args, b.at(instr, "calls "+funcName(common.Method)))
	} else {
		record(b.sum.outside.invokes, common.Method, b.at(instr, "calls "+funcName(common.Method)))
	}
	b.external(instr, common.Method, args)
}

// concrete returns the values that an interface value was certainly made from,
// or nil.
func concrete(v ssa.Value, seen map[ssa.Value]bool) []ssa.Value {
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return []ssa.Value{v.X}
	case *ssa.ChangeInterface:
		return concrete(v.X, seen)
	case *ssa.Phi:
		if seen == nil {
			seen = map[ssa.Value]bool{}
		}
		if seen[v] {
			return nil
		}
		seen[v] = true
		var all []ssa.Value
		for _, e := range v.Edges {
			some := concrete(e, seen)
			if len(some) == 0 {
				return nil
			}
			all = append(all, some...)
		}
		return all
	}
	return nil
}

// objectOf returns the declared function behind fn, of a generic one the
// generic function.
func objectOf(fn *ssa.Function) *types.Func {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	obj, _ := fn.Object().(*types.Func)
	return obj
}
