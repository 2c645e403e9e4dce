package cluster

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/component"
)

// Options configure Find.
type Options struct {
	Module   string
	Unit     string            // "package" (the default) or "decl"
	Declared map[string]string // import path -> component, from unweld.yaml

	Memory *Memory // of packages of the same module; nil: nothing is kept
}

// A Memory keeps the graph and its clustering for the next Find. It doesn't
// change results. The zero value is ready to use. It is safe for concurrent
// use.
type Memory struct {
	graphs component.GraphMemory

	mu         sync.Mutex
	last       *component.Graph
	clustering *clustering
}

// of returns the graph of summaries, and how it is clustered.
func (m *Memory) of(summaries []*component.Summary) (*component.Graph, *clustering) {
	g := m.graphs.Graph(summaries)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil || !alike(m.last, g) {
		m.clustering = cluster(g)
	}
	m.last = g
	return g, m.clustering
}

// alike reports whether two graphs are clustered in the same way: where references
// stand, and how long the code is, makes no difference.
func alike(a, b *component.Graph) bool {
	return a.Unit == b.Unit &&
		slices.EqualFunc(a.Nodes, b.Nodes, func(x, y component.Node) bool { x.Lines, y.Lines = 0, 0; return x == y }) &&
		slices.EqualFunc(a.Edges, b.Edges, func(x, y component.Edge) bool {
			return x.From == y.From && x.To == y.To && x.Weight == y.Weight && x.Makes == y.Makes
		})
}

// Find turns summaries into components, couplings, hazards and metrics.
// Declared components win over found ones.
func Find(summaries []*component.Summary, opts Options) *component.Result {
	var g *component.Graph
	var c *clustering
	if unit := cmp.Or(opts.Unit, "package"); unit == "package" && opts.Memory != nil {
		g, c = opts.Memory.of(summaries)
	} else {
		g = component.NewGraph(unit, summaries)
		c = cluster(g)
	}
	f := &finder{g: g, c: c, opts: opts, summaries: summaries}
	f.name()
	r := &component.Result{Version: 1, Module: opts.Module, Unit: g.Unit, Components: []component.Found{}, Shared: []string{}, Couplings: []component.Coupling{}, Hazards: []component.Hazard{}}
	f.components(r)
	f.couplings(r)
	f.endpoints(r)
	f.metrics(r)
	f.hazards(r)
	for _, s := range summaries {
		r.Problems = append(r.Problems, s.Problems...)
	}
	r.Problems = component.SortProblems(r.Problems)
	return r
}

type finder struct {
	g         *component.Graph
	c         *clustering
	opts      Options
	summaries []*component.Summary
	names     []string // component of each node; "" is shared
}

func (f *finder) components(r *component.Result) {
	byName := map[string]*component.Found{}
	sums, counts := map[string]float64{}, map[string]int{}
	declared := map[string]bool{}
	for _, name := range f.opts.Declared {
		declared[name] = true
	}
	for v, n := range f.g.Nodes {
		name := f.names[v]
		if name == "" {
			r.Shared = append(r.Shared, n.ID)
			continue
		}
		c := byName[name]
		if c == nil {
			c = &component.Found{Name: name, Declared: declared[name], Packages: []string{}, Endpoints: []component.FoundEndpoint{}}
			byName[name] = c
		}
		if f.g.Unit == "decl" {
			c.Decls = append(c.Decls, n.ID)
		} else {
			c.Packages = append(c.Packages, n.ID)
		}
		sums[name] += f.c.Stability[v]
		counts[name]++
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		c := byName[name]
		c.Stability = round(sums[name] / float64(counts[name]))
		if c.Declared {
			c.Stability = 1
		}
		r.Components = append(r.Components, *c)
	}
}

func (f *finder) couplings(r *component.Result) {
	byPair := map[[2]string]*component.Coupling{}
	for _, e := range f.g.Edges {
		from, to := f.names[e.From], f.names[e.To]
		if from == to || from == "" || to == "" {
			continue
		}
		key := [2]string{from, to}
		c := byPair[key]
		if c == nil {
			c = &component.Coupling{From: from, To: to}
			byPair[key] = c
		}
		c.Weight += e.Weight
		c.Evidence = append(c.Evidence, e.Evidence...)
	}
	for _, key := range slices.SortedFunc(maps.Keys(byPair), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		c := byPair[key]
		c.Weight = round(c.Weight)
		slices.SortStableFunc(c.Evidence, func(a, b component.Evidence) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind))
		})
		r.Couplings = append(r.Couplings, *c)
	}
}

// endpoints lists what other components call.
func (f *finder) endpoints(r *component.Result) {
	type target struct {
		decl   component.DeclID
		member string
	}
	callers := map[string]map[target]map[string]bool{}
	for _, c := range r.Couplings {
		for _, ev := range c.Evidence {
			if ev.Kind != "call" && ev.Kind != "value" {
				continue
			}
			if callers[c.To] == nil {
				callers[c.To] = map[target]map[string]bool{}
			}
			to := target{ev.Decl, ev.Member}
			if callers[c.To][to] == nil {
				callers[c.To][to] = map[string]bool{}
			}
			callers[c.To][to][ev.From] = true
		}
	}
	for i := range r.Components {
		c := &r.Components[i]
		targets := slices.SortedFunc(maps.Keys(callers[c.Name]), func(a, b target) int {
			return cmp.Or(a.decl.Compare(b.decl), cmp.Compare(a.member, b.member))
		})
		for _, to := range targets {
			name := to.decl.Name
			if to.member != "" {
				name += "." + to.member
			}
			c.Endpoints = append(c.Endpoints, component.FoundEndpoint{Name: name, Callers: len(callers[c.Name][to]), Decl: to.decl, Member: to.member})
		}
	}
}
