package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A body is the analysis of one function: which objects each value may point
// to, and what each object may hold. It is flow-insensitive.
type body struct {
	p        *Program
	fn       *ssa.Function
	sum      *summary
	points   map[ssa.Value]objects
	tuples   map[ssa.Value][]objects // results of calls, one by one
	content  map[object]objects
	funcs    map[object]map[*ssa.Function]bool // fresh objects that are or hold functions of callees
	grown    bool
	applying map[*ssa.Function]int // callbacks under way, which may reach themselves
	applied  map[application]bool  // in this pass: once more would add nothing that the next pass doesn't
	silent   int                   // > 0 while callbacks are applied: their results aren't the instruction's
}

// analyse passes over fn until nothing changes and reports whether its summary
// grew.
func (p *Program) analyse(fn *ssa.Function) bool {
	sum := p.summaries[fn]
	before := sum.size()
	first := !sum.analysed
	sum.analysed = true
	b := &body{
		p: p, fn: fn, sum: sum,
		points: map[ssa.Value]objects{}, tuples: map[ssa.Value][]objects{},
		content: map[object]objects{}, funcs: map[object]map[*ssa.Function]bool{},
		applying: map[*ssa.Function]int{}, applied: map[application]bool{},
	}
	b.parameters()
	for b.grown = true; b.grown && !p.halted; {
		b.grown = false
		clear(b.applied)
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if !p.spend(1) {
					return true
				}
				b.instruction(instr)
			}
		}
		if fn.Recover != nil {
			for _, instr := range fn.Recover.Instrs {
				b.instruction(instr)
			}
		}
	}
	b.export()
	return first || sum.size() != before
}

// parameters gives each parameter and free variable its two objects.
func (b *body) parameters() {
	bind := func(v ssa.Value, i int) {
		if !hasPointers(v.Type()) {
			return
		}
		b.points[v] = objects{{kind: kindParam, param: i}: {}}
	}
	for i, v := range b.fn.Params {
		bind(v, i)
	}
	for i, v := range b.fn.FreeVars {
		bind(v, len(b.fn.Params)+i)
	}
}

// of returns the objects that v may point to.
func (b *body) of(v ssa.Value) objects {
	switch v := v.(type) {
	case *ssa.Global:
		return objects{{kind: kindGlobal, global: v}: {}}
	case *ssa.Function:
		b.p.reachable(v)
		return objects{{kind: kindFresh, site: v}: {}}
	}
	return b.points[v]
}

// set adds to what v may point to.
func (b *body) set(v ssa.Value, to objects) {
	if len(to) == 0 || !hasPointers(v.Type()) {
		return
	}
	have := b.points[v]
	if have == nil {
		have = objects{}
		b.points[v] = have
	}
	b.p.spend(len(to))
	b.grown = have.addAll(to) || b.grown
}

// holds returns what memory in o may point to.
func (b *body) holds(o object) objects {
	out := objects{}
	switch o.kind {
	case kindParam:
		out.add(object{kind: kindDeep, param: o.param})
	case kindDeep, kindGlobal, kindUnknown:
		out.add(o)
	}
	out.addAll(b.content[o])
	return out
}

func (b *body) load(from objects) objects {
	out := objects{}
	for o := range from {
		out.addAll(b.holds(o))
	}
	b.p.spend(len(out))
	return out
}

// deep returns everything reachable from the objects in from, without them.
func (b *body) deep(from objects) objects {
	out := objects{}
	todo := b.load(from)
	for len(todo) > 0 && b.p.spend(len(todo)) {
		next := objects{}
		for o := range todo {
			if out.add(o) {
				next.addAll(b.holds(o))
			}
		}
		todo = next
	}
	return out
}

// all returns from and everything reachable from it.
func (b *body) all(from objects) objects {
	out := b.deep(from)
	out.addAll(from)
	return out
}

// store adds to what memory in o may point to.
func (b *body) store(o object, val objects) {
	if len(val) == 0 {
		return
	}
	have := b.content[o]
	if have == nil {
		have = objects{}
		b.content[o] = have
	}
	b.p.spend(len(val))
	b.grown = have.addAll(val) || b.grown
}

func (b *body) read(from objects) {
	for o := range from {
		if o.kind != kindFresh {
			b.sum.reads.add(o)
		}
	}
}

func (b *body) write(to objects, s site) {
	record(b.sum.writes, to, s)
}

func (b *body) unknown(to objects, s site) {
	record(b.sum.unknown, to, s)
}

// record keeps, for each object that outlives the call, the first site.
func record(set map[object]site, to objects, s site) {
	for o := range to {
		if o.kind == kindFresh {
			continue
		}
		if old, ok := set[o]; !ok || less(s, old) {
			set[o] = s
		}
	}
}

// less prefers the shorter path, then the earlier position, so that the same
// code always gives the same answer.
func less(a, b site) bool {
	if len(a.path) != len(b.path) {
		return len(a.path) < len(b.path)
	}
	return a.pos < b.pos
}

func (b *body) event(k eventKind, s site) {
	key := eventKey{pos: s.pos, kind: k}
	if old, ok := b.sum.events[key]; !ok || less(s, old.site) {
		b.sum.events[key] = event{site: s, kind: k}
	}
}

// made is the object of the memory that v, an instruction of this function,
// makes.
func made(v any) object { return object{kind: kindFresh, site: v} }

// export fills the summary's results, leaks and fresh memory.
func (b *body) export() {
	escaping := objects{} // fresh objects that outlive the call
	for _, block := range b.fn.Blocks {
		if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
			for i, r := range ret.Results {
				b.publish(b.sum.results[i], b.of(r), escaping)
			}
		}
	}
	for o, val := range b.content {
		if o.kind == kindFresh {
			continue
		}
		if b.sum.leaks[o] == nil {
			b.sum.leaks[o] = objects{}
		}
		b.publish(b.sum.leaks[o], val, escaping)
	}
	for o := range b.all(escaping) {
		if o.kind != kindFresh {
			b.sum.inside.add(o)
			continue
		}
		for fn := range b.functions(o) {
			b.sum.funcs[fn] = true
		}
		b.publish(b.sum.inside, b.content[o], objects{})
	}
}

// publish adds from to a set of the summary, with fresh in place of the
// objects that this function made.
func (b *body) publish(to, from, escaping objects) {
	for o := range from {
		if o.kind == kindFresh {
			escaping.add(o)
			o = fresh
		}
		to.add(o)
	}
}

// functions returns the functions that the fresh object o is, or holds.
func (b *body) functions(o object) map[*ssa.Function]bool {
	switch s := o.site.(type) {
	case *ssa.Function:
		return map[*ssa.Function]bool{s: true}
	case *ssa.MakeClosure:
		return map[*ssa.Function]bool{s.Fn.(*ssa.Function): true}
	}
	return b.funcs[o]
}

// at is the site of instr.
func (b *body) at(instr ssa.Instruction, what string) site {
	return site{pos: position(instr), what: what}
}

// position is where instr stands; instructions without a position of their own
// take the nearest one of their operands.
func position(instr ssa.Instruction) token.Pos {
	if pos := instr.Pos(); pos.IsValid() {
		return pos
	}
	for _, op := range instr.Operands(nil) {
		if v, ok := (*op).(ssa.Instruction); ok && v.Pos().IsValid() {
			return v.Pos()
		}
	}
	for _, other := range instr.Block().Instrs {
		if other.Pos().IsValid() {
			return other.Pos()
		}
	}
	return instr.Parent().Pos()
}

// owner names the memory behind v for people.
func owner(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.FieldAddr:
		if st, ok := deref(v.X.Type()).Underlying().(*types.Struct); ok {
			return "field " + st.Field(v.Field).Name()
		}
	case *ssa.IndexAddr:
		return "an element of " + owner(v.X)
	case *ssa.UnOp:
		return owner(v.X)
	case *ssa.Global:
		return "package variable " + v.Name()
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Alloc:
		return v.Name()
	}
	return "shared memory"
}

func deref(t types.Type) types.Type {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}
