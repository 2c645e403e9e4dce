package cluster

import "slices"

// assemblers marks nodes that only put the others together: they reach over
// half of the program, use four or more others or are a main package, and only
// their like use them.
func (c *clusterer) assemblers() {
	active := 0
	for v := range c.g.Nodes {
		if !c.shared[v] {
			active++
		}
	}
	if active < 6 {
		return
	}
	for changed := true; changed; {
		changed = false
		for v := range c.g.Nodes {
			if c.aside[v] || c.shared[v] || slices.ContainsFunc(c.in[v], func(u int) bool { return !c.aside[u] }) {
				continue
			}
			uses := 0
			for _, u := range c.out[v] {
				if !c.shared[u] {
					uses++
				}
			}
			if (uses >= 4 || c.g.Nodes[v].Main) && 2*c.reach(v) > active {
				c.aside[v], changed = true, true
			}
		}
	}
}

// wiring marks what an assembler makes a value of.
func (c *clusterer) wiring() {
	for _, e := range c.g.Edges {
		if e.Makes && c.aside[e.From] {
			c.made[e.To] = true
		}
	}
}

// reach returns how many nodes that aren't shared v uses, by others too.
func (c *clusterer) reach(v int) int {
	seen := map[int]bool{v: true}
	stack, n := []int{v}, 0
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, u := range c.out[v] {
			if !seen[u] {
				seen[u] = true
				stack = append(stack, u)
				if !c.shared[u] {
					n++
				}
			}
		}
	}
	return n
}
