package effects

import "golang.org/x/tools/go/ssa"

// visit returns the summary of fn, which has a body, for its caller, nil for a
// question from outside. It is final unless fn is under way: functions that
// call each other are solved together (Tarjan's strongly connected components,
// found while callees become known).
func (p *Program) visit(fn *ssa.Function, caller *summary) *summary {
	s := p.summaries[fn]
	if s == nil {
		s = newSummary(fn)
		p.summaries[fn] = s
		p.compute(s)
	}
	if caller != nil && s.onStack {
		caller.low = min(caller.low, s.low)
		if !s.depends[caller] {
			s.depends[caller] = true
			s.dependents = append(s.dependents, caller)
		}
	}
	return s
}

func (p *Program) compute(s *summary) {
	p.visited++
	s.index, s.low, s.onStack = p.visited, p.visited, true
	base := len(p.stack)
	p.stack = append(p.stack, s)
	p.analyse(s)
	if !p.settle(s, base) {
		return // part of a component whose root is further down the stack
	}
	for _, member := range p.stack[base:] {
		if p.halted { // what is known so far isn't all
			delete(p.summaries, member.fn)
		}
		member.onStack = false
		member.depends, member.dependents = nil, nil
	}
	p.stack = p.stack[:base]
}

// settle analyses the functions on the stack from root, at base, on until none
// changes. More may join them. It reports whether they call nothing that is
// further down.
func (p *Program) settle(root *summary, base int) bool {
	for again := true; again; {
		if root.low < root.index {
			return false
		}
		again = false
		for i := len(p.stack) - 1; i >= base && !p.halted; i-- {
			if member := p.stack[i]; member.dirty {
				again = true
				p.analyse(member)
				root.low = min(root.low, member.low)
			}
		}
	}
	return true
}

// analyse passes over the body of s until nothing changes, and tells those that
// depend on it.
func (p *Program) analyse(s *summary) {
	s.dirty = false
	if s.top {
		return
	}
	before, outer := s.size, p.at
	p.at = s
	newBody(p, s).run()
	if s.top = p.over() && !p.halted; s.top {
		s.size++
	}
	p.at = outer
	if s.size == before {
		return
	}
	for _, d := range s.dependents {
		d.dirty = true
	}
}
