package preview

import (
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// SolvedByExtract reports whether extract takes away hazards of a code by itself.
func SolvedByExtract(code string) bool { return code == "no-context" || code == "no-error-result" }

// A hazardIndex finds hazards by what they are about.
type hazardIndex struct {
	uses        map[string][]component.Evidence // from other components, by the function or variable used
	uncrossable map[string]string               // by function: why it can't be an endpoint
}

func newHazardIndex(found *component.Result) *hazardIndex {
	x := &hazardIndex{uses: map[string][]component.Evidence{}, uncrossable: map[string]string{}}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			x.uses[ev.To] = append(x.uses[ev.To], ev)
		}
	}
	for _, h := range found.Hazards {
		about := h.Problem.Subject.String()
		if x.uncrossable[about] == "" && h.Severity == component.Error && !SolvedByExtract(h.Name) {
			x.uncrossable[about] = h.Message
		}
	}
	return x
}

// hazards are those whose two sides the plan puts into different units.
func (p *previewer) hazards(plan *split.Plan) []component.Hazard {
	out := []component.Hazard{}
	generated := p.Lock.Generated()
	for _, h := range p.found.Hazards {
		if generated[h.Problem.Span.File] || lock.OfRuntime(p.Path, h.Problem.Subject.Decl.Pkg) {
			continue // nothing that people wrote
		}
		owner := p.unitOf(plan, h.Problem.Subject.Decl.Pkg)
		apart := func(ev component.Evidence) bool { return p.unitOf(plan, ev.FromPkg) != owner }
		if slices.ContainsFunc(p.index.uses[h.Problem.Subject.String()], apart) {
			out = append(out, h)
		}
	}
	return out
}
