package callgraph

import "golang.org/x/tools/go/ssa"

// A helper is a parameter that holds functions, of a function which calls it.
type helper struct {
	loop   bool                   // it is called in a loop
	called bool                   // it is called at all
	given  map[*ssa.Function]bool // function literals that are written where the helper is called
}

// hand finds out which function literals stand in a call of a function of the same
// package that calls them: withTransaction(func() { ... }). Such a literal counts as called
// where it stands. Variable type analysis alone would let each of those who call the helper
// call the literals of all others. In another package it stays as it is: a helper there may
// run in another process.
func (b *builder) hand() {
	b.helpers = map[*ssa.Parameter]*helper{}
	uses := literalUses(b.functions)
	for _, fn := range b.functions {
		for site := range sites(fn) {
			b.handAt(site, uses)
		}
	}
}

func (b *builder) handAt(site ssa.CallInstruction, uses map[*ssa.Function]int) {
	common := site.Common()
	if p, ok := b.parameterCalled(common); ok {
		h := b.helper(p)
		// In a function literal of the helper it may be called any number of times.
		h.called, h.loop = true, h.loop || b.inLoop(site) || b.repeats(site.Parent(), p.Parent())
	}
	callee := common.StaticCallee()
	if callee == nil || len(callee.Params) != len(common.Args) {
		return
	}
	for i, arg := range common.Args {
		if fn := literal(arg); fn != nil && packageOf(fn) == packageOf(callee) && uses[fn] == 1 {
			b.helper(callee.Params[i]).given[fn] = true
		}
	}
}

// repeats reports whether a function literal within helper may be called in a loop there.
func (b *builder) repeats(fn, helper *ssa.Function) bool {
	for fn != helper && fn.Parent() != nil {
		made := b.origins.closures[fn]
		if made == nil || b.inLoop(made) {
			return true
		}
		fn = fn.Parent()
	}
	return false
}

func (b *builder) helper(p *ssa.Parameter) *helper {
	h := b.helpers[p]
	if h == nil {
		h = &helper{given: map[*ssa.Function]bool{}}
		b.helpers[p] = h
	}
	return h
}

// parameterCalled returns the parameter, of the function itself or of one around it, that a
// call calls.
func (b *builder) parameterCalled(common *ssa.CallCommon) (*ssa.Parameter, bool) {
	if common.IsInvoke() {
		return nil, false
	}
	p, ok := b.origins.of(common.Value).(*ssa.Parameter)
	return p, ok
}

// literal returns the function literal that v is, or nil.
func literal(v ssa.Value) *ssa.Function {
	for {
		c, ok := v.(*ssa.ChangeType)
		if !ok {
			break
		}
		v = c.X
	}
	if made, ok := v.(*ssa.MakeClosure); ok {
		v = made.Fn
	}
	fn, ok := v.(*ssa.Function)
	if !ok || fn.Parent() == nil {
		return nil
	}
	return fn
}

// literalUses counts where function literals are used.
func literalUses(functions []*ssa.Function) map[*ssa.Function]int {
	uses := map[*ssa.Function]int{}
	var operands [8]*ssa.Value
	for _, fn := range functions {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				switch instr.(type) {
				case *ssa.ChangeType, *ssa.MakeClosure, *ssa.DebugRef:
					continue // what comes out of it is looked at
				}
				for _, op := range instr.Operands(operands[:0]) {
					if *op != nil {
						if lit := literal(*op); lit != nil {
							uses[lit]++
						}
					}
				}
			}
		}
	}
	return uses
}

// handedTo returns what a call of a parameter may call beside the literals that count as
// called where they stand.
func (b *builder) handedTo(common *ssa.CallCommon, targets []*ssa.Function) (rest []*ssa.Function, all bool) {
	p, ok := b.parameterCalled(common)
	if !ok || b.helpers[p] == nil {
		return targets, false
	}
	given := b.helpers[p].given
	for _, t := range targets {
		if !given[t] {
			rest = append(rest, t)
		}
	}
	return rest, len(rest) == 0 && len(targets) > 0
}

// literalsAt returns the function literals that stand in a call and that the function
// calls, and whether it does so in a loop.
func (b *builder) literalsAt(common *ssa.CallCommon) (fns []*ssa.Function, loop bool) {
	callee := common.StaticCallee()
	if callee == nil || len(callee.Params) != len(common.Args) {
		return nil, false
	}
	for i, arg := range common.Args {
		h := b.helpers[callee.Params[i]]
		if fn := literal(arg); fn != nil && h != nil && h.called && h.given[fn] {
			fns = append(fns, fn)
			loop = loop || h.loop
		}
	}
	return fns, loop
}
