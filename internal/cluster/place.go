package cluster

import "slices"

// settle keeps homes whole: where at least half of a home stands in one group,
// the rest joins it, and what assembles inside the home does too.
func (c *clusterer) settle(group []int) {
	for _, nodes := range c.homes {
		count := map[int]int{}
		best, total := shared, 0
		for _, v := range nodes {
			if !c.active(v) {
				continue
			}
			total++
			g := group[v]
			count[g]++
			if best == shared || count[g] > count[best] || count[g] == count[best] && g < best {
				best = g
			}
		}
		if best == shared || 2*count[best] < total {
			continue
		}
		for _, v := range nodes {
			if !c.shared[v] {
				group[v] = best
			}
		}
	}
}

// divide splits groups that hold several homes: what is tied together by more
// than chance is a part of the program even where it is small against the
// whole. What stands in no home goes with the home it is tied to most.
func (c *clusterer) divide(group []int) {
	w := c.graph(c.active)
	next := len(group)
	held := map[int][]int{} // homes by group
	for h, nodes := range c.homes {
		if g := group[nodes[0]]; g != shared {
			held[g] = append(held[g], h)
		}
	}
	for _, g := range sortedKeys(held) {
		if len(held[g]) > 1 {
			c.divideGroup(w, group, g, next)
			next += len(c.homes)
		}
	}
}

func (c *clusterer) divideGroup(w *weighted, group []int, g, next int) {
	var rest []int
	for v := range group {
		switch {
		case group[v] != g:
		case c.home[v] >= 0:
			group[v] = next + c.home[v]
		default:
			rest = append(rest, v)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, v := range rest {
			best, most := group[v], 0.0
			toward := map[int]float64{}
			for _, u := range sortedKeys(w.adj[v]) {
				if group[u] >= next {
					toward[group[u]] += w.adj[v][u]
				}
			}
			for _, to := range sortedKeys(toward) {
				if toward[to] > most {
					best, most = to, toward[to]
				}
			}
			if group[v] == g && best != g {
				group[v], changed = best, true
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
// nothing refers to. A declaration in a group of few goes to where most of its
// file is.
func (c *clusterer) leftovers(group []int) {
	size := map[int]int{}
	for _, g := range group {
		size[g]++
	}
	var walk func(f *folder)
	walk = func(f *folder) {
		for _, child := range f.children {
			walk(child)
			file := c.g.Unit == "decl" && len(child.children) == 0
			for _, v := range child.nodes {
				few := 1
				if file {
					few = 4
				}
				if g := group[v]; g != shared && size[g] <= few && !c.aside[v] && !c.g.Nodes[v].Main {
					group[v] = beside(child.nodes, v, group, file)
					size[g]--
					size[group[v]]++
				}
			}
		}
	}
	walk(c.tree)
}

// beside returns the group that all nodes but v have, or most do if that is
// enough. If there is none, it is that of v.
func beside(nodes []int, v int, group []int, most bool) int {
	count := map[int]int{}
	for _, u := range nodes {
		if u != v {
			count[group[u]]++
		}
	}
	best := group[v]
	for _, g := range sortedKeys(count) {
		if count[g] > count[best] {
			best = g
		}
	}
	if most || len(count) == 1 {
		return best
	}
	return group[v]
}

// helpers places nodes that no name binds to their group, that use no other
// group and are no service: what several groups use, and none of them more
// than all others, is shared; what is alone in its group and mostly used by one
// other joins that.
func (c *clusterer) helpers(group []int) {
	size := map[int]int{}
	for _, g := range group {
		size[g]++
	}
	bound := c.bound(group)
	for v := range group {
		if bound[v] || !c.active(v) || c.made[v] || c.g.Nodes[v].Main ||
			slices.ContainsFunc(c.out[v], func(u int) bool { return group[u] != shared }) {
			continue
		}
		most, share := c.mainUser(v, group)
		switch {
		case most == shared:
		case share <= 0.5:
			group[v] = shared
		case size[group[v]] == 1:
			group[v] = most
		}
	}
}

// bound reports for each node whether its home, or a word that it shares with
// most of its group, says where it belongs, or whether it is a part by itself.
func (c *clusterer) bound(group []int) []bool {
	out := make([]bool, len(group))
	for v := range out {
		out[v] = c.home[v] >= 0 || c.solitary[v]
	}
	for _, w := range c.words {
		count := map[int]int{}
		for _, v := range w.members {
			count[group[v]]++
		}
		for _, v := range w.members {
			out[v] = out[v] || w.lift > 0 && 2*count[group[v]] > len(w.members)
		}
	}
	return out
}

// mainUser returns the group that uses v most, and its share of the users.
func (c *clusterer) mainUser(v int, group []int) (most int, share float64) {
	users, total := map[int]int{}, 0
	for _, u := range c.in[v] {
		if group[u] != shared {
			users[group[u]]++
			total++
		}
	}
	most = shared
	for _, g := range sortedKeys(users) {
		if most == shared || users[g] > users[most] {
			most = g
		}
	}
	return most, float64(users[most]) / float64(max(total, 1))
}
