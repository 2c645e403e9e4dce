package effects

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// An escapedFunc is a function value that was passed to unknown code, with the call that passed it.
type escapedFunc struct {
	instr ssa.CallInstruction
	o     object
	site
}

// unknownCall passes args to code that could not be analysed: it may change
// all that it can reach, mix it with what it was given by other calls, and call
// what functions it finds there.
func (b *body) unknownCall(instr ssa.CallInstruction, args []*set, s site, report bool) {
	reach := b.reach(args)
	b.unknown(reach, s)
	b.read(reach)
	b.grown = b.pool.addAll(reach) || b.grown
	b.store(reach, b.pool)
	if report {
		b.event(eventUnknown, s)
	}
	for id := range reach.all() {
		if o := b.objects[id]; o.kind == kindFresh && len(b.functions(o))+len(b.types(o)) > 0 && b.escapedIDs.add(id) {
			b.grown = true
			b.escapedFuncs = append(b.escapedFuncs, escapedFunc{instr, o, s})
		}
	}
	b.result(instr, func(int) *set { return b.pool })
}

// callEscaping calls the functions that outlive this one, in its results or in
// other memory: whoever has them may call them at any time.
func (b *body) callEscaping() {
	held := &set{}
	for _, block := range b.fn.Blocks {
		if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
			for _, r := range ret.Results {
				held.addAll(b.of(r))
			}
		}
	}
	for id, val := range b.content {
		if b.objects[id].kind != kindFresh {
			held.addAll(val)
		}
	}
	if !slices.ContainsFunc(b.objects, func(o object) bool { return len(b.functions(o)) > 0 }) {
		return
	}
	b.deferredDepth++
	defer func() { b.deferredDepth-- }()
	for id := range b.all(held).all() {
		if o := b.objects[id]; o.kind == kindFresh && len(b.functions(o)) > 0 {
			b.callback(deferredCall{at: b.fn.Blocks[0].Instrs[0], key: id}, o, b.one(unknownMemory), site{})
		}
	}
}

// A deferredCall stands for the instruction of a call that other code makes, at a
// time that isn't known.
type deferredCall struct {
	*ssa.Call
	at  ssa.Instruction
	key int
}

func (c deferredCall) Pos() token.Pos                           { return c.at.Pos() }
func (c deferredCall) Block() *ssa.BasicBlock                   { return c.at.Block() }
func (c deferredCall) Parent() *ssa.Function                    { return c.at.Parent() }
func (c deferredCall) Value() *ssa.Call                         { return nil }
func (c deferredCall) Common() *ssa.CallCommon                  { return &ssa.CallCommon{Value: c.at.Parent()} }
func (c deferredCall) Operands(rands []*ssa.Value) []*ssa.Value { return rands }

// callPool calls the functions that unknown code has with anything that it has.
func (b *body) callPool() {
	if len(b.escapedFuncs) == 0 {
		return
	}
	reach := b.all(b.pool)
	for i := 0; i < len(b.escapedFuncs) && !b.p.over(); i++ {
		g := b.escapedFuncs[i]
		if len(b.functions(g.o)) > 0 {
			b.callback(g.instr, g.o, reach, g.site)
		}
		b.hook(g.instr, g.o, everything, reach, g.site)
	}
}
