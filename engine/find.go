package engine

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"sync"

	analyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/analyzers/summary"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// FindOptions refine Find.
type FindOptions struct {
	Patterns []string // ./... if there are none
	Unit     string   // package or decl
	Effects  bool     // find out which endpoints only read; needs the syntax of the whole module
	Strict   bool     // a name in unweld.yaml that nothing matches is an error; counts where the whole module is looked at
}

// Find returns the components, couplings, hazards and metrics of the module.
// Code that doesn't type-check is analysed as far as it goes; the Problems of
// the result say where it didn't.
func (s *Session) Find(ctx context.Context, options FindOptions) (*component.Result, error) {
	if unit := options.Unit; unit != "" && unit != "package" && unit != "decl" {
		return nil, &component.UsageError{Object: "--unit", Reason: fmt.Sprintf("%q is neither package nor decl", unit)}
	}
	cfg, _, err := s.Config()
	if err != nil {
		return nil, err
	}
	return s.find(ctx, cfg, options)
}

// find is Find under a configuration that may not be the one on disk.
func (s *Session) find(ctx context.Context, cfg *split.Config, options FindOptions) (*component.Result, error) {
	summaries, err := s.summaries(ctx, options.Patterns)
	if err != nil {
		return nil, err
	}
	s.progress("finding components")
	found := component.Find(summaries, component.FindOptions{
		Module:   s.Module,
		Unit:     options.Unit,
		Declared: declared(cfg, s.Root, summaries),
	})
	found.AddHazards(s.programHazards(cfg, found, summaries))
	if options.Strict && s.snap.Whole(options.Patterns) {
		if err := s.checkFound(ctx, cfg, summaries, found); err != nil {
			return nil, err
		}
	}
	if options.Effects {
		return found, s.findEffects(ctx, found)
	}
	return found, nil
}

// summaries returns the summary of each package that matches, from the cache
// where nothing it depends on has changed.
func (s *Session) summaries(ctx context.Context, patterns []string) ([]*component.Summary, error) {
	s.progress("listing packages")
	scan, err := s.snap.Scan(ctx, patterns...)
	if err != nil {
		return nil, err
	}
	store := openCache(s.options.NoCache)
	var all []*component.Summary
	var missing []*source.Package
	for _, p := range scan.Packages {
		if sum := store.get(scan.Key(p)); sum != nil {
			all = append(all, sum)
		} else {
			missing = append(missing, p)
		}
	}
	s.progress(fmt.Sprintf("type-checking %d of %d packages", len(missing), len(scan.Packages)))
	keys := map[string]string{}
	for _, p := range missing {
		keys[p.Pkg.Path] = scan.Key(p)
	}
	var mu sync.Mutex
	err = scan.Check(ctx, missing, func(p *source.Package) error {
		sum := s.summarize(scan, p)
		if !p.IllTyped() {
			store.put(keys[p.Pkg.Path], sum)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, sum)
		return nil
	})
	slices.SortFunc(all, func(a, b *component.Summary) int { return cmp.Compare(a.Package.Path, b.Package.Path) })
	return all, err
}

func (s *Session) summarize(scan *source.Scan, p *source.Package) *component.Summary {
	sum := summary.Of(summary.Input{
		Package: p.Pkg, Module: p.Module, Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.Info,
		Local: scan.Local, Span: s.snap.Span,
	})
	sum.Problems = append(sum.Problems, p.Problems...)
	deciders := crossing.ForModule(p.Module)
	for i := range sum.Contracts {
		s.signatureHazards(p, deciders, &sum.Contracts[i])
	}
	for _, file := range p.Syntax {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				sum.Facts = append(sum.Facts, s.functionFacts(scan, p, file, fn)...)
			}
		}
	}
	return sum
}

// signatureHazards runs the rules that look at one signature. They count where
// another component calls it.
func (s *Session) signatureHazards(p *source.Package, deciders *crossing.Deciders, sig *component.Signature) {
	fn := functionOf(p.Types, sig)
	if fn == nil {
		return
	}
	decision := deciders.Func(fn)
	subject := component.Subject{Decl: sig.Decl, Member: sig.Member}
	for _, rule := range analyzers.Analyzers {
		if rule.Check == nil {
			continue
		}
		for _, f := range rule.Check(decision) {
			problem := component.Problem{Code: rule.Name, Severity: rule.Severity, Subject: subject, Path: f.Path, Span: sig.Span, Message: f.Message, Hint: f.Hint}
			if f.Object != nil && f.Object.Pkg() == p.Types {
				at := s.snap.Span(p.Fset, f.Object.Pos(), f.Object.Pos())
				problem.Related = []component.Related{{Span: at, Message: "declared here"}}
			}
			sig.Problems = append(sig.Problems, problem)
		}
	}
}

// functionOf returns the function or method that sig describes, or nil.
func functionOf(pkg *types.Package, sig *component.Signature) *types.Func {
	obj := pkg.Scope().Lookup(sig.Decl.Name)
	if obj != nil && sig.Member != "" {
		obj, _, _ = types.LookupFieldOrMethod(obj.Type(), true, pkg, sig.Member)
	}
	fn, _ := obj.(*types.Func)
	return fn
}

// declared maps import paths to the components that unweld.yaml gives them to.
func declared(cfg *split.Config, root string, summaries []*component.Summary) map[string]string {
	owner := map[string]string{}
	for _, sum := range summaries {
		if name := cfg.Owner(root, sum.Package); name != "" {
			owner[sum.Package.Path] = name
		}
	}
	return owner
}

// matchPattern reports whether a pattern of unweld.yaml (./orders/..., or an
// import path) covers a package.
func matchPattern(root, pattern string, p component.Package) bool {
	parsed, err := split.ParsePattern(root, pattern)
	return err == nil && (parsed.ImportPath(p) || parsed.Folder(p))
}
