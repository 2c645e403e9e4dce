// Package sharedglobal finds the hazard shared-global: a variable that two components use and one changes.
package sharedglobal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "shared-global"

// Analyzer is the rule shared-global. It reads the references that every
// Summary holds.
var Analyzer = analyzers.Analyzer{Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"inject-global"}, Program: program}

var doc = codes.Doc{
	Family: codes.Behaves,
	Title:  "two components use a package variable that is changed while the program runs",
	Why:    "In one process there is one variable. Across a process each has its own copy, and never sees the other's changes.",
	Run:    "find", Since: "0.1",
	Before: `-- unweld.yaml --
version: 1
components:
  orders: {packages: [./orders]}
  web:    {packages: [./web]}
-- orders/orders.go --
package orders

var Open int

func Place() { Open++ }
-- web/web.go --
package web

import "example.com/m/orders"

func Load() int { return orders.Open }
`,
	After: `-- unweld.yaml --
version: 1
components:
  orders: {packages: [./orders]}
  web:    {packages: [./web]}
-- orders/orders.go --
package orders

var open int

func Place() { open++ }

func Open() int { return open }
-- web/web.go --
package web

import "example.com/m/orders"

func Load() int { return orders.Open() }
`,
}

type use struct {
	ev       component.Evidence
	from, to string
}

func program(p *analyzers.Program) []component.Problem {
	if p.Result == nil {
		return nil
	}
	vars := variables{of: map[string][]*component.Summary{}, known: map[component.DeclID]*component.Decl{}}
	for _, s := range p.Summaries {
		vars.of[s.Package.Path] = append(vars.of[s.Package.Path], s)
	}
	uses, written := map[component.DeclID]use{}, map[component.DeclID]bool{}
	for _, c := range p.Result.Couplings {
		for _, ev := range c.Evidence {
			if ev.Kind != "global" && ev.Kind != "write" && ev.Kind != "init-write" {
				continue
			}
			id := ev.Decl
			d := vars.find(id)
			if d == nil {
				continue
			}
			written[id] = written[id] || d.Mutable || ev.Kind != "global"
			if old, ok := uses[id]; !ok || cmp.Compare(ev.Kind, old.ev.Kind) > 0 {
				uses[id] = use{ev, c.From, c.To}
			}
		}
	}
	var ps []component.Problem
	for id, u := range uses {
		if !written[id] {
			continue
		}
		ps = append(ps, component.Problem{
			Code: name, Severity: component.Error, Component: u.to, Subject: component.Subject{Decl: id}, Path: id.Name, Span: vars.find(id).Span,
			Message: fmt.Sprintf("in one process %s and %s share the variable %s, across a process each has its own copy and never sees the other's changes", u.from, u.to, id),
			Hint:    "let " + u.to + " own the variable and offer a method, or pass the value in: unweld refactor inject-global " + id.String(),
			Related: []component.Related{{Span: u.ev.Span, Message: "used by " + u.from + " here (" + u.ev.Kind + ")"}},
		})
	}
	return ps
}

// variables finds the variables that components use among all declarations.
type variables struct {
	of    map[string][]*component.Summary // by path
	known map[component.DeclID]*component.Decl
}

// find returns a variable, or nil if the declaration is none.
func (vs *variables) find(id component.DeclID) *component.Decl {
	d, ok := vs.known[id]
	if ok {
		return d
	}
	for _, s := range vs.of[id.Pkg] {
		i, found := slices.BinarySearchFunc(s.Decls, id.Name, func(d component.Decl, name string) int { return cmp.Compare(d.Name, name) })
		if found && s.Decls[i].Kind == "var" {
			d = &s.Decls[i]
		}
	}
	vs.known[id] = d
	return d
}
