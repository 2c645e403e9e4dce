package effects

import "golang.org/x/tools/go/ssa"

// export fills the summary's results, leaks and fresh memory.
func (b *body) export() {
	escaping := &set{} // fresh objects that outlive the call
	returned := &set{}
	for _, block := range b.fn.Blocks {
		ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, r := range ret.Results {
			b.publish(&b.sum.results[i], b.of(r), escaping)
			returned.addAll(b.of(r))
		}
	}
	for id, val := range b.content {
		o := b.objects[id]
		if o.kind == kindFresh {
			continue
		}
		own, _ := o.holds()
		b.leak(o, val, b.ids[own], escaping)
	}
	for id := range b.all(escaping).all() {
		o := b.objects[id]
		if o.kind != kindFresh {
			b.sum.add(&b.sum.inside, o)
			continue
		}
		for _, fn := range b.functions(o) {
			b.sum.holds(fn)
		}
		for _, t := range b.types(o) {
			b.sum.holdsType(t)
		}
		b.publish(&b.sum.inside, b.content[id], &set{})
	}
	b.share(returned)
}

// leak publishes what was stored into o, without what it holds by itself.
func (b *body) leak(o object, val *set, own int, escaping *set) {
	for id := range val.all() {
		if id == own {
			continue
		}
		f := b.sum.stored[o]
		if f == nil {
			f = &facts{}
			b.sum.stored[o] = f
			b.sum.add(&b.sum.leaks, o)
		}
		b.publishOne(f, id, escaping)
	}
}

// publish adds from to a set of the summary, with fresh in place of the
// objects that this function made.
func (b *body) publish(to *facts, from, escaping *set) {
	for id := range from.all() {
		b.publishOne(to, id, escaping)
	}
}

func (b *body) publishOne(to *facts, id int, escaping *set) {
	o := b.objects[id]
	if o.kind == kindFresh {
		escaping.add(id)
		o = fresh
	}
	b.sum.add(to, o)
}

// share notes the package variables whose memory can be reached without their
// name once the function has returned: it was stored into other memory, or, by
// a function that other packages may call, returned.
func (b *body) share(returned *set) {
	var globals []int
	for id, o := range b.objects {
		if o.kind == kindGlobal {
			globals = append(globals, id)
		}
	}
	if len(globals) == 0 {
		return
	}
	var others *set // what is reachable from memory of the caller, and of unknown code
	for id, o := range b.objects {
		if o.kind == kindFresh || o.kind == kindGlobal {
			continue
		}
		others = b.union(others, b.deep(setOf(id)))
	}
	if foreign(b.fn) {
		others = b.union(others, b.all(returned))
	}
	for i, g := range globals {
		mine := b.memory(b.deep(setOf(g)))
		mine.add(g)
		shared := others.intersects(mine)
		for j := 0; j < len(globals) && !shared; j++ {
			shared = j != i && b.deep(setOf(globals[j])).intersects(mine)
		}
		if shared {
			at := site{pos: b.fn.Pos(), order: b.p.order(b.fn.Pos()), what: "shares memory of package variable " + b.objects[g].global.Name()}
			record(b.sum.outside.shares, b.objects[g].global, at)
		}
	}
}

func (b *body) union(s, t *set) *set {
	if s == nil {
		s = &set{}
	}
	s.addAll(t)
	return s
}

// memory are the objects of s that are package variables, or memory made here
// that can change: functions without variables can't.
func (b *body) memory(s *set) *set {
	out := &set{}
	for id := range s.all() {
		o := b.objects[id]
		if _, isFunc := o.site.(*ssa.Function); (o.kind == kindFresh && !isFunc) || o.kind == kindGlobal {
			out.add(id)
		}
	}
	return out
}

// foreign reports whether code outside fn's package may call fn by its name, or
// as a method.
func foreign(fn *ssa.Function) bool {
	obj := objectOf(fn)
	return obj == nil || obj.Exported() || obj.Signature().Recv() != nil
}
