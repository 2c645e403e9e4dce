package preview

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// FailingCalls are the calls of endpoints that stay with their component, in code
// that runs in another unit of the plan: they fail when they are made. Found are the
// components of the whole module, whose path is given.
func FailingCalls(plan *split.Plan, module string, l *lock.File, found *component.Result) []component.Problem {
	homes := map[string]string{}
	for _, c := range found.Components {
		for _, p := range c.Packages {
			homes[p] = c.Name
		}
	}
	generated := l.Generated()
	var out []component.Problem
	for _, c := range plan.Components {
		for _, e := range c.Staying {
			for _, ev := range callsOf(found, endpointSubjects(module, l, c.Name, e.Endpoint)) {
				unit := plan.Entry
				if home := plan.Component(homes[ev.FromPkg]); home != nil {
					unit = home.Unit
				}
				if unit == c.Unit || generated[ev.Span.File] {
					continue
				}
				out = append(out, component.Problem{
					Code: "split-call-fails", Severity: component.Warn, Component: c.Name, Path: e.Endpoint, Span: ev.Span,
					Message: fmt.Sprintf("this call of %s fails in split %s: it is made in unit %s, and %s stays in unit %s with its component: %s", e.Endpoint, plan.Split, unit, e.Endpoint, c.Unit, e.Reason),
					Hint:    fmt.Sprintf("put %s into unit %s too, or change the endpoint", c.Name, unit),
				})
			}
		}
	}
	return out
}

// endpointSubjects are what code that calls an endpoint names: a method of the
// contract, and for a package of functions the function too.
func endpointSubjects(module string, l *lock.File, name, endpoint string) []component.Subject {
	part := l.Components[name]
	if part == nil {
		return nil
	}
	dot := strings.LastIndexByte(part.Contract, '.')
	pkg, method := path.Join(module, part.Contract[:dot]), strings.TrimPrefix(endpoint, name+".")
	return []component.Subject{
		{Decl: component.DeclID{Pkg: pkg, Name: part.Contract[dot+1:]}, Member: method},
		{Decl: component.DeclID{Pkg: pkg, Name: method}},
	}
}

// callsOf are the uses of the subjects by other components, each once.
func callsOf(found *component.Result, subjects []component.Subject) []component.Evidence {
	var out []component.Evidence
	for _, c := range found.Couplings {
		for _, ev := range c.Evidence {
			of := component.Subject{Decl: ev.Decl, Member: ev.Member}
			if (ev.Kind == "call" || ev.Kind == "value") && slices.Contains(subjects, of) {
				out = append(out, ev)
			}
		}
	}
	return out
}
