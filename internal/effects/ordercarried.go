package effects

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A carrier is a variable that a loop over a map hands from one round to the
// next.
type carrier struct {
	l        *mapLoop
	phi      *ssa.Phi
	chain    map[ssa.Value]bool // what it becomes in the course of a round
	op       token.Token        // by which it grows: ADD, MUL ..., LSS for the smallest or largest
	constant ssa.Value          // what it is set to
	appended bool
}

// carried returns the first variable that has another value after the loop, or
// while it runs, when the rounds come in another order.
func (l *mapLoop) carried() (string, bool) {
	for _, instr := range l.head.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		c := &carrier{l: l, phi: phi, chain: map[ssa.Value]bool{phi: true}}
		for i, e := range phi.Edges {
			if pred := l.head.Preds[i]; l.blocks[pred] && !c.becomes(e, pred) {
				return "carries " + phi.Comment + " from one round to the next", true
			}
		}
		if c.usedOtherwise() {
			return "uses " + phi.Comment + " as earlier rounds left it", true
		}
		if c.appended && !l.sortedAfter(c.chain, nil) {
			return "appends to " + phi.Comment, true
		}
	}
	return "", false
}

// becomes reports whether v, which comes from the end of block, is what the
// variable was, grown by an operation whose order doesn't matter.
func (c *carrier) becomes(v ssa.Value, block *ssa.BasicBlock) bool {
	if c.chain[v] {
		return true
	}
	switch x := v.(type) {
	case *ssa.Const:
		return c.set(x)
	case *ssa.Phi:
		if !c.l.blocks[x.Block()] || x.Block() == c.l.head {
			return false
		}
		c.chain[x] = true
		for i, e := range x.Edges {
			if !c.becomes(e, x.Block().Preds[i]) && !c.anyTrue(x, i) {
				return false
			}
		}
		return true
	case *ssa.BinOp:
		if c.grows(x) {
			c.chain[x] = true
			return true
		}
	case *ssa.Call:
		if b, ok := x.Call.Value.(*ssa.Builtin); ok && c.builtin(x, b.Name()) {
			c.chain[x] = true
			return true
		}
	}
	return c.l.extreme(block, v, func(v ssa.Value) bool { return c.chain[v] }) && c.by(token.LSS)
}

// by reports whether op can be mixed with what was done so far.
func (c *carrier) by(op token.Token) bool {
	if op == token.SUB {
		op = token.ADD
	}
	if op == token.AND_NOT {
		op = token.AND
	}
	if c.constant != nil || c.op != token.ILLEGAL && c.op != op {
		return false
	}
	c.op = op
	return true
}

func (c *carrier) set(v *ssa.Const) bool {
	if c.op != token.ILLEGAL || c.constant != nil && !sameValue(c.constant, v) {
		return false
	}
	c.constant = v
	return true
}

func (c *carrier) grows(op *ssa.BinOp) bool {
	if !commutes(op) {
		return false
	}
	left, right := c.derived(op.X, nil), c.derived(op.Y, nil)
	switch {
	case left && !right:
		return c.becomes(op.X, op.Block()) && c.by(op.Op)
	case right && !left && op.Op != token.SUB && op.Op != token.AND_NOT:
		return c.becomes(op.Y, op.Block()) && c.by(op.Op)
	}
	return false
}

func (c *carrier) builtin(call *ssa.Call, name string) bool {
	args := call.Call.Args
	switch name {
	case "append":
		if !c.derived(args[0], nil) || len(args) > 1 && c.derived(args[1], nil) || !c.becomes(args[0], call.Block()) {
			return false
		}
		c.appended = true
		return c.by(token.ELLIPSIS)
	case "min", "max":
		for _, a := range args {
			if c.derived(a, nil) && !c.becomes(a, call.Block()) {
				return false
			}
		}
		return c.by(token.LSS)
	}
	return false
}

// anyTrue reports whether edge i of x is the other half of a || or &&: the
// variable decided already, and what it isn't is computed from the element.
func (c *carrier) anyTrue(x *ssa.Phi, i int) bool {
	if basic, ok := x.Type().Underlying().(*types.Basic); !ok || basic.Info()&types.IsBoolean == 0 || c.derived(x.Edges[i], nil) {
		return false
	}
	for j, e := range x.Edges {
		if _, ok := e.(*ssa.Const); !ok || j == i {
			continue
		}
		pred := x.Block().Preds[j]
		if cond, ok := pred.Instrs[len(pred.Instrs)-1].(*ssa.If); ok && c.chain[cond.Cond] {
			return true
		}
	}
	return false
}

// derived reports whether v is computed from the variable.
func (c *carrier) derived(v ssa.Value, seen map[ssa.Value]bool) bool {
	if c.chain[v] {
		return true
	}
	instr, ok := v.(ssa.Instruction)
	if !ok || !c.l.blocks[instr.Block()] || seen[v] {
		return false
	}
	if seen == nil {
		seen = map[ssa.Value]bool{}
	}
	seen[v] = true
	for _, op := range instr.Operands(nil) {
		if *op != nil && c.derived(*op, seen) {
			return true
		}
	}
	return false
}

// usedOtherwise reports whether a round does anything with the variable but let
// it grow.
func (c *carrier) usedOtherwise() bool {
	for v := range c.chain {
		for _, ref := range *v.Referrers() {
			if !c.l.blocks[ref.Block()] {
				continue
			}
			switch ref := ref.(type) {
			case *ssa.DebugRef:
				continue
			case *ssa.If:
				if c.constant != nil && c.decidesItself(ref) {
					continue
				}
			case *ssa.BinOp:
				if c.chain[ref] || c.op == token.LSS && isComparison(ref.Op) {
					continue
				}
			case ssa.Value:
				if c.chain[ref] {
					continue
				}
			}
			return true
		}
	}
	return false
}

// decidesItself reports whether a branch only chooses what the variable becomes
// in a || or &&.
func (c *carrier) decidesItself(branch *ssa.If) bool {
	for _, to := range branch.Block().Succs {
		if phi, ok := to.Instrs[0].(*ssa.Phi); ok && c.chain[phi] {
			return true
		}
	}
	return false
}

// extreme reports whether val replaces what old finds only where a comparison
// of the two says so, at the end of block.
func (l *mapLoop) extreme(block *ssa.BasicBlock, val ssa.Value, old func(ssa.Value) bool) bool {
	if basic, ok := val.Type().Underlying().(*types.Basic); !ok || basic.Info()&types.IsOrdered == 0 {
		return false
	}
	for at := block; at != nil && l.blocks[at]; at = at.Idom() {
		branch, ok := at.Instrs[len(at.Instrs)-1].(*ssa.If)
		if !ok || at == l.head {
			continue
		}
		cond, ok := branch.Cond.(*ssa.BinOp)
		if !ok || !isComparison(cond.Op) {
			continue
		}
		if samePlace(cond.X, val) && old(cond.Y) || samePlace(cond.Y, val) && old(cond.X) {
			return true
		}
	}
	return false
}

// calls looks at a call in the loop.
func (l *mapLoop) calls(c *ssa.Call) (what string, changes, ordered bool) {
	args := c.Call.Args
	if builtin, ok := c.Call.Value.(*ssa.Builtin); ok {
		return l.builtin(builtin.Name(), args)
	}
	if c.Call.IsInvoke() {
		args = append([]ssa.Value{c.Call.Value}, args...)
		return l.external(modelOf(c.Call.Method), c.Call.Method, args)
	}
	fn := c.Call.StaticCallee()
	if fn == nil {
		return "calls " + owner(c.Call.Value) + " in each round", true, true
	}
	if closure, ok := c.Call.Value.(*ssa.MakeClosure); ok {
		args = append(args[:len(args):len(args)], closure.Bindings...)
	}
	if !l.b.p.body(fn) {
		return l.external(modelOf(objectOf(fn)), objectOf(fn), args)
	}
	what = "calls " + displayName(fn) + " in each round, which changes memory"
	sum := l.b.p.visit(fn, l.b.sum)
	changes = len(sum.calls.list) > 0
	for _, set := range []map[object]site{sum.writes, sum.unknown} {
		for o, s := range set {
			if s.faint || o.param >= len(args) || l.local(args[o.param]) {
				continue
			}
			changes, ordered = true, ordered || !l.own[args[o.param]]
		}
	}
	if !ordered && l.b.p.changesGlobals(fn, map[*ssa.Function]bool{}) {
		changes, ordered = true, true
	}
	return what, changes, ordered
}

// external is calls for functions without a body. Those that aren't known are
// an event of their own.
func (l *mapLoop) external(m model, fn *types.Func, args []ssa.Value) (what string, changes, ordered bool) {
	if !m.known || fn == nil {
		return "", true, false
	}
	changes = len(m.events) > 0
	for _, i := range m.writes {
		if i >= len(args) || l.local(args[i]) {
			continue
		}
		changes = true
		if !l.own[args[i]] && !atomicSum(fn) {
			return "calls " + funcName(fn) + " in each round", true, true
		}
	}
	return "", changes, false
}

// atomicSum reports whether fn adds to a number.
func atomicSum(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && (len(fn.Name()) >= 3 && fn.Name()[:3] == "Add")
}

func (l *mapLoop) builtin(name string, args []ssa.Value) (what string, changes, ordered bool) {
	switch name {
	case "delete":
		return "deletes from " + owner(args[0]) + " in each round", !l.local(args[0]), l.ranged(args[0]) && !l.isKey(args[1])
	case "copy":
		return "copies into " + owner(args[0]) + " in each round", !l.local(args[0]), !l.local(args[0]) && !l.own[args[0]]
	case "clear", "close":
		return "", !l.local(args[0]), false
	case "print", "println":
		return "", true, false // an event of its own
	}
	return "", false, false
}

// ranged reports whether m is the map that the loop is over.
func (l *mapLoop) ranged(m ssa.Value) bool {
	for _, instr := range l.head.Instrs {
		if next, ok := instr.(*ssa.Next); ok {
			if r, ok := next.Iter.(*ssa.Range); ok && samePlace(r.X, m) {
				return true
			}
		}
	}
	return false
}

// changesGlobals reports whether fn, or what it calls, changes package variables, or
// may.
func (p *Program) changesGlobals(fn *ssa.Function, seen map[*ssa.Function]bool) bool {
	if seen[fn] || !p.body(fn) || !p.spend(1) {
		return false
	}
	seen[fn] = true
	sum := p.visit(fn, nil)
	if len(sum.outside.writes) > 0 || len(sum.outside.unknown) > 0 {
		return true
	}
	return slices.ContainsFunc(sum.callees, func(e edge) bool { return !e.later && p.changesGlobals(e.to, seen) })
}
