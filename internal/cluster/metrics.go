package cluster

import (
	"math"

	"github.com/unweld/unweld/internal/component"
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
func (f *finder) propagation() float64 {
	n := len(f.g.Nodes)
	out := make([][]int, n)
	for _, e := range f.g.Edges {
		out[e.From] = append(out[e.From], e.To)
	}
	seen, reached := make([]int, n), 0
	var stack []int
	for v := range n {
		stack = append(stack[:0], v)
		seen[v] = v + 1
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			reached++
			for _, t := range out[u] {
				if seen[t] != v+1 {
					seen[t] = v + 1
					stack = append(stack, t)
				}
			}
		}
	}
	return ratio(float64(reached), float64(n)*float64(n))
}

// round keeps three decimals: what is printed must not depend on the last bits.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
