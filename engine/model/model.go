// Package model makes the model of a program: it summarises packages, taking
// from the cache what hasn't changed, and runs the rules of analyzers on the
// others while their types are in memory.
package model

import (
	"context"
	"fmt"
	"go/types"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/summary"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// Summaries returns the summaries of the packages that match patterns, sorted
// by path. cache may be nil.
func Summaries(ctx context.Context, snap *source.Snapshot, cache *source.Cache, rules []*analyzers.Analyzer, patterns ...string) ([]*component.Summary, error) {
	scan, err := snap.Scan(ctx, patterns...)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	suffix := strings.Join(names, ",")
	found, missing := map[string]*component.Summary{}, []*source.Package(nil)
	for _, p := range scan.Packages {
		s := new(component.Summary)
		if cache.Get(scan.Key(p)+suffix, s) {
			found[p.Pkg.Path] = s
			continue
		}
		missing = append(missing, p)
	}
	keys := map[string]string{}
	for _, p := range missing {
		keys[p.Pkg.Path] = scan.Key(p) + suffix
	}
	var mu sync.Mutex
	err = scan.Check(ctx, missing, func(p *source.Package) error {
		s := summarise(snap, scan, p, rules)
		cache.Put(keys[p.Pkg.Path], s)
		mu.Lock()
		defer mu.Unlock()
		found[p.Pkg.Path] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []*component.Summary
	for _, p := range scan.Packages {
		if s := found[p.Pkg.Path]; s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

func summarise(snap *source.Snapshot, scan *source.Scan, p *source.Package, rules []*analyzers.Analyzer) *component.Summary {
	s := summary.Of(summary.Input{
		Package: p.Pkg, Module: p.Module, Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.Info,
		Local: scan.Local, Span: snap.Span,
	})
	s.Problems = p.Problems
	for i := range s.Contracts {
		sig := &s.Contracts[i]
		fn := function(p.Types, sig)
		if fn == nil {
			continue
		}
		for _, r := range rules {
			for _, f := range r.Check(fn) {
				sig.Problems = append(sig.Problems, problem(snap, p, r, sig, f))
			}
		}
	}
	return s
}

func problem(snap *source.Snapshot, p *source.Package, r *analyzers.Analyzer, sig *component.Signature, f analyzers.Finding) component.Problem {
	out := component.Problem{Code: r.Name, Severity: r.Severity, Path: f.Path, Span: sig.Span, Message: f.Message, Hint: f.Hint}
	if f.Object != nil && f.Object.Pkg() == p.Types {
		out.Related = []component.Related{{Span: snap.Span(p.Fset, f.Object.Pos(), f.Object.Pos()), Message: "declared here"}}
	}
	return out
}

// function returns the function or method that sig describes.
func function(pkg *types.Package, sig *component.Signature) *types.Func {
	obj := pkg.Scope().Lookup(strings.TrimPrefix(string(sig.Decl), pkg.Path()+"."))
	if sig.Member == "" {
		fn, _ := obj.(*types.Func)
		return fn
	}
	if obj == nil {
		return nil
	}
	member, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, sig.Member)
	fn, _ := member.(*types.Func)
	return fn
}

// Find is the operation behind `unweld find`.
func Find(ctx context.Context, snap *source.Snapshot, cache *source.Cache, rules []*analyzers.Analyzer, opts component.FindOptions, patterns ...string) (*component.Result, error) {
	if opts.Unit != "" && opts.Unit != "package" && opts.Unit != "decl" {
		return nil, &component.UsageError{Object: "--unit " + opts.Unit, Reason: "is neither package nor decl", Hint: "use --unit package or --unit decl"}
	}
	summaries, err := Summaries(ctx, snap, cache, rules, patterns...)
	if err != nil {
		return nil, err
	}
	if opts.Module == "" {
		opts.Module = snap.Module
	}
	return component.Find(summaries, opts), nil
}

// Explain returns the couplings between two components of r in both
// directions, or all those of a when b is empty.
func Explain(r *component.Result, a, b string) ([]component.Coupling, error) {
	for _, name := range []string{a, b} {
		if name != "" && !slices.ContainsFunc(r.Components, func(c component.Found) bool { return c.Name == name }) {
			return nil, &component.UsageError{Object: name, Reason: "there is no such component", Hint: fmt.Sprintf("the components are: %s", strings.Join(names(r), ", "))}
		}
	}
	var out []component.Coupling
	for _, c := range r.Couplings {
		if b == "" && (c.From == a || c.To == a) || c.From == a && c.To == b || c.From == b && c.To == a {
			out = append(out, c)
		}
	}
	return out, nil
}

func names(r *component.Result) []string {
	var ns []string
	for _, c := range r.Components {
		ns = append(ns, c.Name)
	}
	return ns
}
