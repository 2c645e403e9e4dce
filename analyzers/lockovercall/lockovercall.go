// Package lockovercall finds the hazard lock-over-call: a mutex is held over a call that crosses into another component.
//
// Per function it follows which locks are held for certain at each call: those
// of package sync, embedded or not, taken by Lock, RLock or a TryLock that
// succeeded, until they are released; a deferred Unlock releases at the end. A
// goroutine holds nothing, and a function literal nothing but where it is called
// at once. The whole-program phase follows the calls from there to the first
// that crosses. Function values it doesn't follow.
package lockovercall

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "lock-over-call"

// Analyzer is the rule lock-over-call.
var Analyzer = hazard.WithVet[tag](analyzers.Analyzer{
	Name: name, Severity: component.Warn, Doc: doc,
	Requires: []*analyzers.Analyzer{&calls.Analyzer}, Function: function, Program: program,
})

type tag struct{}

var doc = codes.Doc{
	Family: codes.Behaves,
	Title:  "a mutex is held over a call that crosses into another component",
	Why:    "In one process the call takes as long as its work. Across a process it takes as long as the network and the other side need, and everybody who wants the lock waits with it. Where the other side calls back for the same lock, nothing goes on.",
	Run:    "find", Since: "0.2",
	Before: example("\to.mu.Lock()\n\tdefer o.mu.Unlock()\n\tn, err := o.prices.Quote(ctx, id)\n"),
	After:  example("\tn, err := o.prices.Quote(ctx, id)\n\to.mu.Lock()\n\tdefer o.mu.Unlock()\n"),
}

func example(body string) string {
	return `-- unweld.yaml --
version: 1
components:
  pricing: {packages: [./pricing], contract: ./pricing.Service}
  orders:  {packages: [./orders]}
-- pricing/pricing.go --
package pricing

import "context"

type Service interface {
	Quote(ctx context.Context, id string) (int, error)
}
-- orders/orders.go --
package orders

import (
	"context"
	"sync"

	"example.com/m/pricing"
)

type Orders struct {
	mu     sync.Mutex
	prices pricing.Service
	total  int
}

func (o *Orders) Place(ctx context.Context, id string) error {
` + body + `	o.total += n
	return err
}
`
}

func function(pass *analyzers.Pass, fn *ast.FuncDecl) []component.Fact {
	w := &walker{pass: pass, fn: fn, loud: true, fixes: map[*ast.CallExpr]*fix{}, seen: map[seenKey]bool{}}
	w.function()
	slices.SortStableFunc(w.facts, compareFacts)
	return w.facts
}

func program(p *analyzers.Program) []component.Problem {
	graph := calls.NewGraph(p)
	holds := map[component.Subject]bool{}
	for in, facts := range p.Functions(name) {
		for i := range facts {
			if f := &facts[i]; f.Kind == returns {
				holds[in.Of] = true
			}
		}
	}
	leads := analyzers.Kept[leading](p, name)
	leads.update(graph)
	assigned := sync.OnceValue(func() map[string]bool { return assignedIn(p) })
	var ps []component.Problem
	for in, facts := range p.Functions(name) {
		for i := range facts {
			f := &facts[i]
			if f.Kind != underLock && f.Kind != remote || f.Via() != (component.Subject{}) && !holds[f.Via()] {
				continue
			}
			if way := crossing(p, graph, leads, in, f); way != nil {
				ps = append(ps, report(p, in, f, way, assigned))
			}
		}
	}
	return ps
}

// assignedIn returns what is assigned to somewhere, by name.
func assignedIn(p *analyzers.Program) map[string]bool {
	assigned := map[string]bool{}
	for _, facts := range p.Functions(name) {
		for i := range facts {
			if f := &facts[i]; f.Kind == assigns {
				assigned[f.To.String()] = true
			}
		}
	}
	return assigned
}

// leading tells from which functions, by number, calls lead to one that crosses.
type leading struct {
	version int // of the graph
	from    []bool
}

func (l *leading) update(graph *calls.Graph) {
	if l.from != nil && l.version == graph.Version() {
		return
	}
	l.version, l.from = graph.Version(), make([]bool, graph.Len())
	callers := make([][]int, graph.Len())
	var queue []int
	for from := range graph.Len() {
		for call := range graph.Of(from, calls.Calls) {
			callers[call.Callee] = append(callers[call.Callee], from)
		}
		for call := range graph.Crossings(from) {
			if call.Kind == calls.Calls && !l.from[from] {
				l.from[from] = true
				queue = append(queue, from)
			}
		}
	}
	for len(queue) > 0 {
		to := queue[0]
		queue = queue[1:]
		for _, from := range callers[to] {
			if !l.from[from] {
				l.from[from] = true
				queue = append(queue, from)
			}
		}
	}
}

// A hop is one call on the way to one that crosses, with its places.
type hop struct {
	of component.Subject
	component.Fact
}

// crossing returns the calls from a place under a lock, a fact of the function in,
// to the nearest that crosses, or nil. The place is the first of them.
func crossing(p *analyzers.Program, graph *calls.Graph, leads *leading, in *component.FunctionFacts, at *component.Fact) []hop {
	f := *at
	if f.Text = ""; f.Kind == remote {
		f.Text = calls.Remote
	}
	if calls.Crosses(p, in.Of.Decl, &f) != "" {
		return []hop{{in.Of, in.Placed(f)}}
	}
	first, ok := graph.Number(f.To)
	if !ok || !leads.from[first] {
		return nil
	}
	type way struct {
		calls []calls.Call
		at    int
	}
	ways, seen := []way{{nil, first}}, map[int]bool{first: true}
	for len(ways) > 0 {
		w := ways[0]
		ways = ways[1:]
		for next := range graph.Of(w.at, calls.Calls) {
			if seen[next.Callee] {
				continue
			}
			seen[next.Callee] = true
			longer := append(slices.Clone(w.calls), next)
			if calls.Crosses(p, next.Of().Decl, next.Fact) != "" {
				out := []hop{{in.Of, in.Placed(f)}}
				for _, c := range longer {
					out = append(out, hop{c.Of(), c.Placed()})
				}
				return out
			}
			if leads.from[next.Callee] {
				ways = append(ways, way{longer, next.Callee})
			}
		}
	}
	return nil
}

func report(p *analyzers.Program, in *component.FunctionFacts, at *component.Fact, way []hop, assigned func() map[string]bool) component.Problem {
	f := in.Placed(*at)
	last := way[len(way)-1]
	to := calls.Crosses(p, last.of.Decl, &last.Fact)
	pr := component.Problem{
		Code: name, Severity: component.Warn, Component: to, Subject: in.Of, Path: f.Text, Span: f.Span,
		Message: fmt.Sprintf("%s is held while %s is called: in one process that takes as long as its work, across a process everybody who wants the lock waits for the link to %s", f.Text, short(last.To), to),
		Hint:    "copy what the call needs while the lock is held, release the lock, and then call",
		Related: []component.Related{{Span: f.At(), Message: f.Text + " is locked here"}},
	}
	for _, hop := range way[1:] {
		pr.Related = append(pr.Related, component.Related{Span: hop.Span, Message: short(hop.of) + " calls " + short(hop.To) + " here"})
	}
	if m := f.More; m != nil && m.Fix != nil && len(way) == 1 && !slices.ContainsFunc(m.Needs, func(n string) bool { return assigned()[n] }) {
		pr.Fixes = []component.Fix{*m.Fix}
	}
	return pr
}

// short names a function without the folders of its package.
func short(s component.Subject) string {
	name := s.String()
	return name[strings.LastIndexByte(name, '/')+1:]
}
