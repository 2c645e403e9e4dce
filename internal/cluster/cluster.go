package cluster

import (
	"math"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// shared is the group of nodes that belong to no component: what everybody
// uses, such as logging.
const shared = -1

// A clustering places every node of a graph in one group, or in shared.
type clustering struct {
	Group     []int     // by node
	Stability []float64 // by node: how often it stood with the rest of its group, 0 to 1
}

// What the clustering was set to on programs whose parts are known. See
// RATIONALE.md for how it was measured.
const (
	believable = 0.2  // lift from which a folder or word says something
	homeLift   = 0.7  // of a home among words
	siblings   = 10   // weight by which siblings say what a folder is
	selfWeight = 2.0  // of the references inside a package that is a part of the program
	nameWeight = 1.25 // of what names say, against the references of a node
	agreement  = 0.6  // of the runs that keep two groups together
)

// cluster finds components. What only assembles the others and what is shared
// leaves the graph first; nodes that one group alone uses join it; the rest is
// grouped by several runs that vote; and what only assembles joins the group
// it is for, if there is one.
func cluster(g *component.Graph) *clustering {
	c := newClusterer(g)
	c.assemblers() // they would tie together what they assemble
	c.wiring()
	c.judge()
	c.preKernel()
	c.judge()
	c.kernel()
	clear(c.aside)
	c.assemblers() // now that what is shared doesn't count
	c.judge()
	group, stability := c.vote()
	c.services(group)
	c.settle(group)
	c.divide(group)
	c.attach(group)
	c.helpers(group)
	c.leftovers(group)
	return &clustering{Group: group, Stability: stability}
}

// A clusterer holds the state of cluster.
type clusterer struct {
	g        *component.Graph
	in, out  [][]int   // neighbours, by node
	weight   []float64 // by edge
	tree     *folder
	words    []word
	homes    [][]int // nodes of each folder believed to be a part of the program
	home     []int   // index into homes, or -1, by node
	solitary []bool  // a part of the program by itself
	generic  []bool  // a word of its path is in common
	made     []bool  // an assembler makes a value of it
	shared   []bool
	aside    []bool // assemblers
}

func newClusterer(g *component.Graph) *clusterer {
	n := len(g.Nodes)
	tree := folders(g)
	c := &clusterer{
		g: g, in: make([][]int, n), out: make([][]int, n),
		tree: tree, words: words(g, tree), home: make([]int, n), solitary: make([]bool, n),
		generic: make([]bool, n), made: make([]bool, n), shared: make([]bool, n), aside: make([]bool, n),
	}
	for v, node := range g.Nodes {
		ws := wordsOf(strings.TrimPrefix(node.Package.Path, c.tree.path))
		c.generic[v] = slices.ContainsFunc(ws, func(w string) bool { return common[w] })
	}
	for _, e := range g.Edges {
		c.out[e.From] = append(c.out[e.From], e.To)
		c.in[e.To] = append(c.in[e.To], e.From)
		c.weight = append(c.weight, math.Log2(1+e.Weight))
	}
	return c
}

// active reports whether v takes part in the clustering.
func (c *clusterer) active(v int) bool { return !c.shared[v] && !c.aside[v] }

// graph returns the edges between nodes that keep accepts.
func (c *clusterer) graph(keep func(v int) bool) *weighted {
	w := newWeighted(len(c.g.Nodes))
	for i, e := range c.g.Edges {
		if keep(e.From) && keep(e.To) {
			w.add(e.From, e.To, c.weight[i])
		}
	}
	for v, n := range c.g.Nodes {
		if keep(v) && c.solitary[v] {
			w.self[v] = selfWeight * math.Log2(1+n.Inside)
		}
	}
	return w
}

// judge finds out which folders and words say something of the program, as far
// as it is active.
func (c *clusterer) judge() {
	j := newJudge(c.graph(c.active))
	j.folders(c.tree)
	for v := range c.home {
		c.home[v] = -1
	}
	j.words(c.words, c.home)
	c.homes = j.namesakes(j.homes(c.tree, c.words))
	for i, nodes := range c.homes {
		for _, v := range nodes {
			c.home[v] = i
		}
	}
	clear(c.solitary)
	c.tree.solitary(func(v int) { c.solitary[v] = true })
	j.words(c.words, c.home)
}

// labelled returns the graph of the nodes that keep accepts, with what their
// names say: homes and words that are believed.
func (c *clusterer) labelled(keep func(v int) bool, strength float64) *weighted {
	labels := make([]word, 0, len(c.homes)+len(c.words))
	for _, nodes := range c.homes {
		labels = append(labels, word{members: nodes, lift: homeLift})
	}
	return c.graph(keep).withLabels(append(labels, c.words...), strength)
}
