package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// instruction applies the effect of one instruction.
func (b *body) instruction(instr ssa.Instruction) {
	switch v := instr.(type) {
	case *ssa.Alloc:
		b.set(v, b.one(made(v)))
	case *ssa.MakeMap:
		b.set(v, b.one(made(v)))
	case *ssa.MakeSlice:
		b.set(v, b.one(made(v)))
	case *ssa.MakeChan:
		b.set(v, b.one(made(v)))
	case *ssa.MakeClosure:
		b.closure(v)
	case *ssa.Store:
		b.assign(v, v.Addr, v.Val)
	case *ssa.MapUpdate:
		b.assign(v, v.Map, v.Key, v.Value)
	case *ssa.Send:
		b.assign(v, v.Chan, v.X)
	case *ssa.Call:
		b.call(v)
	case *ssa.Defer:
		b.call(v)
	case *ssa.Go:
		b.event(eventGoroutine, b.at(v, "starts a goroutine"))
		b.call(v)
	case *ssa.Select:
		b.selects(v)
	case ssa.Value:
		b.value(v)
	}
}

// value applies an instruction that computes a value and changes nothing,
// but for a receive.
func (b *body) value(v ssa.Value) {
	switch v := v.(type) {
	case *ssa.Phi:
		for _, e := range v.Edges {
			b.set(v, b.of(e))
		}
	case *ssa.FieldAddr:
		b.set(v, b.of(v.X))
	case *ssa.IndexAddr:
		b.set(v, b.of(v.X))
	case *ssa.Slice:
		b.set(v, b.of(v.X))
	case *ssa.Field:
		b.set(v, b.of(v.X))
	case *ssa.Index:
		b.set(v, b.of(v.X))
	case *ssa.ChangeType:
		b.set(v, b.of(v.X))
	case *ssa.ChangeInterface:
		b.set(v, b.of(v.X))
	case *ssa.MakeInterface:
		b.box(v)
	case *ssa.TypeAssert:
		b.set(v, b.of(v.X))
	case *ssa.SliceToArrayPointer:
		b.set(v, b.of(v.X))
	case *ssa.Convert:
		b.convert(v, v.X)
	case *ssa.MultiConvert:
		b.convert(v, v.X)
	case *ssa.Range:
		b.set(v, b.of(v.X))
		b.ranges(v)
	case *ssa.Next:
		b.loads(v, v.Iter)
	case *ssa.Lookup:
		b.loads(v, v.X)
	case *ssa.UnOp:
		b.unary(v)
	case *ssa.Extract:
		b.extract(v)
	}
}

func (b *body) unary(v *ssa.UnOp) {
	switch v.Op {
	case token.MUL:
		b.loads(v, v.X)
	case token.ARROW:
		b.loads(v, v.X)
		b.write(b.of(v.X), b.at(v, "receives from "+owner(v.X)))
	}
}

func (b *body) loads(v, from ssa.Value) {
	src := b.of(from)
	b.read(src)
	if g, ok := from.(*ssa.Global); ok {
		if fn, ok := b.p.initialFunction(g); ok {
			b.set(v, b.one(made(fn)))
			return
		}
	}
	b.set(v, b.load(src))
}

// convert handles conversions: those that make memory, and those through
// unsafe.Pointer.
func (b *body) convert(v interface {
	ssa.Value
	ssa.Instruction
}, x ssa.Value) {
	b.set(v, b.of(x))
	from, to := b.p.pointers(x.Type()), b.p.pointers(v.Type())
	switch {
	case from && !to && isUnsafe(x.Type()): // a number now, and what is done with it isn't followed
		b.unknown(b.all(b.of(x)), b.at(v, "makes a number of a pointer"))
	case from || !to:
	case isUnsafe(v.Type()):
		b.set(v, b.one(unknownMemory))
	default:
		b.set(v, b.one(made(v)))
	}
}

func isUnsafe(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.UnsafePointer
}

func (b *body) extract(v *ssa.Extract) {
	if parts, ok := b.tuples[v.Tuple]; ok {
		if v.Index < len(parts) {
			b.set(v, parts[v.Index])
		}
		return
	}
	b.set(v, b.of(v.Tuple))
}

// assign stores vals into the memory behind to.
func (b *body) assign(instr ssa.Instruction, to ssa.Value, vals ...ssa.Value) {
	dst := b.of(to)
	b.write(dst, b.at(instr, "writes "+owner(to)))
	for _, val := range vals {
		b.store(dst, b.of(val))
	}
}

func (b *body) closure(v *ssa.MakeClosure) {
	o := b.one(made(v))
	b.set(v, o)
	for _, binding := range v.Bindings {
		b.store(o, b.of(binding))
	}
}

func (b *body) selects(v *ssa.Select) {
	if len(v.States) > 1 || !v.Blocking {
		b.event(eventSelect, b.at(v, "selects among channels"))
	}
	// Of the tuple, the received values follow the index and the ok flag.
	parts := []*set{nil, nil}
	for _, st := range v.States {
		ch := b.of(st.Chan)
		b.read(ch)
		b.write(ch, b.at(v, "uses "+owner(st.Chan)+" as a channel"))
		if st.Dir == types.SendOnly {
			b.store(ch, b.of(st.Send))
			continue
		}
		parts = append(parts, b.load(ch))
	}
	b.tuple(v, parts)
}

// tuple sets the parts of a value that Extract takes apart.
func (b *body) tuple(v ssa.Value, parts []*set) {
	have := b.tuples[v]
	for len(have) < len(parts) {
		have = append(have, &set{})
	}
	for i, part := range parts {
		b.grown = have[i].addAll(part) || b.grown
	}
	b.tuples[v] = have
}

// ranges reports a loop over a map whose order can reach the outcome.
func (b *body) ranges(v *ssa.Range) {
	if _, ok := v.X.Type().Underlying().(*types.Map); !ok {
		return
	}
	if what, ok := b.orderMatters(v); ok {
		b.event(eventMapOrder, b.at(v, "ranges over a map and "+what))
	}
}
