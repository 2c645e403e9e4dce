package preview

import (
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// SolvedByExtract reports whether extract takes away hazards of a code by itself.
func SolvedByExtract(code string) bool { return code == "no-context" || code == "no-error-result" }

// uncrossableIn says of functions, by their names, why they can't be endpoints.
func uncrossableIn(found *component.Result) map[string]string {
	why := map[string]string{}
	for _, h := range found.Hazards {
		about := h.Problem.Subject.String()
		if why[about] == "" && h.Severity == component.Error && !SolvedByExtract(h.Name) {
			why[about] = h.Message
		}
	}
	return why
}

// hazards are those whose two sides the plan puts into different units.
func (p *previewer) hazards(plan *split.Plan) []component.Hazard {
	out := []component.Hazard{}
	crossing := *p.followed.crossing
	crossing.plan = plan
	for i := range p.found.Hazards {
		if h := &p.found.Hazards[i]; crossing.Brings(h) {
			out = append(out, *h)
		}
	}
	return out
}
