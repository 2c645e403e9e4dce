package effects

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// hookKey is memory that leads to values of a type which isn't known, and what
// of them may be called.
type hookKey struct {
	o object
	h *hookSet
}

// hookQuery asks which methods of a type, or of what a value of it consists of,
// may be called.
type hookQuery struct {
	t types.Type
	h *hookSet
}

// A hookTarget is a method that may be called.
type hookTarget struct {
	fn    *ssa.Function
	inner bool // of something that the value leads to
}

// box makes the object that remembers the type of a value which was converted
// to an interface.
func (b *body) box(v *ssa.MakeInterface) {
	b.set(v, b.of(v.X))
	if len(b.p.methodTypes(v.X.Type())) == 0 {
		return
	}
	o := b.one(made(v))
	b.set(v, o)
	b.store(o, b.of(v.X))
}

// types returns the types of values that the fresh object o is, or holds, as
// far as they have methods.
func (b *body) types(o object) []types.Type {
	if m, ok := o.site.(*ssa.MakeInterface); ok {
		return []types.Type{m.X.Type()}
	}
	return b.boxed[o]
}

// hooks applies the methods and functions that a function of another module may
// call on what it is given: of types that are known here at once, of others when
// the caller is known.
func (b *body) hooks(instr ssa.CallInstruction, h *hookSet, args []*set, s site) {
	reach := b.reach(args)
	b.functionArguments(instr, reach, s)
	if h == nil {
		return
	}
	for id := range reach.clone().all() {
		b.hook(instr, b.objects[id], h, reach, s)
	}
	for _, a := range operands(instr) {
		known := []ssa.Value{a}
		if types.IsInterface(a.Type()) {
			if known = concrete(a, nil); known == nil {
				b.postpone(b.of(a), h, reach, s)
			}
		}
		for _, x := range known {
			if !types.IsInterface(a.Type()) {
				b.hookType(instr, x.Type(), x, b.of(x), h, reach)
			}
			if _, isFunc := x.Type().Underlying().(*types.Signature); !isFunc && opens(x.Type(), func(path string) bool { return b.p.byPath[path] != nil }) {
				b.postpone(b.of(x), h, reach, s)
			}
		}
	}
}

// functionArguments calls the functions among the arguments of a call that the
// caller of this function knows, or nobody.
func (b *body) functionArguments(instr ssa.CallInstruction, reach *set, s site) {
	for _, a := range operands(instr) {
		if _, ok := a.Type().Underlying().(*types.Signature); !ok {
			continue
		}
		for id := range b.of(a).clone().all() {
			if o := b.objects[id]; o.kind != kindFresh {
				b.callback(instr, o, reach, s)
			}
		}
	}
}

// operands lists the arguments of a call, and in place of a variadic one its
// elements.
func operands(instr ssa.CallInstruction) []ssa.Value {
	common := instr.Common()
	var out []ssa.Value
	if common.IsInvoke() {
		out = append(out, common.Value)
	}
	for _, a := range common.Args {
		if elems, ok := elements(a); ok {
			out = append(out, elems...)
			continue
		}
		out = append(out, a)
	}
	return out
}

// hook applies methods of what o holds.
func (b *body) hook(instr ssa.CallInstruction, o object, h *hookSet, reach *set, s site) {
	if o.kind != kindFresh {
		return
	}
	for _, t := range b.types(o) {
		b.hookType(instr, t, o.site, b.content[b.ids[o]], h, reach)
	}
}

// hookType applies methods of a value of type t, which is at from and leads to
// holds.
func (b *body) hookType(instr ssa.CallInstruction, t types.Type, from any, holds *set, h *hookSet, reach *set) {
	for _, found := range b.p.hookTargets(t, h) {
		if b.p.over() {
			return
		}
		fn, receiver := found.fn, holds
		if found.inner || receiver == nil {
			receiver = b.all(orEmpty(holds))
		}
		if h.all {
			b.deferredDepth++
			b.anyMethodDepth++
		}
		b.applyCallback(instr, target{hookKey{made(from), h}, fn}, reach, func(reach *set) []*set {
			args := anything(fn, reach)
			if len(args) > 0 {
				args[0] = receiver
			}
			return args
		})
		if h.all {
			b.deferredDepth--
			b.anyMethodDepth--
		}
	}
}

func orEmpty(s *set) *set {
	if s == nil {
		return &set{}
	}
	return s
}

// postpone leaves what may be called on values that of leads to, to those who
// know where they come from.
func (b *body) postpone(of *set, h *hookSet, reach *set, s site) {
	if h.all {
		return // and they are unknown in any case
	}
	for id := range b.all(orEmpty(of)).all() {
		switch o := b.objects[id]; o.kind {
		case kindParam, kindDeep:
			key := hookKey{o, h}
			c, ok := b.sum.hooked[key]
			if !ok {
				c = callback{site: s, args: &facts{}}
				b.sum.hooked[key] = c
				b.sum.hooks = append(b.sum.hooks, key)
				b.sum.size++
			}
			b.publish(c.args, reach, &set{})
		case kindGlobal, kindUnknown:
			record(b.sum.outside.hooked, hookKey{o, h}, s)
		}
	}
}

// postponed applies what a callee left to its caller.
func (b *body) postponed(instr ssa.CallInstruction, sum *summary, t *translation, fn *ssa.Function) {
	for i := 0; i < len(sum.hooks); i++ { // it may be this function's own
		key := sum.hooks[i]
		c := sum.hooked[key]
		reach, of := b.all(t.all(c.args)), orEmpty(t.of(key.o)).clone()
		for x := range of.all() {
			b.hook(instr, b.objects[x], key.h, reach, c.under(fn))
		}
		b.postpone(of, key.h, reach, c.under(fn))
	}
}

// hookTargets lists the methods which a call with h may mean for a value of type
// t. Those of other modules that are known to change nothing are left out.
func (p *Program) hookTargets(t types.Type, h *hookSet) []hookTarget {
	q := hookQuery{t, h}
	if out, ok := p.targets[q]; ok {
		return out
	}
	var out []hookTarget
	for _, part := range p.methodTypes(t) {
		for sel := range types.NewMethodSet(part).Methods() {
			m := sel.Obj().(*types.Func)
			if !h.calls(m) || p.byPath[pathOf(m)] == nil && isInert(m) {
				continue
			}
			if fn := p.prog.MethodValue(sel); fn != nil {
				out = append(out, hookTarget{fn, !types.Identical(part, t)})
			}
		}
	}
	p.targets[q] = out
	return out
}

func pathOf(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	return fn.Pkg().Path()
}

// isInert reports whether a function of the table changes nothing and calls
// nothing that it doesn't know.
func isInert(fn *types.Func) bool {
	m := modelOf(fn)
	return m.known && len(m.writes) == 0 && len(m.events) == 0 && !m.buffer && hookSets()[modelKey(fn)] == nil
}

// methodTypes lists the types with methods that a library finds in a value of
// type t: t itself, and what its elements and exported fields are. A pointer to
// one is among them where the value has an address.
func (p *Program) methodTypes(t types.Type) []types.Type {
	out, ok := p.parts[t]
	if !ok {
		w := &partWalk{seen: map[types.Type]bool{}}
		w.walk(t, false)
		out = w.out
		p.parts[t] = out
	}
	return out
}

type partWalk struct {
	out  []types.Type
	seen map[types.Type]bool
}

func (w *partWalk) walk(t types.Type, addressable bool) {
	t = types.Unalias(t)
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	if named, ok := t.(*types.Named); ok && !types.IsInterface(t) {
		var part types.Type = named
		if addressable {
			part = types.NewPointer(named)
		}
		if types.NewMethodSet(part).Len() > 0 {
			w.out = append(w.out, part)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		w.walk(u.Elem(), true)
	case *types.Slice:
		w.walk(u.Elem(), true)
	case *types.Array:
		w.walk(u.Elem(), addressable)
	case *types.Map:
		w.walk(u.Key(), false)
		w.walk(u.Elem(), false)
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() || f.Embedded() {
				w.walk(f.Type(), addressable)
			}
		}
	}
}

// candidates lists the functions and methods of the packages under analysis that
// a call with h may mean where the value isn't known, but for those that change
// nothing and depend on nothing.
func (p *Program) candidates(h *hookSet) []*ssa.Function {
	if out, ok := p.candidateFuncs[h]; ok {
		return out
	}
	out := slices.DeleteFunc(slices.Clone(p.hookable(h)), p.clean)
	if p.halted {
		return nil
	}
	p.candidateFuncs[h] = out
	return out
}

// hookable lists the functions and methods of the packages under analysis that a
// call with h may mean where the value isn't known.
func (p *Program) hookable(h *hookSet) []*ssa.Function {
	if out, ok := p.meant[h]; ok {
		return out
	}
	if p.offered == nil {
		p.offer()
	}
	var out []*ssa.Function
	add := func(fn *ssa.Function) {
		if fn != nil {
			out = append(out, fn)
		}
	}
	for _, o := range p.offered {
		for _, m := range o.methods {
			if h.all || h.any && m.fn.Exported() || h.methods[m.hook] {
				add(p.function(m.fn))
			}
		}
		for _, v := range o.values {
			if h.funcs[v.hook] {
				add(p.function(v.fn))
			}
		}
		if !slices.ContainsFunc(o.literals, func(l offeredLiteral) bool { return h.funcs[l.hook] }) {
			continue
		}
		if p.build(o.pkg.Types); p.halted {
			return nil
		}
		hooks := map[*ast.FuncLit]string{}
		for _, l := range o.literals {
			hooks[l.lit] = l.hook
		}
		var visit func(fn *ssa.Function)
		visit = func(fn *ssa.Function) {
			if lit, ok := fn.Syntax().(*ast.FuncLit); ok && h.funcs[hooks[lit]] {
				add(fn)
			}
			for _, anon := range fn.AnonFuncs {
				visit(anon)
			}
		}
		for _, fn := range append(p.declared(o.pkg), p.prog.Package(o.pkg.Types).Func("init")) {
			visit(fn)
		}
	}
	if p.halted {
		return nil
	}
	p.meant[h] = out
	return out
}

func inertFunction(fn *ssa.Function) bool {
	obj := objectOf(fn)
	return obj != nil && isInert(obj)
}

// behind lists what a call may mean on a value that is kept in a package
// variable, or came from unknown code, but for what changes nothing and depends
// on nothing.
func (p *Program) behind(key hookKey) []*ssa.Function { return p.held(key, p.candidates(key.h)) }

// held lists those of all that a call may mean on a value that is kept in a
// package variable, or came from unknown code. One that never changes after the
// package was initialised holds what it was given then.
func (p *Program) held(key hookKey, all []*ssa.Function) []*ssa.Function {
	g := key.o.global
	if len(all) == 0 || g == nil || p.mutable(g) {
		return all
	}
	if p.byPath[g.Pkg.Pkg.Path()] == nil {
		return nil // of another module: a sentinel, or a table
	}
	held := p.visit(g.Pkg.Func("init"), nil).outside.holds[g]
	if held == nil {
		return nil
	}
	var out []*ssa.Function
	for _, fn := range all {
		switch {
		case slices.Contains(held.funcs, fn):
			out = append(out, fn)
		case fn.Signature.Recv() != nil && slices.ContainsFunc(held.types, func(t types.Type) bool {
			return slices.ContainsFunc(p.hookTargets(t, key.h), func(target hookTarget) bool { return objectOf(target.fn) == objectOf(fn) })
		}):
			out = append(out, fn)
		}
	}
	return out
}

// holding is what a package initialiser puts into a variable.
type holding struct {
	funcs []*ssa.Function
	types []types.Type
}

// initialised notes what a package initialiser puts into variables.
func (b *body) initialised() {
	if b.fn.Synthetic != "package initializer" {
		return
	}
	for id, o := range b.objects {
		if o.kind != kindGlobal {
			continue
		}
		h := &holding{}
		for in := range b.all(b.content[id]).all() {
			h.funcs = append(h.funcs, b.functions(b.objects[in])...)
			h.types = append(h.types, b.types(b.objects[in])...)
		}
		b.sum.outside.holds[o.global] = h
	}
}

// A hookCall is a call that a hook of a function may mean.
type hookCall struct {
	key      hookKey
	fn       *ssa.Function
	site     site // as the function with the hook has it
	changes  bool // fn may change what it is called with
	eventful bool
}

// hookCalls lists the calls that what sum hooks may mean, sorted: on values in
// package variables and of unknown code, or on those that its callers know.
func (p *Program) hookCalls(sum *summary, outside bool) []hookCall {
	made := &sum.inner
	if outside {
		made = &sum.outer
	}
	if *made != nil {
		return *made
	}
	out := []hookCall{}
	add := func(key hookKey, s site, fns []*ssa.Function) {
		for _, fn := range fns {
			to := p.visit(fn, nil)
			c := hookCall{key: key, fn: fn, site: s, changes: len(to.writes)+len(to.unknown)+len(to.calls.list) > 0, eventful: p.dependsOnWorld(fn)}
			c.site.what = strings.TrimSuffix(s.what, ", which could not be analysed") + ", which may call " + displayName(fn)
			out = append(out, c)
		}
	}
	if outside {
		for _, key := range sortedHooks(sum.outside.hooked) {
			add(key, sum.outside.hooked[key], p.behind(key))
		}
	} else {
		for _, key := range sum.hooks {
			add(key, sum.hooked[key].site, p.candidates(key.h))
		}
	}
	if !p.halted {
		*made = out
	}
	return out
}

// hook follows a call, which starts at where.
func (f *follower) hook(at step, c hookCall) (where site) {
	where = c.site.after(at.path)
	f.queue(at, c.fn, true)
	if c.eventful {
		f.event(eventUnknown, where)
	}
	return where
}

func (f *follower) event(k eventKind, s site) {
	key := eventKey{pos: s.pos, kind: k}
	if old, ok := f.events[key]; !ok || better(s, old.site) {
		f.events[key] = event{site: s, kind: k}
	}
}

// hooked follows what is called on values that fn's own callers would have to
// know, and adds to own what may change by that.
func (f *follower) hooked(sum *summary, own map[object]site) {
	for _, c := range f.p.hookCalls(sum, false) {
		s := f.hook(step{sum: sum}, c)
		if !c.changes {
			continue
		}
		record(own, c.key.o, s)
		for _, x := range sum.hooked[c.key].args.list {
			switch x.kind {
			case kindParam, kindDeep:
				record(own, x, s)
			case kindGlobal:
				record(f.unknown, x.global, s)
			}
		}
	}
}

// hookedOutside follows what is called on values in package variables, and of
// unknown code.
func (f *follower) hookedOutside(at step) {
	for _, c := range f.p.hookCalls(at.sum, true) {
		s := f.hook(at, c)
		switch {
		case !c.changes:
		case c.key.o.kind == kindGlobal:
			record(f.unknown, c.key.o.global, s)
		case f.maybeUnknown == nil || better(s, *f.maybeUnknown):
			f.maybeUnknown = &s
		}
	}
}

func sortedHooks(set map[hookKey]site) []hookKey {
	keys := slices.Collect(maps.Keys(set))
	slices.SortFunc(keys, func(a, b hookKey) int {
		if c := set[a].order - set[b].order; c != 0 {
			return c
		}
		return strings.Compare(set[a].what+globalName(a.o), set[b].what+globalName(b.o))
	})
	return keys
}

func globalName(o object) string {
	if o.global == nil {
		return ""
	}
	return o.global.String()
}
