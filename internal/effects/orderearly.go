package effects

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// early reports whether the loop may end before it has visited all elements in
// a way that shows which ones came first.
func (l *mapLoop) early(changes bool) (string, bool) {
	var exits []exit
	for _, block := range l.head.Parent().Blocks {
		if !l.blocks[block] {
			continue
		}
		for i, to := range block.Succs {
			if !l.blocks[to] && !(block == l.head && i == 1) {
				exits = append(exits, l.exit(block, to))
			}
		}
		if len(block.Succs) == 0 {
			exits = append(exits, exit{to: block})
		}
	}
	if len(exits) == 0 {
		return "", false
	}
	if changes {
		return "may end before it has visited all elements", true
	}
	for _, e := range exits {
		if e.shows || !e.same(exits[0]) {
			return "ends with the first element that fits", true
		}
	}
	if l.tailUsesRound() {
		return "ends with the first element that fits", true
	}
	return "", false
}

// An exit is a way to leave a loop early.
type exit struct {
	to      *ssa.BasicBlock
	results []ssa.Value // that it decides on; nil with plain false: not known
	plain   bool
	shows   bool // it carries out what was computed in a round
}

func (l *mapLoop) exit(from, to *ssa.BasicBlock) exit {
	e := exit{to: to, plain: true}
	if l.tail[to] {
		e.results, e.plain = l.returned(to)
		for _, next := range l.tailOf(to) {
			for _, after := range next.Succs {
				if !l.tail[after] {
					_, shows := l.merged(next, after)
					e.shows = e.shows || shows
				}
			}
		}
		return e
	}
	e.results, e.shows = l.merged(from, to)
	return e
}

// merged lists the values that a block outside of the loop takes over from a
// block of it, and reports whether one was computed in a round.
func (l *mapLoop) merged(from, to *ssa.BasicBlock) (values []ssa.Value, shows bool) {
	for _, instr := range to.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		v := phi.Edges[slices.Index(to.Preds, from)]
		values = append(values, v)
		shows = shows || l.inside(v) && !invariant(v)
	}
	return values, shows
}

// returned lists what a block of the tail returns, if it does nothing else.
func (l *mapLoop) returned(block *ssa.BasicBlock) ([]ssa.Value, bool) {
	for _, instr := range block.Instrs {
		switch v := instr.(type) {
		case *ssa.UnOp, *ssa.MakeInterface, *ssa.RunDefers, *ssa.DebugRef:
		case *ssa.Return:
			return v.Results, true
		default:
			return nil, false
		}
	}
	return nil, false
}

// tailOf lists the blocks of the tail that block leads to.
func (l *mapLoop) tailOf(block *ssa.BasicBlock) []*ssa.BasicBlock {
	list := []*ssa.BasicBlock{block}
	for i := 0; i < len(list); i++ {
		for _, to := range list[i].Succs {
			if l.tail[to] && !slices.Contains(list, to) {
				list = append(list, to)
			}
		}
	}
	return list
}

// same reports whether two ways to leave come out the same.
func (e exit) same(o exit) bool {
	if e.to == o.to && !e.plain && !o.plain {
		return true
	}
	return e.plain && o.plain && slices.EqualFunc(e.results, o.results, sameValue)
}

// tailUsesRound reports whether what happens after an early end uses what was
// computed in a round.
func (l *mapLoop) tailUsesRound() bool {
	found := false
	l.each(func(instr ssa.Instruction) {
		if found || !l.tail[instr.Block()] {
			return
		}
		for _, op := range instr.Operands(nil) {
			if v, ok := (*op).(ssa.Instruction); ok && l.blocks[v.Block()] && !invariant(*op) && l.varies(*op) {
				found = true
			}
		}
	})
	return found
}

// varies reports whether v may be another value in another round.
func (l *mapLoop) varies(v ssa.Value) bool {
	_, isPhi := v.(*ssa.Phi)
	return isPhi || l.own[v]
}

// sortedAfter reports whether what a loop appended to, a variable or memory at
// addr, is sorted before anything else is done with it.
func (l *mapLoop) sortedAfter(chain map[ssa.Value]bool, addr ssa.Value) bool {
	values := map[ssa.Value]bool{}
	for v := range chain {
		l.spread(v, values)
	}
	for _, block := range l.head.Parent().Blocks {
		if l.blocks[block] || !l.head.Dominates(block) {
			continue
		}
		for i, instr := range block.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || !l.b.p.sorts(call, 0, func(v ssa.Value) bool { return values[v] || addr != nil && sameLoad(v, addr) }) {
				continue
			}
			if addr != nil && l.alwaysAfter(block) || addr == nil && l.firstUse(values, block, i) {
				return true
			}
		}
	}
	return false
}

// spread adds what v becomes after the loop.
func (l *mapLoop) spread(v ssa.Value, values map[ssa.Value]bool) {
	if values[v] {
		return
	}
	values[v] = true
	for _, ref := range *v.Referrers() {
		if l.blocks[ref.Block()] {
			continue
		}
		switch ref := ref.(type) {
		case *ssa.Phi, *ssa.ChangeType, *ssa.MakeInterface, *ssa.Slice:
			l.spread(ref.(ssa.Value), values)
		}
	}
}

// alwaysAfter reports whether block comes before every return that the loop
// leads to.
func (l *mapLoop) alwaysAfter(block *ssa.BasicBlock) bool {
	for _, other := range l.head.Parent().Blocks {
		_, isReturn := other.Instrs[len(other.Instrs)-1].(*ssa.Return)
		if isReturn && l.head.Dominates(other) && !block.Dominates(other) {
			return false
		}
	}
	return true
}

// firstUse reports whether instruction i of block comes before whatever else is
// done with values after the loop.
func (l *mapLoop) firstUse(values map[ssa.Value]bool, block *ssa.BasicBlock, i int) bool {
	for v := range values {
		for _, ref := range *v.Referrers() {
			at := ref.Block()
			if l.blocks[at] {
				continue
			}
			switch ref := ref.(type) {
			case *ssa.Phi, *ssa.ChangeType, *ssa.MakeInterface, *ssa.Slice, *ssa.DebugRef, *ssa.MakeClosure:
				continue
			case *ssa.Call:
				if b, ok := ref.Call.Value.(*ssa.Builtin); ok && (b.Name() == "len" || b.Name() == "cap") {
					continue
				}
			}
			if at == block && slices.Index(block.Instrs, ref) >= i || at != block && block.Dominates(at) || preparesSort(ref, block.Instrs[i]) {
				continue
			}
			return false
		}
	}
	return true
}

// preparesSort reports whether an instruction only makes the argument of a
// sort: sort.Reverse.
func preparesSort(instr, sort ssa.Instruction) bool {
	call, ok := instr.(*ssa.Call)
	if !ok || !slices.Contains(*call.Referrers(), sort) {
		return false
	}
	callee := call.Call.StaticCallee()
	return callee != nil && modelKey(objectOf(callee)) == "sort.Reverse"
}

// sorts reports whether a call sorts the slice that is asked for: by a function
// of the standard library, or by one that hands its parameter to such a
// function.
func (p *Program) sorts(call ssa.CallInstruction, depth int, is func(ssa.Value) bool) bool {
	const deepest = 3
	fn := call.Common().StaticCallee()
	if fn == nil || depth > deepest {
		return false
	}
	if obj := objectOf(fn); obj != nil && obj.Pkg() != nil {
		switch path := obj.Pkg().Path(); {
		case path == "slices" && strings.HasPrefix(obj.Name(), "Sort") && !strings.HasPrefix(obj.Name(), "Sorted"),
			path == "sort" && slices.Contains([]string{"Ints", "Strings", "Float64s", "Slice", "SliceStable", "Sort", "Stable"}, obj.Name()):
			return len(call.Common().Args) > 0 && is(sortedValue(call.Common().Args[0]))
		}
	}
	i := slices.IndexFunc(call.Common().Args, func(a ssa.Value) bool { return is(sortedValue(a)) })
	if i < 0 || !p.body(fn) || i >= len(fn.Params) {
		return false
	}
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			inner, ok := instr.(ssa.CallInstruction)
			if ok && p.sorts(inner, depth+1, func(v ssa.Value) bool { return v == fn.Params[i] }) {
				return true
			}
		}
	}
	return false
}

// sortedValue is the slice that an argument of a sort function is made of.
func sortedValue(v ssa.Value) ssa.Value {
	switch x := v.(type) {
	case *ssa.MakeInterface:
		return sortedValue(x.X)
	case *ssa.ChangeType:
		return sortedValue(x.X)
	case *ssa.Call:
		if callee := x.Call.StaticCallee(); callee != nil && modelKey(objectOf(callee)) == "sort.Reverse" && len(x.Call.Args) == 1 {
			return sortedValue(x.Call.Args[0])
		}
	}
	return v
}

// ordered reports whether what a call gives in the order of a map is only
// sorted, or put into a map.
func ordered(instr ssa.CallInstruction) bool {
	v := instr.Value()
	if v == nil || len(*v.Referrers()) == 0 {
		return false
	}
	return !slices.ContainsFunc(*v.Referrers(), func(ref ssa.Instruction) bool {
		call, ok := ref.(ssa.CallInstruction)
		if !ok || call.Common().StaticCallee() == nil {
			return true
		}
		switch modelKey(objectOf(call.Common().StaticCallee())) {
		case "slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc", "maps.Collect", "maps.Insert":
			return false
		}
		return true
	})
}
