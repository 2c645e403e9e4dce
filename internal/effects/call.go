package effects

import (
	"go/types"
	"hash/maphash"
	"maps"

	"golang.org/x/tools/go/ssa"
)

// A site of a call to a function value, and what is passed to it.
type callback struct {
	site
	args objects
}

// reachable puts fn among the functions under analysis if it has a body.
func (p *Program) reachable(fn *ssa.Function) {
	if p.body(fn) {
		p.reach(fn)
	}
}

// call applies a call, deferred and started ones included.
func (b *body) call(instr ssa.CallInstruction) {
	common := instr.Common()
	args := make([]objects, 0, len(common.Args)+1)
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
	targets := b.of(common.Value)
	for o := range maps.Clone(targets) {
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
	switch init := b.p.initial(g).(type) {
	case *ssa.Function:
		return init
	case *ssa.MakeClosure:
		if len(init.Bindings) == 0 {
			return init.Fn.(*ssa.Function)
		}
	case *ssa.Call:
		return onceArgument(init)
	}
	return nil
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

func (b *body) withBindings(c *ssa.MakeClosure, args []objects) []objects {
	out := append([]objects(nil), args...)
	for _, v := range c.Bindings {
		out = append(out, b.of(v))
	}
	return out
}

// callObject calls the function that o is.
func (b *body) callObject(instr ssa.CallInstruction, o object, args []objects, s site) {
	switch o.kind {
	case kindParam, kindDeep:
		b.callParam(instr, o, args, s)
		return
	case kindGlobal, kindUnknown:
		b.unknownCall(instr, append(args, objects{o: {}}), s, true)
		return
	}
	switch f := o.site.(type) {
	case *ssa.Function:
		b.apply(instr, f, args)
		return
	case *ssa.MakeClosure:
		b.apply(instr, f.Fn.(*ssa.Function), b.withBindings(f, args))
		return
	}
	held := b.all(objects{o: {}})
	if len(b.funcs[o]) == 0 { // made by a known function, such as maps.Keys
		b.callbacks(instr, append(args, held), s)
		return
	}
	for fn := range b.funcs[o] {
		full := padded(fn, args)
		for range fn.FreeVars {
			full = append(full, held)
		}
		b.apply(instr, fn, full)
	}
}

// padded cuts or extends args to fn's parameters, so that free variables can
// follow.
func padded(fn *ssa.Function, args []objects) []objects {
	out := make([]objects, len(fn.Params))
	copy(out, args)
	return out
}

// callParam calls a function value that the caller knows. What it captured may
// end up in whatever it is given.
func (b *body) callParam(instr ssa.CallInstruction, o object, args []objects, s site) {
	reach := b.reach(args)
	own := objects{{kind: kindDeep, param: o.param}: {}, {kind: kindParam, param: o.param}: {}}
	for x := range reach {
		b.store(x, own)
	}
	pub := objects{}
	b.publish(pub, reach, objects{})
	have, ok := b.sum.calls[o]
	if !ok {
		have = callback{site: s, args: objects{}}
	}
	have.args.addAll(pub)
	b.sum.calls[o] = have
	own.addAll(reach)
	b.result(instr, func(int) objects { return own })
}

// reach returns all that args hold or lead to.
func (b *body) reach(args []objects) objects {
	all := objects{}
	for _, a := range args {
		all.addAll(b.all(a))
	}
	b.p.spend(len(all))
	return all
}

// apply applies the summary of fn, or what the table knows of it.
func (b *body) apply(instr ssa.CallInstruction, fn *ssa.Function, args []objects) {
	if !b.p.body(fn) {
		b.external(instr, objectOf(fn), args)
		return
	}
	sum := b.p.reach(fn)
	if !b.p.spend(1 + sum.size()) {
		return
	}
	mine := made(instr)
	translate := func(o object) objects {
		switch o.kind {
		case kindParam:
			if o.param < len(args) {
				return args[o.param]
			}
			return nil
		case kindDeep:
			if o.param < len(args) {
				return b.deep(args[o.param])
			}
			return nil
		case kindFresh:
			return objects{mine: {}}
		}
		return objects{o: {}}
	}
	each := func(set objects) objects {
		out := objects{}
		for o := range set {
			out.addAll(translate(o))
		}
		b.p.spend(len(out))
		return out
	}
	b.read(each(sum.reads))
	for o, s := range sum.writes {
		b.write(translate(o), s.under(fn))
	}
	for o, s := range sum.unknown {
		b.unknown(translate(o), s.under(fn))
	}
	for o, val := range sum.leaks {
		for x := range translate(o) {
			b.store(x, each(val))
		}
	}
	b.store(mine, each(sum.inside))
	b.adopt(mine, sum.funcs)
	for _, e := range sum.events {
		b.event(e.kind, e.under(fn))
	}
	b.result(instr, func(i int) objects {
		if i >= len(sum.results) { // a function of another type, which the value can't be
			return nil
		}
		return each(sum.results[i])
	})
	for o, c := range sum.calls {
		reach := b.all(each(c.args))
		for x := range maps.Clone(translate(o)) {
			b.callback(instr, x, reach, c.under(fn))
		}
	}
}

// adopt notes that the memory made by a call holds functions.
func (b *body) adopt(o object, funcs map[*ssa.Function]bool) {
	if len(funcs) == 0 {
		return
	}
	if b.funcs[o] == nil {
		b.funcs[o] = map[*ssa.Function]bool{}
	}
	n := len(b.funcs[o])
	maps.Copy(b.funcs[o], funcs)
	b.grown = b.grown || len(b.funcs[o]) != n
}

// callback calls the function o with anything in reach, on behalf of a callee.
func (b *body) callback(instr ssa.CallInstruction, o object, reach objects, s site) {
	const most = 16 // parameters that a callback may have
	args := make([]objects, most)
	for i := range args {
		args[i] = reach
	}
	if o.kind != kindFresh {
		b.silent++
		b.callObject(instr, o, args[:1], s)
		b.silent--
		return
	}
	for fn := range b.functions(o) {
		full := padded(fn, args)
		if c, ok := o.site.(*ssa.MakeClosure); ok {
			full = b.withBindings(c, full)
		} else {
			held := b.all(objects{o: {}})
			for range fn.FreeVars {
				full = append(full, held)
			}
		}
		b.applyCallback(instr, fn, full)
	}
}

// An application is one callback with what it is given.
type application struct {
	instr ssa.CallInstruction
	fn    *ssa.Function
	args  uint64 // hash
}

var argsSeed = maphash.MakeSeed()

func hashArgs(args []objects) uint64 {
	var h uint64
	for i, objs := range args {
		for o := range objs { // in any order: the sum is the same
			h += maphash.Comparable(argsSeed, argument{i, o})
		}
	}
	return h
}

type argument struct {
	index int
	o     object
}

// applyCallback applies fn, whose results go to the callee and not to instr.
func (b *body) applyCallback(instr ssa.CallInstruction, fn *ssa.Function, args []objects) {
	const nested = 2 // a callback that reaches itself with more is met again by the next pass
	if b.applying[fn] >= nested {
		return
	}
	this := application{instr, fn, hashArgs(args)}
	if b.applied[this] {
		return
	}
	b.applied[this] = true
	b.applying[fn]++
	b.silent++
	defer func() { b.silent--; b.applying[fn]-- }()
	b.apply(instr, fn, args)
}

// callbacks calls every function that args lead to with anything that they
// lead to.
func (b *body) callbacks(instr ssa.CallInstruction, args []objects, s site) {
	reach := b.reach(args)
	for o := range maps.Clone(reach) {
		if o.kind == kindFresh && len(b.functions(o)) > 0 {
			b.callback(instr, o, reach, s)
		}
	}
}

// result sets the results of instr. A result that isn't used has no value.
func (b *body) result(instr ssa.CallInstruction, of func(i int) objects) {
	v := instr.Value()
	if v == nil || b.silent > 0 {
		return
	}
	results := instr.Common().Signature().Results()
	if results.Len() == 1 {
		b.set(v, of(0))
		return
	}
	parts := make([]objects, results.Len())
	for i := range parts {
		parts[i] = objects{}
		if hasPointers(results.At(i).Type()) {
			parts[i] = of(i)
		}
	}
	if len(parts) > 0 {
		b.tuple(v, parts)
	}
}

// unknownCall passes args to code that could not be analysed: it may change
// all that it can reach, mix it, and call what functions it finds there.
func (b *body) unknownCall(instr ssa.CallInstruction, args []objects, s site, report bool) {
	reach := b.reach(args)
	b.unknown(reach, s)
	b.read(reach)
	mixed := maps.Clone(reach)
	mixed.add(object{kind: kindUnknown})
	for o := range reach {
		b.store(o, mixed)
	}
	if report {
		b.event(eventUnknown, s)
	}
	b.callbacks(instr, args, s)
	b.result(instr, func(int) objects { return mixed })
}

// invoke calls a method of an interface.
func (b *body) invoke(instr ssa.CallInstruction, args []objects) {
	common := instr.Common()
	if known := concrete(common.Value, nil); len(known) > 0 {
		for _, x := range known {
			fn := b.p.prog.LookupMethod(x.Type(), common.Method.Pkg(), common.Method.Name())
			if fn == nil {
				continue
			}
			b.apply(instr, fn, append([]objects{b.of(x)}, args[1:]...))
		}
		return
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

// builtin applies a call of a predeclared function.
func (b *body) builtin(instr ssa.CallInstruction, name string, args []objects) {
	common := instr.Common()
	dst := func(what string) {
		b.write(args[0], b.at(instr, what+" "+owner(common.Args[0])))
	}
	switch name {
	case "append":
		b.appends(instr, args)
	case "copy":
		dst("copies into")
		b.read(args[1])
		for o := range args[0] {
			b.store(o, b.load(args[1]))
		}
	case "delete":
		dst("deletes from")
	case "clear":
		dst("clears")
	case "close":
		dst("closes")
	case "recover":
		b.result(instr, func(int) objects { return objects{{kind: kindUnknown}: {}} })
	case "ssa:wrapnilchk", "min", "max":
		b.result(instr, func(int) objects { return args[0] })
	case "print", "println":
		b.event(eventOutput, b.at(instr, "calls "+name))
	default:
		for _, a := range args { // len, cap, complex ...
			b.read(a)
		}
		if len(args) > 0 {
			b.result(instr, func(int) objects { return args[0] })
		}
	}
}

// appends applies append, which may write behind the end of the slice it is
// given, and may make a new one.
func (b *body) appends(instr ssa.CallInstruction, args []objects) {
	b.write(args[0], b.at(instr, "appends to "+owner(instr.Common().Args[0])))
	out := maps.Clone(args[0])
	if out == nil {
		out = objects{}
	}
	out.add(made(instr))
	vals := b.load(args[0])
	b.read(args[0])
	if len(args) > 1 {
		b.read(args[1])
		vals.addAll(b.load(args[1]))
	}
	for o := range out {
		b.store(o, vals)
	}
	b.result(instr, func(int) objects { return out })
}
