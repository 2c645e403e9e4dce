package preview

import (
	"context"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// A Base is what previews of one module have in common, whatever the split: all that
// takes long. It may be used by several goroutines.
type Base struct {
	mu sync.Mutex
	p  *previewer
}

// Prepare reads the module and follows its calls. The configuration is held to the
// code, as Of does.
func Prepare(ctx context.Context, m *Module) (*Base, error) {
	p := &previewer{Module: m, cfg: m.Config}
	if err := p.read(ctx, Options{}); err != nil {
		return nil, err
	}
	if err := p.follow(ctx); err != nil {
		return nil, err
	}
	return &Base{p: p}, nil
}

// Found is what the module consists of. It must not be changed.
func (b *Base) Found() *component.Result { return b.p.found }

// Written are the components that hold something that people wrote: not those of packages
// that bind generates or copies alone.
func (b *Base) Written() []component.Found {
	folders := map[string]bool{}
	for file := range b.p.Lock.Generated() {
		folders[path.Join(b.p.Path, path.Dir(file))] = true
	}
	return slices.DeleteFunc(slices.Clone(b.p.found.Components), func(c component.Found) bool {
		return !c.Declared && !slices.ContainsFunc(c.Packages, func(p string) bool { return !folders[p] && !lock.OfRuntime(b.p.Path, p) })
	})
}

// Endpoints are those of a component: of its contract where it is bound, in their order, else the
// functions and methods that others call, sorted. Each is named with the component.
func (b *Base) Endpoints(component string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	if part := b.p.Lock.Components[component]; part != nil {
		for _, e := range part.Endpoints {
			names = append(names, component+"."+e.Name)
		}
		return names
	}
	for _, e := range b.p.assumedOf(component) {
		names = append(names, component+"."+e.Name)
	}
	slices.Sort(names)
	return names
}

// Of is the preview of a split under a name of its own. Nothing is read for it.
func (b *Base) Of(name string, s split.Split) (*Preview, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, cfg := *b.p, *b.p.cfg
	cfg.Splits = cloned(cfg.Splits)
	cfg.Splits[name] = s
	p.cfg, p.name = &cfg, name
	return p.preview()
}

// followed is what was found out of all function bodies.
type followed struct {
	graph     *component.CallGraph
	generated []split.EndpointFunctions // of all bound components
	why       map[string]string         // by function: why it can't be an endpoint
	deciders  *crossing.Deciders
	assumed   map[string][]split.EndpointFunctions // of components without bindings, as far as they were asked for
	crossing  *Crossing                            // without a plan
}

// follow finds it out. The call graph itself isn't kept: it holds on to the whole
// intermediate form of the module.
func (p *previewer) follow(ctx context.Context) error {
	g, err := p.Calls(ctx)
	if err != nil {
		return err
	}
	p.followed = &followed{graph: g.CallGraph, why: p.uncrossableOf(g), deciders: crossing.ForModule(p.Path, p.Carriers),
		assumed: map[string][]split.EndpointFunctions{}, crossing: NewCrossing(nil, p.Path, p.Lock, p.found)}
	for _, name := range p.Lock.Names() {
		p.followed.generated = append(p.followed.generated, p.generated(g, name)...)
	}
	return nil
}

// assumedOf is assumed, worked out once for each component.
func (p *previewer) assumedOf(name string) []split.EndpointFunctions {
	endpoints, ok := p.followed.assumed[name]
	if !ok {
		endpoints = p.assumed(name)
		p.followed.assumed[name] = endpoints
	}
	return endpoints
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}
