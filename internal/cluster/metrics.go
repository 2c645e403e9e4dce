package cluster

import (
	"iter"
	"math"
	"math/bits"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scc"
)

// metrics fills in the metrics of components and of the program.
func (f *finder) metrics(r *component.Result) {
	inside, outside := map[string]float64{}, map[string]float64{}
	degree := map[string]float64{}
	var total, within, between float64
	for _, e := range f.g.Edges {
		from, to := f.names[e.From], f.names[e.To]
		if from == "" || to == "" {
			continue
		}
		total += e.Weight
		degree[from] += e.Weight
		degree[to] += e.Weight
		if from == to {
			inside[from] += e.Weight
			within += e.Weight
			continue
		}
		outside[from] += e.Weight
		outside[to] += e.Weight
		between += e.Weight
	}
	ca, ce := map[string]int{}, map[string]int{}
	for _, c := range r.Couplings {
		ce[c.From]++
		ca[c.To]++
	}
	extreme := 0
	for i := range r.Components {
		c := &r.Components[i]
		c.Metrics = component.Metrics{
			Ca: ca[c.Name], Ce: ce[c.Name],
			Instability: ratio(float64(ce[c.Name]), float64(ca[c.Name]+ce[c.Name])),
			Cohesion:    ratio(inside[c.Name], inside[c.Name]+outside[c.Name]),
			Coupling:    ratio(outside[c.Name], 2*total),
		}
		if size := len(c.Packages) + len(c.Decls); size < 2 || size > max(20, len(f.g.Nodes)/3) {
			extreme += size
		}
		share := ratio(degree[c.Name], 2*total)
		r.Metrics.Modularity += ratio(inside[c.Name], total) - share*share
	}
	r.Metrics.Modularity = round(r.Metrics.Modularity)
	r.Metrics.ICP = ratio(between, total)
	r.Metrics.NED = ratio(float64(extreme), float64(len(f.g.Nodes)-len(r.Shared)))
	r.Metrics.PropagationCost = f.propagation()
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return round(a / b)
}

// propagation returns the share of node pairs that a change can travel
// between: the density of the transitive closure.
//
// It asks of 64 nodes at a time who reaches them. Nodes that reach each other reach the same,
// so that there are no cycles to go around.
func (f *finder) propagation() float64 {
	n := len(f.g.Nodes)
	out := make([][]int, n)
	for _, e := range f.g.Edges {
		out[e.From] = append(out[e.From], e.To)
	}
	of := make([]int, n) // group by node
	var sizes []int
	for group := range scc.Groups(numbers(n), func(v int) iter.Seq[int] { return slices.Values(out[v]) }) {
		for _, v := range group {
			of[v] = len(sizes)
		}
		sizes = append(sizes, len(group))
	}
	next := make([][]int, len(sizes)) // all of them come before the group
	for _, e := range f.g.Edges {
		if from, to := of[e.From], of[e.To]; from != to {
			next[from] = append(next[from], to)
		}
	}
	reached := 0
	reaches := make([]uint64, len(sizes))
	for first := 0; first < n; first += 64 {
		clear(reaches)
		for v := first; v < min(first+64, n); v++ {
			reaches[of[v]] |= 1 << (v - first)
		}
		for g, tos := range next {
			for _, to := range tos {
				reaches[g] |= reaches[to]
			}
			reached += sizes[g] * bits.OnesCount64(reaches[g])
		}
	}
	return ratio(float64(reached), float64(n)*float64(n))
}

func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for v := range n {
			if !yield(v) {
				return
			}
		}
	}
}

// round keeps three decimals: what is printed must not depend on the last bits.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
