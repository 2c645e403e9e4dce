// Package scc finds the strongly connected components of a graph. It knows
// nothing about its nodes.
package scc

import (
	"iter"
	"slices"
)

// Groups returns the strongly connected components of the graph reachable from
// nodes, where next returns the successors of a node. Each component comes
// after those that it has edges to; the order of components, and of nodes in a
// component, depends only on that of nodes and next. It is Tarjan's algorithm
// (1972).
func Groups[N comparable](nodes iter.Seq[N], next func(N) iter.Seq[N]) iter.Seq[[]N] {
	return func(yield func([]N) bool) {
		s := search[N]{next: next, yield: yield, index: map[N]int{}}
		for n := range nodes {
			if _, seen := s.index[n]; !seen {
				if s.visit(n); s.ended {
					return
				}
			}
		}
	}
}

// Cyclic reports whether a group has a cycle: several nodes, or one with an
// edge to itself.
func Cyclic[N comparable](group []N, next func(N) iter.Seq[N]) bool {
	if len(group) > 1 {
		return true
	}
	for n := range next(group[0]) {
		if n == group[0] {
			return true
		}
	}
	return false
}

type search[N comparable] struct {
	next  func(N) iter.Seq[N]
	yield func([]N) bool
	index map[N]int // in the order of the visit
	low   []int     // by index: the first node on the stack that it is known to lead to; -1: its group is complete
	stack []N
	ended bool
}

func (s *search[N]) visit(n N) {
	at := len(s.low)
	s.index[n] = at
	s.low = append(s.low, at)
	s.stack = append(s.stack, n)
	for to := range s.next(n) {
		i, seen := s.index[to]
		if !seen {
			i = len(s.low)
			if s.visit(to); s.ended {
				return
			}
		}
		if s.low[i] >= 0 {
			s.low[at] = min(s.low[at], s.low[i])
		}
	}
	if s.low[at] < at {
		return
	}
	first := slices.Index(s.stack, n)
	group := slices.Clone(s.stack[first:])
	s.stack = s.stack[:first]
	for _, m := range group {
		s.low[s.index[m]] = -1
	}
	s.ended = !s.yield(group)
}
