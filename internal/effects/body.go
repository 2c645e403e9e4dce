package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A body is the analysis of one function: which objects each value may point
// to, and what each object may hold. It is flow-insensitive. Objects are
// numbered as they are met.
type body struct {
	p              *Program
	fn             *ssa.Function
	sum            *summary
	ids            map[object]int
	objects        []object
	content        []*set // by number
	points         map[ssa.Value]*set
	tuples         map[ssa.Value][]*set       // results of calls, one by one
	held           map[object][]*ssa.Function // functions that memory made by callees is or holds
	boxed          map[object][]types.Type    // types of what it holds behind interfaces
	grown          bool
	targets        map[target]*callee
	pool           *set          // what unknown code was given
	escapedIDs     *set          // functions that unknown code got
	escapedFuncs   []escapedFunc // the same in the order in which it got them
	callbackDepth  int           // > 0 while callbacks are applied: their results aren't the instruction's
	anyMethodDepth int           // > 0 while any method is applied that unknown code may call
	deferredDepth  int           // > 0 while what may run after the return is applied
}

func newBody(p *Program, s *summary) *body {
	return &body{
		p: p, fn: s.fn, sum: s, ids: map[object]int{},
		points: map[ssa.Value]*set{}, tuples: map[ssa.Value][]*set{},
		held: map[object][]*ssa.Function{}, boxed: map[object][]types.Type{}, targets: map[target]*callee{}, escapedIDs: &set{},
	}
}

// run passes over the function until nothing changes.
func (b *body) run() {
	b.parameters()
	b.pool = b.one(unknownMemory)
	for b.grown = true; b.grown && !b.p.over(); {
		b.grown = false
		for _, c := range b.targets {
			c.done = false
		}
		for _, block := range b.fn.Blocks {
			for _, instr := range block.Instrs {
				if !b.p.spend(1) {
					return
				}
				b.instruction(instr)
			}
		}
		if b.fn.Recover != nil {
			for _, instr := range b.fn.Recover.Instrs {
				b.instruction(instr)
			}
		}
		b.callPool()
		b.callEscaping()
	}
	b.export()
	b.initialised()
}

// parameters gives each parameter and free variable its object.
func (b *body) parameters() {
	bind := func(v ssa.Value, i int) {
		if b.p.pointers(v.Type()) {
			b.points[v] = setOf(b.id(object{kind: kindParam, param: i}))
		}
	}
	for i, v := range b.fn.Params {
		bind(v, i)
	}
	for i, v := range b.fn.FreeVars {
		bind(v, len(b.fn.Params)+i)
	}
}

// id numbers o. What memory of the caller, of package variables and of unknown
// code holds by itself is there from the start.
func (b *body) id(o object) int {
	id, ok := b.ids[o]
	if ok {
		return id
	}
	id = len(b.objects)
	b.ids[o] = id
	b.objects = append(b.objects, o)
	b.content = append(b.content, &set{})
	if own, ok := o.holds(); ok {
		b.content[id].add(b.id(own))
	}
	return id
}

func (b *body) one(o object) *set { return setOf(b.id(o)) }

// of returns the objects that v may point to, not to be changed.
func (b *body) of(v ssa.Value) *set {
	have, ok := b.points[v]
	if ok {
		return have
	}
	switch v := v.(type) {
	case *ssa.Global:
		have = b.one(object{kind: kindGlobal, global: v})
	case *ssa.Function:
		have = b.one(made(v))
	default:
		return nil
	}
	b.points[v] = have
	return have
}

// set adds to what v may point to.
func (b *body) set(v ssa.Value, to *set) {
	if to.empty() || !b.p.pointers(v.Type()) {
		return
	}
	have := b.points[v]
	if have == nil {
		have = &set{}
		b.points[v] = have
	}
	b.grown = have.addAll(to) || b.grown
}

// load returns what memory in from may point to.
func (b *body) load(from *set) *set {
	out := &set{}
	for o := range from.all() {
		out.addAll(b.content[o])
	}
	return out
}

// deep returns everything reachable from the objects in from, without them.
func (b *body) deep(from *set) *set {
	out := &set{}
	var todo []int
	push := func(s *set) {
		for o := range s.all() {
			if out.add(o) {
				todo = append(todo, o)
			}
		}
	}
	push(b.load(from))
	steps := 1
	for ; len(todo) > 0 && !b.p.over(); steps++ {
		o := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		push(b.content[o])
	}
	b.p.spend(steps)
	return out
}

// all returns from and everything reachable from it.
func (b *body) all(from *set) *set {
	out := b.deep(from)
	out.addAll(from)
	return out
}

// holdsPointers reports whether memory behind a value of type t may lead on to
// other memory.
func (b *body) holdsPointers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return b.p.pointers(u.Elem())
	case *types.Slice:
		return b.p.pointers(u.Elem())
	case *types.Map:
		return b.p.pointers(u.Key()) || b.p.pointers(u.Elem())
	}
	return true
}

// store adds to what memory in each of to may point to.
func (b *body) store(to, val *set) {
	if val.empty() {
		return
	}
	for o := range to.all() {
		b.grown = b.content[o].addAll(val) || b.grown
	}
}

func (b *body) read(from *set) {
	for o := range from.all() {
		b.sum.read(b.objects[o])
	}
}

func (b *body) write(to *set, s site) {
	s.faint = s.faint || to.has(b.id(unknownMemory))
	for o := range to.all() {
		if b.deferredDepth > 0 {
			b.sum.unfollowed(b.objects[o], s)
			continue
		}
		b.sum.write(b.objects[o], s)
	}
}

func (b *body) unknown(to *set, s site) {
	for o := range to.all() {
		b.sum.unfollowed(b.objects[o], s)
	}
}

func (b *body) event(k eventKind, s site) {
	if b.deferredDepth == 0 {
		b.sum.event(k, s)
	}
}

// made is the object of the memory that v, an instruction of this function,
// makes.
func made(v any) object { return object{kind: kindFresh, site: v} }

// functions returns the functions that the fresh object o is, or holds.
func (b *body) functions(o object) []*ssa.Function {
	switch s := o.site.(type) {
	case *ssa.Function:
		return []*ssa.Function{s}
	case *ssa.MakeClosure:
		return []*ssa.Function{s.Fn.(*ssa.Function)}
	}
	return b.held[o]
}

// at is the site of instr.
func (b *body) at(instr ssa.Instruction, what string) site {
	pos := position(instr)
	return site{pos: pos, order: b.p.order(pos), what: what}
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
