package component

import "slices"

// settle keeps homes whole: where at least half of a home stands in one group,
// the rest joins it, and what assembles inside the home does too.
func (c *clusterer) settle(group []int) {
	for _, nodes := range c.homes {
		count := map[int]int{}
		best, total := Shared, 0
		for _, v := range nodes {
			if !c.active(v) {
				continue
			}
			total++
			g := group[v]
			count[g]++
			if best == Shared || count[g] > count[best] || count[g] == count[best] && g < best {
				best = g
			}
		}
		if best == Shared || 2*count[best] < total {
			continue
		}
		for _, v := range nodes {
			if !c.shared[v] {
				group[v] = best
			}
		}
	}
}

// services makes components of shared nodes that an assembler makes a value
// of, unless their names say that they are for everybody: a store or a price
// list that all use is a part of the program, a logger isn't. What such a
// component alone uses belongs to it.
func (c *clusterer) services(group []int) {
	next := len(group)
	for v := range group {
		if c.shared[v] && c.made[v] && !c.generic[v] {
			group[v], c.shared[v] = next+v, false
		}
	}
	for changed := true; changed; {
		changed = false
		for v := range group {
			if !c.shared[v] || c.generic[v] || len(c.in[v]) == 0 {
				continue
			}
			g := group[c.in[v][0]]
			if g >= next && !slices.ContainsFunc(c.in[v], func(u int) bool { return group[u] != g }) {
				group[v], c.shared[v], changed = g, false, true
			}
		}
	}
}

// attach puts an assembler into the group that it is for: the one that has over
// two thirds of what it uses. A main package that uses one assembler alone
// stays with that. The others stay alone.
func (c *clusterer) attach(group []int) {
	for v := range group {
		if !c.aside[v] || c.home[v] >= 0 {
			continue
		}
		var used []int
		for _, u := range c.out[v] {
			if !c.shared[u] {
				used = append(used, group[u])
			}
		}
		slices.Sort(used)
		for i, g := range used {
			if j := i + 2*len(used)/3; j < len(used) && used[j] == g {
				group[v] = g
				break
			}
		}
	}
}

// leftovers places a node that is alone in its group with what stands in the
// same folder, if that is all in one place: mocks and generated code, which
// nothing refers to.
func (c *clusterer) leftovers(group []int) {
	size := map[int]int{}
	for _, g := range group {
		size[g]++
	}
	var walk func(f *folder)
	walk = func(f *folder) {
		for _, child := range f.children {
			walk(child)
			for _, v := range child.nodes {
				if g := group[v]; g != Shared && size[g] == 1 && !c.aside[v] && !c.g.Nodes[v].Main {
					group[v] = others(child.nodes, v, group)
					size[g]--
					size[group[v]]++
				}
			}
		}
	}
	walk(c.tree)
}

// others returns the group of all nodes but v, or that of v if they have more
// than one or there are none.
func others(nodes []int, v int, group []int) int {
	place, seen := group[v], false
	for _, u := range nodes {
		switch {
		case u == v:
		case !seen:
			place, seen = group[u], true
		case group[u] != place:
			return group[v]
		}
	}
	return place
}
