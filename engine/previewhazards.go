package engine

import (
	"path"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// mended are the hazards that extract takes away by itself.
var mended = []string{"no-context", "no-error-result"}

// A hazardIndex finds hazards by what they are about.
type hazardIndex struct {
	uses        map[string][]component.Evidence // from other components, by the function or variable used
	targets     [][]string                      // of each hazard: what it is about
	uncrossable map[string]string               // by function: why it can't be an endpoint
}

// use is where something of a component is used.
type use struct {
	component string
	at        text.Span
}

func newHazardIndex(found *component.Result) *hazardIndex {
	x := &hazardIndex{uses: map[string][]component.Evidence{}, uncrossable: map[string]string{}}
	used := map[use][]string{}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			x.uses[ev.To] = append(x.uses[ev.To], ev)
			used[use{c.To, ev.Span}] = append(used[use{c.To, ev.Span}], ev.To)
		}
	}
	for _, h := range found.Hazards {
		var about []string
		for _, r := range h.Problem.Related {
			about = append(about, used[use{h.Component, r.Span}]...)
		}
		x.targets = append(x.targets, about)
		for _, id := range about {
			if x.uncrossable[id] == "" && h.Severity == component.Error && !slices.Contains(mended, h.Name) {
				x.uncrossable[id] = h.Message
			}
		}
	}
	return x
}

// hazards are those whose two sides the plan puts into different units.
func (p *previewer) hazards(plan *split.Plan) []component.Hazard {
	out := []component.Hazard{}
	for i, h := range p.found.Hazards {
		owner := p.unitOf(plan, path.Dir(h.Problem.Span.File))
		apart := func(ev component.Evidence) bool { return p.unitOf(plan, path.Dir(ev.Span.File)) != owner }
		if slices.ContainsFunc(p.index.targets[i], func(id string) bool { return slices.ContainsFunc(p.index.uses[id], apart) }) {
			out = append(out, h)
		}
	}
	return out
}
