package cluster

import (
	"math"
	"slices"
)

// preKernel marks nodes that many others use, spread over groups that have
// nothing else in common: hubs would pull all their users into one group, where
// kernel cannot see them.
func (c *clusterer) preKernel() {
	core := c.labelled(func(v int) bool { return len(c.in[v]) < 4 && !c.aside[v] }, nameWeight).louvain(1, 1)
	for v := range c.g.Nodes {
		in, out := len(c.in[v]), len(c.out[v])
		if in < 5 || float64(in) < 0.66*float64(in+out) || c.home[v] >= 0 {
			continue
		}
		spread := map[int]int{}
		largest := 0
		for _, u := range c.in[v] {
			spread[core[u]]++
			largest = max(largest, spread[core[u]])
		}
		c.shared[v] = float64(largest) <= 0.34*float64(in)
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

// kernel marks nodes whose users are of many groups and that use few: the
// entropy of their callers' groups is far above that of their callees'. Edges
// into such nodes, and out of nodes that use everything, count less in the
// second round and later.
func (c *clusterer) kernel() {
	base := slices.Clone(c.weight)
	for range 2 {
		hin, hout, groups := c.entropies()
		for i, e := range c.g.Edges {
			c.weight[i] = base[i] * math.Exp(-(hin[e.To]+hout[e.From])/2)
		}
		limit := min(1.3, max(0.9, 0.75*math.Log(float64(groups))))
		for v := range c.g.Nodes {
			if c.users(v) >= c.enough(v) && hin[v]-hout[v] >= limit && c.home[v] < 0 {
				c.shared[v] = true
			}
		}
	}
	c.kernelClosure()
}

// entropies returns, for each node, the entropy of the groups of its callers
// and of its callees, averaged over three resolutions, and the number of groups
// at the first.
func (c *clusterer) entropies() (hin, hout []float64, groups int) {
	n := len(c.g.Nodes)
	hin, hout = make([]float64, n), make([]float64, n)
	w := c.labelled(c.active, nameWeight)
	gammas := []float64{1, 1.5, 2}
	for i, gamma := range gammas {
		group := w.louvain(gamma, uint64(i+1))
		sizes := map[int]int{}
		for v := range n {
			hin[v] += c.entropy(c.in[v], group) / float64(len(gammas))
			hout[v] += c.entropy(c.out[v], group) / float64(len(gammas))
			if c.active(v) {
				sizes[group[v]]++
			}
		}
		for _, size := range sizes {
			if i == 0 && size > 1 {
				groups++
			}
		}
	}
	return hin, hout, groups
}

func (c *clusterer) entropy(nodes []int, group []int) float64 {
	counts := map[int]float64{}
	total := 0.0
	for _, u := range nodes {
		if c.active(u) {
			counts[group[u]]++
			total++
		}
	}
	h := 0.0
	for _, g := range sortedKeys(counts) {
		p := counts[g] / total
		h -= p * math.Log(p)
	}
	return h
}

// users returns how many nodes that count use v.
func (c *clusterer) users(v int) int {
	n := 0
	for _, u := range c.in[v] {
		if c.active(u) {
			n++
		}
	}
	return n
}

// enough returns how many users make v shared.
func (c *clusterer) enough(v int) int {
	if c.generic[v] {
		return 3
	}
	return 5
}
