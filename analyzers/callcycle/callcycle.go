// Package callcycle finds the hazard call-cycle: components that call each other and wait for it.
//
// It looks at calls of what components offer: methods of their contracts and
// services, and functions that take a context or return an error. Calls that a
// goroutine makes on its own don't count, and neither does what makes a value or
// works on plain data.
package callcycle

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scc"
)

const name = "call-cycle"

// Analyzer is the rule call-cycle.
var Analyzer = hazard.WithVet[tag](analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"break-cycle"},
	Requires: []*analyzers.Analyzer{&calls.Analyzer}, Program: program,
})

type tag struct{}

var doc = codes.Doc{
	Family: codes.Behaves,
	Title:  "components call each other and wait for the answer",
	Why:    "In one process that is a chain of function calls. Across processes each call keeps the ones before it waiting: a slow unit slows all of them, with a bounded number of connections they can wait for each other for good, and none can be replaced alone.",
	Run:    "find", Since: "0.2",
	Before: example("\treturn orders.Open(ctx)\n", "\n\n\t\"example.com/m/orders\"\n"),
	After:  example("\treturn 0, nil\n", "\n"),
}

// example is a module in which orders calls pricing, which does what body says.
func example(body, imports string) string {
	return `-- unweld.yaml --
version: 1
components:
  pricing: {packages: [./pricing/...]}
  orders:  {packages: [./orders/...]}
-- orders/orders.go --
package orders

import "context"

func Open(ctx context.Context) (int, error) { return 3, nil }
-- orders/place/place.go --
package place

import (
	"context"

	"example.com/m/pricing"
)

func Place(ctx context.Context) (int, error) { return pricing.Quote(ctx) }
-- pricing/pricing.go --
package pricing

import (
	"context"` + imports + `)

func Quote(ctx context.Context) (int, error) {
` + body + `}
`
}

// An edge is the first call between two components.
type edge struct {
	from, to string
	caller   component.Subject
	call     component.Fact
	count    int
}

func program(p *analyzers.Program) []component.Problem {
	edges := map[string]map[string]*edge{}
	graph := calls.NewGraph(p)
	for n := range graph.Len() {
		for call := range graph.Crossings(n) {
			if from := p.ComponentOf(call.Of().Decl); from != "" && (call.Kind == calls.Calls || call.Kind == calls.May) {
				add(edges, from, call.Into, call.Of(), call.Placed())
			}
		}
	}
	var ps []component.Problem
	for _, group := range cycles(edges) {
		ps = append(ps, report(group, shortest(edges, group)))
	}
	return ps
}

// add counts a call from one component to another, of which the first is kept.
func add(edges map[string]map[string]*edge, from, to string, caller component.Subject, call component.Fact) {
	if edges[from] == nil {
		edges[from] = map[string]*edge{}
	}
	e := edges[from][to]
	if e == nil {
		e = &edge{from, to, caller, call, 0}
		edges[from][to] = e
	}
	if e.count++; call.Span.Compare(e.call.Span) < 0 {
		e.caller, e.call = caller, call
	}
}

// cycles returns the groups of components of which each leads to every other,
// sorted.
func cycles(edges map[string]map[string]*edge) [][]string {
	var groups [][]string
	next := func(from string) iter.Seq[string] { return maps.Keys(edges[from]) }
	for group := range scc.Groups(slices.Values(slices.Sorted(maps.Keys(edges))), next) {
		if slices.Sort(group); len(group) > 1 {
			groups = append(groups, group)
		}
	}
	slices.SortFunc(groups, slices.Compare)
	return groups
}

// shortest returns a shortest cycle of the group, the first by name.
func shortest(edges map[string]map[string]*edge, group []string) []*edge {
	var best []*edge
	for _, start := range group {
		if way := around(edges, start); best == nil || len(way) < len(best) {
			best = way
		}
	}
	return best
}

func around(edges map[string]map[string]*edge, start string) []*edge {
	queue, seen := [][]*edge{nil}, map[string]bool{}
	for len(queue) > 0 {
		way := queue[0]
		queue = queue[1:]
		at := start
		if len(way) > 0 {
			at = way[len(way)-1].to
		}
		for _, to := range slices.Sorted(maps.Keys(edges[at])) {
			next := append(slices.Clone(way), edges[at][to])
			if to == start {
				return next
			}
			if !seen[to] {
				seen[to] = true
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func report(group []string, way []*edge) component.Problem {
	var hops []string
	weakest := way[0]
	for _, e := range way {
		hops = append(hops, e.from+" calls "+e.to)
		if cmp.Or(cmp.Compare(e.count, weakest.count), cmp.Compare(e.from, weakest.from)) < 0 {
			weakest = e
		}
	}
	what := strings.Join(hops[:len(hops)-1], ", ") + " and " + hops[len(hops)-1]
	if len(group) > len(way) {
		what += fmt.Sprintf("; %d components depend on each other in this way: %s", len(group), strings.Join(group, ", "))
	}
	first := way[0].call
	p := component.Problem{
		Code: name, Severity: component.Error, Component: way[0].from, Subject: way[0].caller, Path: strings.Join(group, " "), Span: first.Span,
		Message: what + ": in one process that is a chain of calls, across processes each waits for the others",
		Hint: fmt.Sprintf("the fewest calls, %d, lead from %s to %s: turn them into an event or a value that is passed in, or make one component of them; unweld refactor break-cycle %s --on %s",
			weakest.count, weakest.from, weakest.to, weakest.caller.Decl.Pkg, weakest.call.To.Decl.Pkg),
	}
	for _, e := range way {
		p.Related = append(p.Related, component.Related{Span: e.call.Span,
			Message: fmt.Sprintf("%s calls %s here: %s calls %s", e.from, e.to, short(e.caller), short(e.call.To))})
	}
	return p
}

// short names a function without the folders of its package.
func short(s component.Subject) string {
	name := s.String()
	return name[strings.LastIndexByte(name, '/')+1:]
}
