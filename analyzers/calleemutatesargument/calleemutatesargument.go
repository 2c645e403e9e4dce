// Package calleemutatesargument finds the hazard callee-mutates-argument: a method changes what its argument leads to.
package calleemutatesargument

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
)

const name = "callee-mutates-argument"

var doc = codes.Doc{
	Family: codes.Behaves,
	Title:  "a method changes what its argument leads to",
	Why: "In one process the caller sees the change. Across a process the callee changes a copy, and the caller goes on with the old value. " +
		"So the endpoint stays in the process of its callers, unless --inout lets the changed argument travel back. It is a warning where the argument is given to code of which nothing is known.",
	Since: "0.1",
	Before: `package svc

import "context"

type Order struct {
	Lines []string
	Total int
}

type Service interface {
	Price(ctx context.Context, o *Order) error
}

type Engine struct{}

func (Engine) Price(ctx context.Context, o *Order) error {
	o.Total = 100 * len(o.Lines)
	return nil
}
`,
	After: `package svc

import "context"

type Order struct {
	Lines []string
	Total int
}

type Service interface {
	Price(ctx context.Context, o Order) (total int, err error)
}

type Engine struct{}

func (Engine) Price(ctx context.Context, o Order) (int, error) {
	return 100 * len(o.Lines), nil
}
`,
}

// Analyzer is the rule callee-mutates-argument.
var Analyzer = hazard.WithVet[tag](analyzers.Analyzer{Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"return-changes"}, Function: function, Program: program})

type tag struct{}

func function(pass *analyzers.Pass, fn *ast.FuncDecl) []component.Fact {
	src := analyzers.Shared[argument.Source](pass, name)
	src.Info, src.Local, src.Span = pass.Info, pass.Local, pass.Span
	facts := argument.Coarse(argument.Of(src, fn), analyzers.MaxFacts)
	out := make([]component.Fact, 0, len(facts))
	touched := false
	for _, f := range facts {
		touched = touched || f.Kind != argument.Body && f.Kind != argument.Returns && f.Place.Param > 0
		out = append(out, f.Plain())
	}
	if obj, ok := pass.Info.Defs[fn.Name].(*types.Func); ok && touched {
		for _, iface := range argument.Implemented(obj, pass.Interfaces()) {
			out = append(out, component.Fact{Kind: argument.Implements, To: iface})
		}
	}
	return out
}

// program reports what other components call. Under go vet, where components
// aren't known, it reports the methods of contracts.
func program(p *analyzers.Program) []component.Problem {
	linked := analyzers.Kept[argument.Linker](p, name).Link(p.Packages(name))
	var out []component.Problem
	travels := newTravels(p, linked)
	report := func(s component.Subject, of string, related []component.Related) {
		bodies, method := linked.Behind(s), s.Member
		if len(bodies) == 0 {
			bodies = []component.Subject{s}
		}
		if method == "" {
			method = s.Decl.Name
		}
		for _, body := range bodies {
			for _, m := range linked.Arguments(body) {
				if travels.back(s, body, method, of, m) {
					continue
				}
				out = append(out, problem(m, s, of, method, related))
			}
		}
	}
	if p.Result == nil {
		for _, s := range linked.Interfaces() {
			if of, ok := p.Contracts[s.Decl]; ok {
				report(s, of, nil)
			}
		}
		for _, s := range linked.Functions() {
			if of, ok := p.Contracts[s.Decl]; ok {
				report(s, of, nil)
			}
		}
		return out
	}
	for s, used := range used(p) {
		report(s, used.component, used.related)
	}
	return out
}

func problem(m argument.Mutation, s component.Subject, of, method string, related []component.Related) component.Problem {
	p := component.Problem{Code: name, Severity: component.Error, Component: of, Subject: s,
		Path: method + "(" + m.Parameter() + ")", Span: m.Here, Message: m.Why(method), Hint: m.Hint(method), Related: related}
	if !m.Certain {
		p.Severity = component.Warn
	}
	return p
}

// use is who uses a function or method.
type use struct {
	component string // that it belongs to
	related   []component.Related
}

// used returns what other components call, but for constructors, which run
// where their component is hosted.
func used(p *analyzers.Program) map[component.Subject]*use {
	out := map[component.Subject]*use{}
	for _, c := range p.Result.Couplings {
		seen := map[component.Subject]bool{}
		for _, ev := range c.Evidence {
			s := component.Subject{Decl: ev.Decl, Member: ev.Member}
			if seen[s] || ev.Kind != "call" && ev.Kind != "value" {
				continue
			}
			seen[s] = true
			if out[s] == nil {
				out[s] = &use{component: c.To}
			}
			out[s].related = append(out[s].related, component.Related{Span: ev.Span, Message: "used by " + c.From + " here"})
		}
	}
	for _, s := range p.Summaries {
		for i := range s.Contracts {
			if sig := &s.Contracts[i]; sig.Constructor {
				delete(out, component.Subject{Decl: sig.Decl, Member: sig.Member})
			}
		}
	}
	return out
}
