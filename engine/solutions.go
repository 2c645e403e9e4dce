package engine

import (
	"slices"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
)

// solutions are the names of the refactorings that take problems of a code away.
func solutions(code string) []string {
	for _, a := range allanalyzers.Analyzers {
		if a.Name == code {
			return a.Solutions
		}
	}
	return nil
}

// Solutions lists the refactorings that take a problem away, as Offers does, at the
// problem's place or at the declaration that it is about. Of those that can't be done
// there it says why. A violation of a rule can also be taken into the baseline.
func (s *Session) Solutions(p component.Problem) []Offer {
	site := s.siteAt(p.Span, []string{p.Code})
	sites := []*refactor.Site{site, s.declaredAt(site, p.Subject.Decl)}
	in := s.refactorInput()
	var out []Offer
	for _, name := range solutions(p.Code) {
		r, err := refactoring(name)
		if err != nil || r.Offer == nil {
			continue
		}
		var of []Offer
		for _, at := range sites {
			if at == nil {
				continue
			}
			for _, o := range r.Offer(in, at) {
				of = append(of, offered(r, o))
			}
		}
		if len(of) == 0 {
			continue
		}
		best := max(0, slices.IndexFunc(of, func(o Offer) bool { return o.Disabled == "" }))
		out = append(out, of[best])
	}
	if accept, ok := s.acceptance(p); ok {
		out = append(out, accept)
	}
	return out
}
