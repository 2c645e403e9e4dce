package effects

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// findings are the answer to one question, before it is put into words.
type findings struct {
	changed *site // the state is written there
	maybe   *site // the state may be
	touched bool
	changes []int
	events  map[eventKey]event
	large   *ssa.Function // too large to be analysed
}

// A step is a function that can run, and how it is come to.
type step struct {
	sum   *summary
	path  []string
	maybe bool // one of several methods that may be meant, or not by this call
}

// A follower collects what a function and all that it calls do to what is the
// same for all callers.
type follower struct {
	p            *Program
	home         *types.Package
	seen         map[*ssa.Function]bool
	todo         []step
	maybe        []step // for when todo is done: what certainly runs counts as that
	reads        map[*ssa.Global]bool
	writes       map[*ssa.Global]site
	unknown      map[*ssa.Global]site
	events       map[eventKey]event
	maybeUnknown *site         // memory of unknown code may be changed there
	large        *ssa.Function // it can run, and is too large to be analysed
}

// follow answers what fn does. Its receiver, if it is one, is the state.
func (p *Program) follow(fn *ssa.Function, receiver bool) *findings {
	sum := p.visit(fn, nil)
	f := &follower{
		p: p, home: home(fn), seen: map[*ssa.Function]bool{fn: true}, todo: []step{{sum: sum}},
		reads: map[*ssa.Global]bool{}, writes: map[*ssa.Global]site{}, unknown: map[*ssa.Global]site{}, events: map[eventKey]event{},
	}
	for f.next() && !p.halted {
		f.advance()
	}
	out := &findings{events: f.events}
	own := f.callbacks(sum, receiver)
	f.hooked(sum, own)
	for f.next() && !p.halted {
		f.advance()
	}
	out.large = f.large
	out.changed = first(firstState(sum.writes, receiver), firstGlobal(f.writes))
	out.maybe = first(firstState(own, receiver), p.firstMutable(f.unknown), unknownWrite(f), f.maybeUnknown)
	out.touched = out.changed != nil || out.maybe != nil || firstRead(sum.reads, receiver) || p.anyMutable(f.reads)
	out.changes = changedParams(receiver, sum.writes, own)
	return out
}

// advance does the next step.
func (f *follower) advance() {
	next := f.todo[0]
	f.todo = f.todo[1:]
	if !next.maybe || !f.seen[next.sum.fn] {
		f.seen[next.sum.fn] = true
		f.step(next)
	}
}

// home is the package whose code fn is.
func home(fn *ssa.Function) *types.Package {
	if obj := objectOf(fn); obj != nil {
		return obj.Pkg()
	}
	if fn.Pkg != nil {
		return fn.Pkg.Pkg
	}
	return nil
}

// step adds what one function does, and queues what it calls.
func (f *follower) step(at step) {
	if at.sum.top {
		f.large = cmp.Or(f.large, at.sum.fn)
		return
	}
	out := &at.sum.outside
	f.p.spend(1 + len(out.reads) + len(out.writes) + len(out.unknown) + len(out.events) + len(at.sum.callees))
	for g := range out.reads {
		f.reads[g] = true
	}
	for g, s := range out.writes {
		if at.maybe && g != nil {
			record(f.unknown, g, s.after(at.path))
			continue
		}
		record(f.writes, g, s.after(at.path))
	}
	for g, s := range out.unknown {
		record(f.unknown, g, s.after(at.path))
	}
	for key, e := range out.events {
		if at.maybe {
			break // the call itself is an event
		}
		s := e.site.after(at.path)
		if old, ok := f.events[key]; !ok || better(s, old.site) {
			f.events[key] = event{site: s, kind: e.kind}
		}
	}
	f.hookedOutside(at)
	for _, e := range at.sum.callees {
		f.queue(at, e.to, at.maybe || e.later)
	}
	for _, m := range sortedMethods(out.invokes) {
		for _, fn := range f.p.implementations(f.home, m) {
			f.queue(at, fn, true)
		}
	}
}

func (f *follower) queue(from step, fn *ssa.Function, maybe bool) {
	if f.seen[fn] || !f.p.body(fn) {
		return
	}
	path := from.path
	if len(path) < maxPath {
		path = append(path[:len(path):len(path)], displayName(fn))
	}
	next := step{f.p.visit(fn, nil), path, maybe}
	if maybe {
		f.maybe = append(f.maybe, next)
		return
	}
	f.seen[fn] = true
	f.todo = append(f.todo, next)
}

// next reports whether there is a step to do.
func (f *follower) next() bool {
	if len(f.todo) == 0 {
		f.todo, f.maybe = f.maybe, nil
	}
	return len(f.todo) > 0
}

// callbacks turns the function values that fn's own callers would have to know
// into unknown code: those in the state may do anything to it, and those of the
// caller to what they are given. It returns what is unknown of fn's parameters.
func (f *follower) callbacks(sum *summary, receiver bool) map[object]site {
	own := make(map[object]site, len(sum.unknown))
	for o, s := range sum.unknown {
		own[o] = s
	}
	note := func(o object, s site) {
		switch o.kind {
		case kindParam, kindDeep:
			record(own, o, s)
		case kindGlobal:
			record(f.unknown, o.global, s)
		}
	}
	for _, o := range sum.calls.list {
		c := sum.called[o]
		f.events[eventKey{pos: c.pos, kind: eventUnknown}] = event{site: c.site, kind: eventUnknown}
		for _, x := range c.args.list {
			note(x, c.site)
		}
		if receiver && o.param == 0 {
			note(o, c.site)
		}
	}
	return own
}

// after returns s as it is come to by path.
func (s site) after(path []string) site {
	if len(path) == 0 {
		return s
	}
	whole := append(path[:len(path):len(path)], s.path...)
	s.path = whole[:min(len(whole), maxPath)]
	return s
}

// first returns the first of sites that there is.
func first(sites ...*site) *site {
	for _, s := range sites {
		if s != nil {
			return s
		}
	}
	return nil
}

// firstState returns where the memory of the receiver is in set.
func firstState(set map[object]site, receiver bool) *site {
	for _, k := range []kind{kindParam, kindDeep} {
		if s, ok := set[object{kind: k}]; ok && receiver {
			return &s
		}
	}
	return nil
}

func firstRead(set map[object]bool, receiver bool) bool {
	return receiver && (set[object{kind: kindParam}] || set[object{kind: kindDeep}])
}

// firstGlobal returns the site of the first variable by name in set.
func firstGlobal(set map[*ssa.Global]site) *site {
	for _, g := range sortedGlobals(set) {
		s := set[g]
		return &s
	}
	return nil
}

// firstMutable is firstGlobal of those that may change. One of another module
// that this very function hands to unknown code may.
func (p *Program) firstMutable(set map[*ssa.Global]site) *site {
	for _, g := range sortedGlobals(set) {
		if p.mutable(g) || p.byPath[g.Pkg.Pkg.Path()] == nil && !sealed(deref(g.Type()), 0) {
			s := set[g]
			return &s
		}
	}
	return nil
}

func (p *Program) anyMutable(set map[*ssa.Global]bool) bool {
	return slices.ContainsFunc(sortedGlobals(set), p.mutable)
}

// unknownWrite returns where memory that came from unknown code is changed: it
// may be the state, which that code may have been given before.
func unknownWrite(f *follower) *site {
	s, ok := f.writes[nil]
	if !ok {
		return nil
	}
	s.what += ", memory that came from code that could not be analysed"
	return &s
}

func changedParams(receiver bool, sets ...map[object]site) []int {
	first := 0
	if receiver {
		first = 1
	}
	var changed []int
	for _, set := range sets {
		for o := range set {
			if o.param >= first {
				changed = append(changed, o.param-first)
			}
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// sortedGlobals lists the variables in set by name.
func sortedGlobals[V any](set map[*ssa.Global]V) []*ssa.Global {
	var out []*ssa.Global
	for g := range set {
		if g != nil {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *ssa.Global) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// sortedMethods lists the methods in set by where they are called first.
func sortedMethods(set map[*types.Func]site) []*types.Func {
	var out []*types.Func
	for m := range set {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *types.Func) int {
		return cmp.Or(cmp.Compare(set[a].order, set[b].order), strings.Compare(a.FullName(), b.FullName()))
	})
	return out
}

// implementations returns the methods of pkg's types that a call of the
// interface method m may mean.
func (p *Program) implementations(pkg *types.Package, m *types.Func) []*ssa.Function {
	if pkg == nil || p.byPath[pkg.Path()] == nil {
		return nil
	}
	iface, ok := m.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	query := implementation{pkg, m}
	if out, ok := p.implementers[query]; ok {
		return out
	}
	var out []*ssa.Function
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(tn.Type()) {
			continue
		}
		n, ok := tn.Type().(*types.Named)
		if !ok || n.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(n), iface) {
			continue
		}
		sel := types.NewMethodSet(types.NewPointer(n)).Lookup(m.Pkg(), m.Name())
		if fn := p.prog.MethodValue(sel); fn != nil {
			out = append(out, fn)
		}
	}
	p.implementers[query] = out
	return out
}
