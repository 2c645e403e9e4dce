package component

import "slices"

// Shared is the group of nodes that belong to no component: what everybody
// uses, such as logging.
const Shared = -1

// A Clustering places every node of a graph in one group, or in Shared.
type Clustering struct {
	Group     []int     // by node
	Stability []float64 // by node: how often it stood with the rest of its group, 0 to 1
}

// maxConsensus bounds the nodes for which every pair is compared.
const maxConsensus = 1500

// Cluster finds components: what is shared and the packages that only assemble
// the others leave the graph first, then nodes that one group alone uses
// join it, and the rest is grouped by several runs that vote.
func Cluster(g *Graph) *Clustering {
	c := newClusterer(g)
	c.assemblers() // they would tie together what they assemble
	c.kernel()
	clear(c.aside)
	c.assemblers() // now that what is shared doesn't count
	group := c.group()
	c.attach(group)
	out := &Clustering{Group: group, Stability: c.stability(group)}
	return out
}

type clusterer struct {
	g       *Graph
	in, out [][]int
	shared  []bool
	aside   []bool // assemblers
	votes   [][]int
}

func newClusterer(g *Graph) *clusterer {
	n := len(g.Nodes)
	c := &clusterer{g: g, in: make([][]int, n), out: make([][]int, n), shared: make([]bool, n), aside: make([]bool, n)}
	for _, e := range g.Edges {
		c.out[e.From] = append(c.out[e.From], e.To)
		c.in[e.To] = append(c.in[e.To], e.From)
	}
	return c
}

// kernel marks nodes that many others use, spread over groups that have
// nothing else in common: hubs would pull all their users into one group.
func (c *clusterer) kernel() {
	w := newWeighted(len(c.g.Nodes))
	for _, e := range c.g.Edges {
		if len(c.in[e.From]) < 4 && len(c.in[e.To]) < 4 && !c.aside[e.From] && !c.aside[e.To] {
			w.add(e.From, e.To, e.Weight)
		}
	}
	core := w.louvain(1, 1)
	for v := range c.g.Nodes {
		in, out := len(c.in[v]), len(c.out[v])
		if in < 5 || float64(in) < 0.66*float64(in+out) {
			continue
		}
		spread := map[int]int{}
		largest := 0
		for _, u := range c.in[v] {
			spread[core[u]]++
			largest = max(largest, spread[core[u]])
		}
		c.shared[v] = float64(largest) <= 0.4*float64(in)
	}
	c.kernelClosure()
}

// kernelClosure adds what only shared nodes use.
func (c *clusterer) kernelClosure() {
	for changed := true; changed; {
		changed = false
		for v := range c.g.Nodes {
			if !c.shared[v] && len(c.in[v]) > 0 && !slices.ContainsFunc(c.in[v], func(u int) bool { return !c.shared[u] }) {
				c.shared[v], changed = true, true
			}
		}
	}
}

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

// group clusters the active nodes.
func (c *clusterer) group() []int {
	n := len(c.g.Nodes)
	w := newWeighted(n)
	for _, e := range c.g.Edges {
		if c.active(e.From) && c.active(e.To) {
			w.add(e.From, e.To, e.Weight)
		}
	}
	atoms, count := c.atoms()
	merged := w.merge(atoms, count)
	gammas := []float64{0.8, 1, 1.3}
	for run := range 9 {
		local := merged.louvain(gammas[run%3], uint64(run+1))
		vote := make([]int, n)
		for i := range vote {
			vote[i] = local[atoms[i]]
		}
		c.votes = append(c.votes, vote)
	}
	group := slices.Clone(c.votes[1])
	if n <= maxConsensus {
		group = w.connected(c.consensus())
	}
	group, _ = renumber(group)
	for v := range group {
		if c.shared[v] {
			group[v] = Shared
		}
	}
	return group
}

func (c *clusterer) active(v int) bool { return !c.shared[v] && !c.aside[v] }

// atoms merges a node into the group of its users where all of them lie in
// one group and no assembler uses it, to a fixpoint.
func (c *clusterer) atoms() ([]int, int) {
	group := make([]int, len(c.g.Nodes))
	for i := range group {
		group[i] = i
	}
	for changed := true; changed; {
		changed = false
		for v := range group {
			if !c.active(v) || len(c.in[v]) == 0 || group[v] != v {
				continue
			}
			target := -1
			for _, u := range c.in[v] {
				if !c.active(u) || target >= 0 && group[u] != target {
					target = -2
					break
				}
				target = group[u]
			}
			if target < 0 || target == v {
				continue
			}
			for i := range group {
				if group[i] == v {
					group[i] = target
				}
			}
			changed = true
		}
	}
	return renumber(group)
}

// agree returns the share of votes that put a and b together.
func (c *clusterer) agree(a, b int) float64 {
	same := 0
	for _, v := range c.votes {
		if v[a] == v[b] {
			same++
		}
	}
	return float64(same) / float64(len(c.votes))
}

// consensus joins the groups with the highest mean agreement until none is
// above 0.6.
func (c *clusterer) consensus() []int {
	n := len(c.g.Nodes)
	group := make([]int, n)
	// Nodes that all runs agree on start together.
	var members [][]int
	for v := range group {
		i := slices.IndexFunc(members, func(m []int) bool { return c.agree(m[0], v) == 1 })
		if i < 0 {
			i = len(members)
			members = append(members, nil)
		}
		members[i] = append(members[i], v)
	}
	for {
		bi, bj, best := -1, -1, 0.6
		for i := range members {
			for j := i + 1; j < len(members); j++ {
				if a := c.meanAgreement(members[i], members[j]); a > best+1e-9 {
					bi, bj, best = i, j, a
				}
			}
		}
		if bi < 0 {
			break
		}
		members[bi] = append(members[bi], members[bj]...)
		members = slices.Delete(members, bj, bj+1)
	}
	for i, m := range members {
		for _, v := range m {
			group[v] = i
		}
	}
	return group
}

func (c *clusterer) meanAgreement(a, b []int) float64 {
	var sum float64
	for _, x := range a {
		for _, y := range b {
			sum += c.agree(x, y)
		}
	}
	return sum / float64(len(a)*len(b))
}

// attach puts a main package that uses nothing but one assembler with it;
// the other assemblers stay alone.
func (c *clusterer) attach(group []int) {
	for v := range group {
		if !c.aside[v] || !c.g.Nodes[v].Main {
			continue
		}
		var used []int
		for _, u := range c.out[v] {
			if !c.shared[u] {
				used = append(used, u)
			}
		}
		if len(used) == 1 && c.aside[used[0]] {
			group[v] = group[used[0]]
		}
	}
}

func (c *clusterer) stability(group []int) []float64 {
	members := map[int][]int{}
	for v, g := range group {
		members[g] = append(members[g], v)
	}
	out := make([]float64, len(group))
	for v, g := range group {
		m := members[g]
		if g == Shared || c.aside[v] || len(m) == 1 || len(m) > maxConsensus {
			out[v] = 1
			continue
		}
		var sum float64
		for _, u := range m {
			if u != v {
				sum += c.agree(u, v)
			}
		}
		out[v] = round(sum / float64(len(m)-1))
	}
	return out
}
