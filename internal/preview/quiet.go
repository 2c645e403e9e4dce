package preview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// QuietUnit is a unit, other than the entry unit, that no call crosses to.
type QuietUnit struct {
	Unit    string   `json:"unit"`
	Reason  string   `json:"reason"`
	Instead []string `json:"instead"` // the components that it calls, sorted
}

// rootApart refuses a unit that would hold a package main, and nothing that others call:
// the program begins there, and whatever it calls is in its process unless that is named.
func (p *previewer) rootApart(unbound []Unbound) error {
	for _, u := range unbound {
		if slices.ContainsFunc(p.found.Couplings, func(c component.Coupling) bool { return c.To == u.Component }) {
			continue // calls from there can cross; its main goes on in the entry unit
		}
		for _, q := range p.pkgs {
			if q.Pkg.Name != "main" || !slices.Contains(u.Packages, q.Pkg.Path) {
				continue
			}
			hint := "give the components that it calls to units"
			if called := p.calledBy(u.Component); len(called) > 0 {
				hint = "give what it calls to units: " + strings.Join(called, ", ")
			}
			return &component.UsageError{
				Object: "unit " + u.Component,
				Reason: fmt.Sprintf("%s holds the composition root, the package main in %s: main goes on in the entry unit, and no call goes to it that could cross", u.Component, p.dir(q.Pkg.Path)),
				Hint:   hint,
			}
		}
	}
	return nil
}

func (p *previewer) dir(importPath string) string {
	if importPath == p.Path {
		return "."
	}
	return "./" + strings.TrimPrefix(importPath, p.Path+"/")
}

// calledBy lists the components that a component uses, sorted.
func (p *previewer) calledBy(name string) []string {
	list := []string{}
	for _, c := range p.found.Couplings {
		if c.From == name {
			list = append(list, c.To)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// quiet says of the units that nothing crosses to why.
func (p *previewer) quiet(preview *split.Preview, endpoints []split.EndpointFunctions) []QuietUnit {
	reached := map[string]bool{}
	for _, e := range preview.Entries {
		for _, c := range e.Calls {
			reached[c.To] = true
		}
	}
	list := []QuietUnit{}
	for _, u := range preview.Units {
		if reached[u.Name] || u.Name == preview.Entry {
			continue
		}
		q := QuietUnit{Unit: u.Name, Instead: []string{}, Reason: "nothing outside of it calls it, but to construct it"}
		for _, c := range u.Components {
			q.Instead = append(q.Instead, p.calledBy(c)...)
			if slices.ContainsFunc(endpoints, func(e split.EndpointFunctions) bool { return e.Component == c }) {
				q.Reason = "no way into the program leads to a call of it"
			}
		}
		slices.Sort(q.Instead)
		q.Instead = slices.DeleteFunc(slices.Compact(q.Instead), func(c string) bool { return slices.Contains(u.Components, c) })
		list = append(list, q)
	}
	return list
}
