package engine

import (
	"context"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
)

// findEffects fills in what the endpoints of a result do to the state of their
// component. It needs the syntax of the whole module: what one package does not
// change another may.
func (s *Session) findEffects(ctx context.Context, r *component.Result) error {
	snap, pkgs, err := s.written(ctx)
	if err != nil {
		return err
	}
	s.progress("finding out what endpoints change")
	byPath := map[string]*types.Package{}
	for _, p := range pkgs {
		if p.Types != nil && !p.IllTyped() {
			byPath[p.Pkg.Path] = p.Types
		}
	}
	program, err := effects.Of(ctx, snap, pkgs)
	if err != nil {
		return err
	}
	known := map[component.DeclID]map[string]effects.Method{} // of types, their methods
	for i := range r.Components {
		for j := range r.Components[i].Endpoints {
			e := &r.Components[i].Endpoints[j]
			m, err := endpoint(ctx, program, byPath, known, e)
			if err != nil {
				return err
			}
			switch {
			case m.Effect == component.EffectWrites:
				e.Reads = new(false)
			case m.Effect == component.EffectReads && !m.Unfollowed && !m.World:
				e.Reads = new(true)
			}
		}
	}
	return nil
}

// endpoint analyses one endpoint. Nothing is known of what is called through an
// interface: it depends on what is behind it.
func endpoint(ctx context.Context, program *effects.Program, byPath map[string]*types.Package, known map[component.DeclID]map[string]effects.Method, e *component.FoundEndpoint) (effects.Method, error) {
	name := e.Decl.Name
	pkg := byPath[e.Decl.Pkg]
	if pkg == nil {
		return effects.Method{}, nil
	}
	if e.Member == "" {
		fn, ok := pkg.Scope().Lookup(name).(*types.Func)
		if !ok {
			return effects.Method{}, nil
		}
		return program.Func(ctx, fn)
	}
	if _, ok := known[e.Decl]; !ok {
		methods, err := program.Named(ctx, pkg, name)
		if err != nil {
			return effects.Method{}, err
		}
		known[e.Decl] = methods
	}
	return known[e.Decl][e.Member], nil
}
