package component

import (
	"cmp"
	"maps"
	"slices"
)

// A Result is what find says of a program. Its JSON is part of the interface
// of unweld.
type Result struct {
	Version    int            `json:"version"`
	Module     string         `json:"module"`
	Unit       string         `json:"unit"`
	Components []Found        `json:"components"`
	Shared     []string       `json:"shared"`
	Couplings  []Coupling     `json:"couplings"`
	Hazards    []Hazard       `json:"hazards"`
	Metrics    ProgramMetrics `json:"metrics"`
	Problems   []Problem      `json:"-"` // what could not be loaded
}

// Found is one component.
type Found struct {
	Name      string          `json:"name"`
	Declared  bool            `json:"declared"`
	Stability float64         `json:"stability"`
	Packages  []string        `json:"packages"`
	Decls     []string        `json:"decls,omitempty"`
	Metrics   Metrics         `json:"metrics"`
	Endpoints []FoundEndpoint `json:"endpoints"`
}

// Metrics are of one component: how many components use it (ca) and are used
// by it (ce), ce/(ca+ce), the share of its weight that stays inside, and its
// share of the weight between components.
type Metrics struct {
	Ca          int     `json:"ca"`
	Ce          int     `json:"ce"`
	Instability float64 `json:"instability"`
	Cohesion    float64 `json:"cohesion"`
	Coupling    float64 `json:"coupling"`
}

// A FoundEndpoint is a function or method that other components call.
type FoundEndpoint struct {
	Name    string `json:"name"`
	Reads   *bool  `json:"reads"` // proven not to change the component's state, or certain to; nil: not known
	Callers int    `json:"callers"`
	Decl    DeclID `json:"-"`
	Member  string `json:"-"`
}

// A Coupling is everything that ties one component to another.
type Coupling struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	Weight   float64    `json:"weight"`
	Evidence []Evidence `json:"evidence"`
}

// A Hazard is a Problem of a coupling, in the shape that find prints.
type Hazard struct {
	Name      string   `json:"name"`
	Severity  Severity `json:"severity"`
	Component string   `json:"component"`
	Path      string   `json:"path"`
	Pos       string   `json:"pos"`
	Message   string   `json:"message"`
	Hint      string   `json:"hint"`
	Problem   Problem  `json:"-"`
}

// ProgramMetrics are of the whole program: Newman's modularity, the share of
// weight between components (icp), the share of entities in components of
// extreme size (ned), and the density of the transitive closure.
type ProgramMetrics struct {
	Modularity      float64 `json:"modularity"`
	ICP             float64 `json:"icp"`
	NED             float64 `json:"ned"`
	PropagationCost float64 `json:"propagationCost"`
}

// FindOptions refine Find.
type FindOptions struct {
	Module   string
	Unit     string            // "package" (the default) or "decl"
	Declared map[string]string // import path -> component, from unweld.yaml
}

// Find turns summaries into components, couplings, hazards and metrics.
// Declared components win over found ones.
func Find(summaries []*Summary, opts FindOptions) *Result {
	g := NewGraph(cmp.Or(opts.Unit, "package"), summaries)
	c := Cluster(g)
	f := &finder{g: g, c: c, opts: opts, summaries: summaries}
	f.name()
	r := &Result{Version: 1, Module: opts.Module, Unit: g.Unit, Components: []Found{}, Shared: []string{}, Couplings: []Coupling{}, Hazards: []Hazard{}}
	f.components(r)
	f.couplings(r)
	f.endpoints(r)
	f.metrics(r)
	f.hazards(r)
	for _, s := range summaries {
		r.Problems = append(r.Problems, s.Problems...)
	}
	r.Problems = SortProblems(r.Problems)
	return r
}

type finder struct {
	g         *Graph
	c         *Clustering
	opts      FindOptions
	summaries []*Summary
	names     []string // component of each node; "" is shared
}

func (f *finder) components(r *Result) {
	byName := map[string]*Found{}
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
			c = &Found{Name: name, Declared: declared[name], Packages: []string{}, Endpoints: []FoundEndpoint{}}
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

func (f *finder) couplings(r *Result) {
	byPair := map[[2]string]*Coupling{}
	for _, e := range f.g.Edges {
		from, to := f.names[e.From], f.names[e.To]
		if from == to || from == "" || to == "" {
			continue
		}
		key := [2]string{from, to}
		c := byPair[key]
		if c == nil {
			c = &Coupling{From: from, To: to}
			byPair[key] = c
		}
		c.Weight += e.Weight
		c.Evidence = append(c.Evidence, e.Evidence...)
	}
	for _, key := range slices.SortedFunc(maps.Keys(byPair), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		c := byPair[key]
		c.Weight = round(c.Weight)
		slices.SortStableFunc(c.Evidence, func(a, b Evidence) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind))
		})
		r.Couplings = append(r.Couplings, *c)
	}
}

// endpoints lists what other components call.
func (f *finder) endpoints(r *Result) {
	type target struct {
		decl   DeclID
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
			c.Endpoints = append(c.Endpoints, FoundEndpoint{Name: name, Callers: len(callers[c.Name][to]), Decl: to.decl, Member: to.member})
		}
	}
}
