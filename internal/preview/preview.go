package preview

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/callgraph"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// Options say which split to look at: a named one, or units that no configuration
// has, each with its components. What no unit claims runs in main.
type Options struct {
	Name  string
	Units [][]string
}

// A Preview says what a split would cost and what would break, without running
// anything. It is plain data and the caller's.
type Preview struct {
	*split.Preview
	// Unbound are components that the split parts and that have no bindings yet:
	// the preview takes them as bound, with everything that others call as an
	// endpoint.
	Unbound []Unbound `json:"unbound"`
	// Quiet says of the units to which nothing crosses why that is so.
	Quiet []QuietUnit `json:"quiet"`
	// Hazards are those that this split brings out, without those that extract
	// takes away by itself: ByExtract counts these.
	Hazards   []component.Hazard `json:"hazards"`
	ByExtract int                `json:"mended"`
	// Targets are all there are, each with what it makes of the split.
	Targets []split.Fit `json:"targets"`

	Problems []component.Problem `json:"-"` // what could not be loaded
}

// Unbound is a component without bindings, and what would give it some.
type Unbound struct {
	Component string   `json:"component"`
	Packages  []string `json:"packages"` // import paths
}

// A Module is what a preview is made of. What takes long is asked for when it is
// needed; each function may be called more than once.
type Module struct {
	Path     string // module path
	Config   *split.Config
	Lock     *lock.File
	Terms    split.Terms        // of the bindings, stores and targets
	Carriers component.Carriers // all bindings that lead to another process

	// Find finds the components of the whole module under a configuration. Strict: a
	// name in it that nothing matches is an error.
	Find func(ctx context.Context, cfg *split.Config, strict bool) (*component.Result, error)
	// Written loads the packages that people wrote.
	Written func(context.Context) ([]*source.Package, error)
	// Calls returns the call graph of these.
	Calls func(context.Context) (*callgraph.Graph, error)
	// Fit asks each target about the split that plan makes for it.
	Fit func(plan func(acrossHosts bool) (*split.Plan, error)) []split.Fit
}

// Of looks at a split before it runs. What is wrong with the options, with
// unweld.yaml, or with a unit that would hold a package main is a
// *component.UsageError. While nothing is bound, the undeclared micro split is of the
// components that unweld.yaml declares.
func Of(ctx context.Context, m *Module, o Options) (*Preview, error) {
	p := &previewer{Module: m, cfg: m.Config, name: o.Name}
	p.undeclared()
	if err := p.read(ctx, o); err != nil {
		return nil, err
	}
	if err := p.rootApart(p.unbound()); err != nil { // before what takes long
		return nil, err
	}
	if err := p.follow(ctx); err != nil {
		return nil, err
	}
	return p.preview()
}

// preview looks at the split, when all has been read and followed.
func (p *previewer) preview() (*Preview, error) {
	unbound := p.unbound()
	if err := p.rootApart(unbound); err != nil {
		return nil, err
	}
	facts := p.Lock.Facts(p.known(), p.Terms)
	previewed := split.PreviewFacts{Graph: p.followed.graph, Homes: p.homes, Schemes: facts.Schemes}
	for _, u := range unbound {
		endpoints := p.assumedOf(u.Component)
		facts.Bound = append(facts.Bound, p.boundLike(u.Component, endpoints))
		previewed.Endpoints = append(previewed.Endpoints, endpoints...)
	}
	previewed.Endpoints = append(previewed.Endpoints, p.followed.generated...)
	planned := func(acrossHosts bool) (*split.Plan, error) {
		facts.AcrossHosts = acrossHosts
		plan, err := split.New(p.cfg, p.name, facts)
		if err == nil {
			plan.Problems = component.SortProblems(append(plan.Problems, FailingCalls(plan, p.Path, p.Lock, p.found)...))
		}
		return plan, err
	}
	plan, err := planned(false)
	if err != nil {
		return nil, err
	}
	hazards := p.hazards(plan)
	open := slices.DeleteFunc(slices.Clone(hazards), func(h component.Hazard) bool { return SolvedByExtract(h.Name) })
	preview := split.NewPreview(plan, previewed)
	return &Preview{
		Preview: preview, Unbound: unbound, Quiet: p.quiet(preview, previewed.Endpoints),
		Hazards: open, ByExtract: len(hazards) - len(open), Problems: p.found.Problems,
		Targets: p.Fit(planned),
	}, nil
}

// previewer holds what one preview works on.
type previewer struct {
	*Module
	cfg   *split.Config // Config, with the split that options make
	name  string        // of the split
	found *component.Result
	homes map[string]string // import path -> component
	pkgs  []*source.Package // those that people wrote

	uncrossable map[string]string // by function: why it can't be an endpoint
	followed    *followed
}

func (p *previewer) read(ctx context.Context, o Options) (err error) {
	if p.found, err = p.Find(ctx, p.cfg, true); err != nil {
		return err
	}
	if len(o.Units) > 0 {
		if err := p.adHoc(ctx, o.Units); err != nil {
			return err
		}
	}
	p.uncrossable = uncrossableIn(p.found)
	if p.pkgs, err = p.Written(ctx); err != nil {
		return err
	}
	p.homes = homesOf(p.Path, p.Lock, p.found)
	return nil
}

func (p *previewer) known() []string {
	var names []string
	for _, c := range p.found.Components {
		names = append(names, c.Name)
	}
	return names
}

// unbound lists the components without bindings that units claim by name. One
// unit can go without: the entry unit is the one that claims the rest.
func (p *previewer) unbound() []Unbound {
	list := []Unbound{}
	for _, u := range p.cfg.Splits[p.name].Units {
		if slices.Contains(u.Components, "*") {
			continue
		}
		for _, c := range u.Components {
			i := slices.IndexFunc(p.found.Components, func(f component.Found) bool { return f.Name == c })
			if p.Lock.Components[c] == nil && i >= 0 {
				list = append(list, Unbound{c, p.found.Components[i].Packages})
			}
		}
	}
	slices.SortFunc(list, func(a, b Unbound) int { return cmp.Compare(a.Component, b.Component) })
	return list
}

// generated are the endpoints of a bound component.
func (p *previewer) generated(g *callgraph.Graph, name string) []split.EndpointFunctions {
	files := p.Lock.Generated()
	methods := g.Implementers(contractOf(p.Path, p.Lock, name))
	var out []split.EndpointFunctions
	for _, e := range p.Lock.Components[name].Endpoints {
		f := split.EndpointFunctions{Component: name, Name: e.Name, Local: e.Local, Needs: e.Needs, Called: methods[e.Name]}
		for _, fn := range f.Called {
			if !files[g.Functions[fn].Span.File] {
				f.Bodies = append(f.Bodies, fn)
			}
		}
		out = append(out, f)
	}
	return out
}

// assumed are the endpoints that a component would have: the functions and
// methods that others call, without constructors and the methods of plain data.
func (p *previewer) assumed(name string) []split.EndpointFunctions {
	g := p.followed.graph
	called := map[int]bool{}
	for i := range g.Functions {
		f := &g.Functions[i]
		if p.homes[f.Package] == name {
			continue
		}
		for _, c := range f.Calls {
			for _, to := range c.To {
				t := &g.Functions[to]
				called[to] = called[to] || p.homes[t.Package] == name && !t.Data && !t.Constructor && isNamed(t)
			}
		}
	}
	var out []split.EndpointFunctions
	for i := range g.Functions {
		if called[i] {
			f := &g.Functions[i]
			out = append(out, split.EndpointFunctions{
				Component: name, Name: strings.TrimPrefix(f.ID, f.Package+"."), Local: p.followed.why[f.ID], Needs: p.needs(f, p.followed.deciders), Called: []int{i}, Bodies: []int{i}, Direct: true,
			})
		}
	}
	return out
}

// uncrossableOf says of functions why they can't be endpoints, by their IDs: what is
// said of the method of an interface holds for those that implement it.
func (p *previewer) uncrossableOf(g *callgraph.Graph) map[string]string {
	why := maps.Clone(p.uncrossable)
	for _, h := range p.found.Hazards {
		s := h.Problem.Subject
		reason := p.uncrossable[s.String()]
		if s.Member == "" || reason == "" {
			continue
		}
		for _, fn := range g.Implementers(s.Decl.Pkg, s.Decl.Name)[s.Member] {
			if f := &g.Functions[fn]; p.homes[f.Package] == p.homes[s.Decl.Pkg] && why[f.ID] == "" {
				why[f.ID] = reason
			}
		}
	}
	return why
}

// needs are the modes that a function's signature takes of a binding.
func (p *previewer) needs(f *component.Function, deciders *crossing.Deciders) []component.Mode {
	name, member, _ := strings.Cut(strings.TrimPrefix(f.ID, f.Package+"."), ".")
	i := slices.IndexFunc(p.pkgs, func(q *source.Package) bool { return q.Pkg.Path == f.Package && q.ForTest == "" })
	if i < 0 {
		return nil
	}
	fn := source.LookupFunc(p.pkgs[i].Types, name, member)
	if fn == nil {
		return nil
	}
	return deciders.Func(fn).Needs()
}

// isNamed reports whether f is a function or method that a contract could have.
func isNamed(f *component.Function) bool {
	name, ok := strings.CutPrefix(f.ID, f.Package+".")
	return ok && !strings.ContainsAny(name, "$#(") && name != "init"
}

// boundLike takes a component as bound. Its state is unknown, so it counts.
func (p *previewer) boundLike(name string, endpoints []split.EndpointFunctions) split.Bound {
	b := split.Bound{Name: name, Bindings: p.Terms.Schemes.Bindings(), Stateful: true, Assumed: true}
	for _, e := range endpoints {
		b.Endpoints = append(b.Endpoints, component.Endpoint{Name: e.Name, Local: e.Local, Needs: e.Needs, TouchesState: e.Local == ""})
	}
	return b
}
