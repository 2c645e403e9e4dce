package effects

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A mapLoop is a loop over a map. What it does in each round must come out the
// same in every order of the rounds, or the order is part of the outcome.
type mapLoop struct {
	b      *body
	head   *ssa.BasicBlock          // where the next element is asked for
	blocks map[*ssa.BasicBlock]bool // of the loop, with head
	tail   map[*ssa.BasicBlock]bool // blocks that are reached by leaving early
	key    ssa.Value                // of the element, nil where it isn't used
	own    map[ssa.Value]bool       // computed from the element
}

// orderMatters reports whether the order of a loop over a map may reach the
// outcome, and what in its body makes it so.
func (b *body) orderMatters(r *ssa.Range) (string, bool) {
	for _, ref := range *r.Referrers() {
		next, ok := ref.(*ssa.Next)
		if !ok {
			continue
		}
		if l := newMapLoop(b, next); l != nil {
			return l.dependence()
		}
	}
	return "", false
}

func newMapLoop(b *body, next *ssa.Next) *mapLoop {
	head := next.Block()
	if len(head.Succs) != 2 {
		return nil
	}
	l := &mapLoop{b: b, head: head, blocks: map[*ssa.BasicBlock]bool{head: true}, tail: map[*ssa.BasicBlock]bool{}, own: map[ssa.Value]bool{next: true}}
	for _, pred := range head.Preds {
		if head.Dominates(pred) {
			l.add(pred)
		}
	}
	for _, block := range head.Parent().Blocks {
		if head.Succs[0].Dominates(block) && !l.blocks[block] && head.Succs[0] != head.Succs[1] {
			l.tail[block] = true
		}
	}
	for _, ref := range *next.Referrers() {
		if e, ok := ref.(*ssa.Extract); ok && e.Index == 1 {
			l.key = e
		}
	}
	for grown := true; grown; {
		grown = false
		l.each(func(instr ssa.Instruction) {
			if v, ok := instr.(ssa.Value); ok && !l.own[v] && l.uses(instr, l.own) {
				l.own[v], grown = true, true
			}
		})
	}
	return l
}

// add adds the blocks from which block is reached without passing the head.
func (l *mapLoop) add(block *ssa.BasicBlock) {
	if l.blocks[block] {
		return
	}
	l.blocks[block] = true
	for _, pred := range block.Preds {
		l.add(pred)
	}
}

// each calls f for the instructions of the loop and those after an early end,
// in the order of the function.
func (l *mapLoop) each(f func(ssa.Instruction)) {
	for _, block := range l.head.Parent().Blocks {
		if l.blocks[block] || l.tail[block] {
			for _, instr := range block.Instrs {
				f(instr)
			}
		}
	}
}

func (l *mapLoop) uses(instr ssa.Instruction, set map[ssa.Value]bool) bool {
	for _, op := range instr.Operands(nil) {
		if *op != nil && set[*op] {
			return true
		}
	}
	return false
}

// inside reports whether v is computed anew in each round.
func (l *mapLoop) inside(v ssa.Value) bool {
	instr, ok := v.(ssa.Instruction)
	return ok && (l.blocks[instr.Block()] || l.tail[instr.Block()])
}

// dependence returns what depends on the order of the rounds.
func (l *mapLoop) dependence() (string, bool) {
	if what, ok := l.carried(); ok {
		return what, true
	}
	effect, changes, ordered := l.effects()
	if ordered {
		return effect, true
	}
	return l.early(changes)
}

// effects looks at what the rounds do to memory: whether they change any, and
// what of it depends on the order.
func (l *mapLoop) effects() (what string, changes, ordered bool) {
	l.each(func(instr ssa.Instruction) {
		if ordered || l.tail[instr.Block()] {
			return
		}
		w, c, o := l.effect(instr)
		changes = changes || c
		if o {
			what, ordered = w, true
		}
	})
	return what, changes, ordered
}

func (l *mapLoop) effect(instr ssa.Instruction) (what string, changes, ordered bool) {
	switch v := instr.(type) {
	case *ssa.Store:
		if l.local(v.Addr) {
			return "", false, false
		}
		return "writes " + owner(v.Addr) + " in each round", true, !l.storeCommutes(v)
	case *ssa.MapUpdate:
		if l.local(v.Map) {
			return "", false, false
		}
		return "writes " + owner(v.Map) + " in each round", true, !l.updateCommutes(v)
	case *ssa.Send:
		return "sends in each round", true, !l.local(v.Chan)
	case *ssa.Defer:
		return "defers in each round", true, true
	case *ssa.Go:
		return "", true, false // an event of its own
	case *ssa.Call:
		return l.calls(v)
	case *ssa.UnOp, *ssa.Lookup:
		if l.running(instr.(ssa.Value)) && !l.folds(instr.(ssa.Value)) {
			return "uses what earlier rounds wrote", true, true
		}
	}
	return "", false, false
}

// local reports whether v is memory that the round itself made.
func (l *mapLoop) local(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Alloc, *ssa.MakeMap, *ssa.MakeSlice, *ssa.MakeChan:
		return l.inside(v)
	case *ssa.FieldAddr:
		return l.local(v.X)
	case *ssa.IndexAddr:
		return l.local(v.X)
	case *ssa.Slice:
		return l.local(v.X)
	case *ssa.Call: // a builder that appends to a new slice, or the like
		b, ok := v.Call.Value.(*ssa.Builtin)
		return ok && b.Name() == "append" && l.local(v.Call.Args[0])
	}
	return false
}

// storeCommutes reports whether an assignment has the same outcome in every
// order: to memory of the element, the same constant each time, or a sum.
func (l *mapLoop) storeCommutes(s *ssa.Store) bool {
	if l.own[s.Addr] {
		return l.distinct(s.Addr) || l.constant(s.Val, s)
	}
	if c, ok := s.Val.(*ssa.Call); ok && isAppend(c) {
		return sameLoad(c.Call.Args[0], s.Addr) && l.sortedAfter(nil, s.Addr)
	}
	return l.constant(s.Val, s) || l.adds(s.Val, func(v ssa.Value) bool { return sameLoad(v, s.Addr) }) ||
		l.extreme(s.Block(), s.Val, func(v ssa.Value) bool { return sameLoad(v, s.Addr) })
}

// distinct reports whether addr is another place for each element.
func (l *mapLoop) distinct(addr ssa.Value) bool {
	switch v := addr.(type) {
	case *ssa.FieldAddr:
		return l.distinct(v.X)
	case *ssa.IndexAddr:
		return l.isKey(v.Index) || l.own[v.X] && l.distinct(v.X)
	case *ssa.UnOp:
		return l.own[v.X] && l.distinct(v.X)
	case *ssa.Lookup:
		return l.isKey(v.Index)
	case *ssa.Extract:
		if lookup, ok := v.Tuple.(*ssa.Lookup); ok {
			return l.distinct(lookup)
		}
		_, ok := v.Tuple.(*ssa.Next)
		return ok
	case *ssa.Field:
		return l.distinct(v.X)
	}
	return false
}

// isKey reports whether v is the key of the element, in whatever type.
func (l *mapLoop) isKey(v ssa.Value) bool {
	switch x := v.(type) {
	case *ssa.ChangeType:
		return l.isKey(x.X)
	case *ssa.MakeInterface:
		return l.isKey(x.X)
	case *ssa.Convert:
		from, ok1 := x.X.Type().Underlying().(*types.Basic)
		to, ok2 := x.Type().Underlying().(*types.Basic)
		return ok1 && ok2 && from.Info()&to.Info()&types.IsInteger == 0 && l.isKey(x.X)
	}
	return l.key != nil && v == l.key
}

func (l *mapLoop) updateCommutes(u *ssa.MapUpdate) bool {
	if l.isKey(u.Key) || l.own[u.Map] && l.distinct(u.Map) {
		return true
	}
	entry := func(v ssa.Value) bool {
		look, ok := v.(*ssa.Lookup)
		return ok && samePlace(look.X, u.Map) && samePlace(look.Index, u.Key)
	}
	return l.constant(u.Value, u) || l.adds(u.Value, entry)
}

// constant reports whether val is the same in all rounds, and every assignment
// of the loop to the same place gives it.
func (l *mapLoop) constant(val ssa.Value, at ssa.Instruction) bool {
	if l.own[val] || l.inside(val) && !invariant(val) {
		return false
	}
	same := true
	l.each(func(instr ssa.Instruction) {
		switch o := instr.(type) {
		case *ssa.Store:
			if s, ok := at.(*ssa.Store); ok && samePlace(o.Addr, s.Addr) {
				same = same && sameValue(o.Val, val)
			}
		case *ssa.MapUpdate:
			if u, ok := at.(*ssa.MapUpdate); ok && samePlace(o.Map, u.Map) {
				same = same && sameValue(o.Value, val)
			}
		}
	})
	return same
}

// invariant reports whether an instruction of the loop has the same value in
// each round: it is made of constants.
func invariant(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Const, *ssa.Global, *ssa.Function:
		return true
	case *ssa.MakeInterface:
		return invariant(v.X)
	case *ssa.UnOp:
		g, ok := v.X.(*ssa.Global)
		return ok && v.Op == token.MUL && g != nil
	}
	return false
}

// adds reports whether val adds to what old finds, with numbers whose sum is
// the same in every order.
func (l *mapLoop) adds(val ssa.Value, old func(ssa.Value) bool) bool {
	op, ok := val.(*ssa.BinOp)
	if !ok || !commutes(op) {
		return false
	}
	if old(op.X) {
		return !l.anyRunning(op.Y)
	}
	return op.Op != token.SUB && old(op.Y) && !l.anyRunning(op.X)
}

// anyRunning reports whether v is, or is made of, what earlier rounds wrote.
func (l *mapLoop) anyRunning(v ssa.Value) bool { return l.running(v) }

// running reports whether v loads from memory outside of the element that the
// loop changes.
func (l *mapLoop) running(v ssa.Value) bool {
	found := false
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op != token.MUL || l.local(v.X) || l.own[v.X] {
			return false
		}
		l.each(func(instr ssa.Instruction) {
			if s, ok := instr.(*ssa.Store); ok && !l.tail[s.Block()] && samePlace(s.Addr, v.X) && !l.constant(s.Val, s) {
				found = true
			}
		})
	case *ssa.Lookup:
		if l.local(v.X) || l.isKey(v.Index) {
			return false
		}
		l.each(func(instr ssa.Instruction) {
			if u, ok := instr.(*ssa.MapUpdate); ok && !l.tail[u.Block()] && samePlace(u.Map, v.X) && !l.isKey(u.Key) && !l.constant(u.Value, u) {
				found = true
			}
		})
	}
	return found && l.inside(v)
}

// folds reports whether what a running value is used for is a sum or an extreme
// that goes back to where it came from, or a loop that appends.
func (l *mapLoop) folds(v ssa.Value) bool {
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.BinOp:
			if isComparison(ref.Op) {
				continue // an extreme: the store that depends on it was looked at
			}
			if !commutes(ref) || !l.onlyStored(ref) {
				return false
			}
		case *ssa.Call:
			if !isAppend(ref) || ref.Call.Args[0] != v {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

// onlyStored reports whether v is only stored, and used for nothing else.
func (l *mapLoop) onlyStored(v ssa.Value) bool {
	return !slices.ContainsFunc(*v.Referrers(), func(ref ssa.Instruction) bool {
		switch ref := ref.(type) {
		case *ssa.Store:
			return ref.Val != v || ref.Addr == v
		case *ssa.MapUpdate:
			return ref.Value != v || ref.Key == v || ref.Map == v
		}
		return true
	})
}

func isComparison(op token.Token) bool {
	switch op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return false
}

// commutes reports whether repeating op has the same outcome in every order.
func commutes(op *ssa.BinOp) bool {
	basic, ok := op.Type().Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsInteger == 0 {
		return false
	}
	switch op.Op {
	case token.ADD, token.SUB, token.MUL, token.AND, token.OR, token.XOR, token.AND_NOT:
		return true
	}
	return false
}

func isAppend(c *ssa.Call) bool {
	b, ok := c.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "append"
}

// sameLoad reports whether v is loaded from the place addr.
func sameLoad(v, addr ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	return ok && load.Op == token.MUL && samePlace(load.X, addr)
}

// samePlace reports whether a and b are the same value, or are computed in the
// same way from the same values.
func samePlace(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	switch a := a.(type) {
	case *ssa.FieldAddr:
		b, ok := b.(*ssa.FieldAddr)
		return ok && a.Field == b.Field && samePlace(a.X, b.X)
	case *ssa.IndexAddr:
		b, ok := b.(*ssa.IndexAddr)
		return ok && samePlace(a.X, b.X) && samePlace(a.Index, b.Index)
	case *ssa.UnOp:
		b, ok := b.(*ssa.UnOp)
		return ok && a.Op == b.Op && samePlace(a.X, b.X)
	case *ssa.Field:
		b, ok := b.(*ssa.Field)
		return ok && a.Field == b.Field && samePlace(a.X, b.X)
	case *ssa.Const:
		return sameValue(a, b)
	}
	return false
}

// sameValue reports whether a and b are the same constant, or the same
// variable's value.
func sameValue(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	switch a := a.(type) {
	case *ssa.Const:
		b, ok := b.(*ssa.Const)
		if !ok || !types.Identical(a.Type(), b.Type()) || (a.Value == nil) != (b.Value == nil) {
			return false
		}
		return a.Value == nil || constant.Compare(a.Value, token.EQL, b.Value)
	case *ssa.UnOp:
		b, ok := b.(*ssa.UnOp)
		return ok && a.Op == b.Op && samePlace(a.X, b.X)
	case *ssa.MakeInterface:
		b, ok := b.(*ssa.MakeInterface)
		return ok && sameValue(a.X, b.X)
	}
	return false
}
