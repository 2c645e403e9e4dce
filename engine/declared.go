package engine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/refactor"
)

const (
	// OpDeclare adds a component that was found to unweld.yaml.
	OpDeclare = "declare"
	// OpMove gives a package to the component in the parameter to, in unweld.yaml.
	OpMove = "assign"
	// OpPreview looks at a split with one component apart; it changes nothing.
	OpPreview = "preview"
)

// fewMoves is how many components are offered to move a package to.
const fewMoves = 3

// packageOffers lists what can be done with the component of the package whose clause
// is at a site, as far as the last analysis knows it.
func (s *Session) packageOffers(site *refactor.Site) []Offer {
	found := s.living.found.Load()
	if found == nil || s.Module == "" || !site.PackageClause() || site.Test() {
		return nil
	}
	path := s.ImportPath(site.Span.File)
	i := slices.IndexFunc(found.Components, func(c component.Found) bool { return slices.Contains(c.Packages, path) })
	if i < 0 {
		return nil
	}
	c := &found.Components[i]
	var out []Offer
	offer := func(op, title, target, to string) {
		o := Offer{Operation: op, Kind: operationKind(op), Title: title, Request: RefactorRequest{Target: target}}
		if to != "" {
			o.Request.Params = map[string]string{"to": to}
		}
		out = append(out, o)
	}
	if !c.Declared {
		offer(OpDeclare, fmt.Sprintf("Add component '%s' to %s: %s", c.Name, split.FileName, count(len(c.Packages), "package", "packages")), c.Name, "")
	}
	for _, to := range closest(found, path, c.Name) {
		offer(OpMove, fmt.Sprintf("Give package %s to component '%s' in %s: %s tie it to that", site.Syntax.Name.Name, to.name, split.FileName,
			count(to.references, "reference", "references")), split.Relative(s.Module, path), to.name)
	}
	callers := 0
	for _, coupling := range found.Couplings {
		if coupling.To == c.Name {
			callers++
		}
	}
	offer(OpPreview, fmt.Sprintf("Preview component '%s' in a process of its own: %s, used by %s", c.Name,
		count(len(c.Endpoints), "endpoint", "endpoints"), count(callers, "component", "components")), c.Name, "")
	return out
}

type tied struct {
	name       string
	references int
}

// closest lists the declared components that a package of another has most to do with.
func closest(found *component.Result, path, home string) []tied {
	ties := map[string]int{}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			switch path {
			case ev.FromPkg:
				ties[c.To]++
			case ev.Decl.Pkg:
				ties[c.From]++
			}
		}
	}
	var out []tied
	for _, c := range found.Components {
		if n := ties[c.Name]; c.Declared && c.Name != home && n > 0 {
			out = append(out, tied{c.Name, n})
		}
	}
	slices.SortFunc(out, func(a, b tied) int {
		return cmp.Or(cmp.Compare(b.references, a.references), cmp.Compare(a.name, b.name))
	})
	return out[:min(len(out), fewMoves)]
}

// Assign returns the change of unweld.yaml that gives a package, by its folder, to a
// component that is declared there.
func (s *Session) Assign(pattern, name string) (change.Set, error) {
	_, there, err := s.Config()
	if err == nil && !there {
		err = &component.UsageError{Object: split.FileName, Reason: "doesn't exist", Hint: "write one with: unweld init"}
	}
	if err != nil {
		return change.Set{}, err
	}
	content, _, err := s.snap.Content(split.FileName)
	if err != nil {
		return change.Set{}, err
	}
	after, err := split.MovePackage(content, pattern, name)
	if err != nil {
		return change.Set{}, &component.UsageError{Object: split.FileName, Reason: err.Error(), Hint: "write it by hand"}
	}
	return change.Between("give "+pattern+" to component "+name, map[string][]byte{split.FileName: content}, map[string][]byte{split.FileName: after}), nil
}

// counted adds to the titles of what takes a type apart how much depends on it, as far as
// the last analysis knows.
func (s *Session) counted(offers []Offer, site *refactor.Site) []Offer {
	found := s.living.found.Load()
	if found == nil || s.Module == "" || !slices.ContainsFunc(offers, func(o Offer) bool { return o.Kind == extractKind }) {
		return offers
	}
	path := s.ImportPath(site.Span.File)
	name := ""
	if ts := site.Type(); ts != nil {
		name = ts.Name.Name
	} else if whole := s.enclosing(site); whole != nil && whole.Type() != nil {
		name = whole.Type().Name.Name
	}
	if name == "" {
		return offers
	}
	callers, users := map[string]bool{}, map[string]bool{}
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			if ev.Decl.Pkg == path && ev.Decl.Name == name {
				callers[ev.From], users[c.From] = true, true
			}
		}
	}
	if len(callers) == 0 {
		return offers
	}
	for i := range offers {
		if offers[i].Kind == extractKind && offers[i].Disabled == "" {
			offers[i].Title += fmt.Sprintf(": %s in %s", count(len(callers), "user", "users"), count(len(users), "other component", "other components"))
		}
	}
	return offers
}

// extractKind is the kind of what makes a component of a type.
const extractKind = "refactor.extract.component"
