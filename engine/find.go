package engine

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/analyzers"
	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/analyzers/summary"
	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
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
	a, err := s.analysed(ctx, cfg, options)
	return a.found, err
}

// An analysis is what find found, what it was found in, and what directives are about.
type analysis struct {
	summaries []*component.Summary
	found     *component.Result
	about     heeds
}

// analysed is find, with what it was found in.
func (s *Session) analysed(ctx context.Context, cfg *split.Config, options FindOptions) (a analysis, err error) {
	summaries, err := s.summaries(ctx, options.Patterns)
	if err != nil {
		return a, err
	}
	if err := background.Yield(ctx); err != nil {
		return a, err
	}
	s.progress("finding components")
	found, err := s.whole(ctx, cfg, options, summaries)
	if err != nil {
		return a, err
	}
	a = analysis{summaries, found, s.heedIgnored(found)}
	if options.Strict && s.snap.Whole(options.Patterns) {
		if err := s.checkFound(ctx, cfg, summaries, found); err != nil {
			return analysis{}, err
		}
	}
	if options.Effects {
		return a, s.findEffects(ctx, found)
	}
	if len(options.Patterns) == 0 && options.Unit == "" {
		s.living.found.Store(found)
	}
	return a, nil
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
	all, missing, err := s.known(ctx, scan, store)
	if err != nil {
		return nil, err
	}
	checking := fmt.Sprintf("type-checking %d of %d packages", len(missing), len(scan.Packages))
	s.progress(checking)
	ctx = s.telling(ctx, checking)
	if s.options.Checking != nil {
		s.options.Checking(scan.Size(missing))
	}
	m := s.summarizer(ctx, scan, store)
	err = scan.Check(ctx, missing, source.Visitor{Known: m.known, Keeps: m.keeps, Bodies: m.bodies, Edited: m.edited, Done: m.done})
	all = append(all, m.all...)
	slices.SortFunc(all, func(a, b *component.Summary) int { return cmp.Compare(a.Package.Path, b.Package.Path) })
	return s.writtenByPeople(all), err
}

// writtenByPeople leaves out the packages that bind and state made. They are no
// components, and what uses them uses what they were made for.
func (s *Session) writtenByPeople(all []*component.Summary) []*component.Summary {
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return all // bind and check say so
	}
	made := map[string]bool{}
	for file := range l.Generated() {
		made[path.Dir(file)] = true
	}
	return slices.DeleteFunc(all, func(sum *component.Summary) bool {
		return lock.OfRuntime(s.Module, sum.Package.Path) || sum.Generated && made[sum.Package.Dir]
	})
}

// known returns the summaries of packages that didn't change, from memory or from the
// disk, and the packages that have none.
func (s *Session) known(ctx context.Context, scan *source.Scan, store cache) (all []*component.Summary, missing []*source.Package, err error) {
	found := make([]*component.Summary, len(scan.Packages))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(4, background.Workers(ctx)))
	for i, p := range scan.Packages {
		key := scan.Key(p)
		if found[i] = s.living.summary(p.Pkg.Path, key); found[i] != nil {
			continue
		}
		g.Go(func() error {
			if found[i] = store.get(key); found[i] != nil {
				s.living.keep(p.Pkg.Path, key, found[i])
			}
			return background.Yield(ctx)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for i, sum := range found {
		if sum != nil {
			all = append(all, sum)
		} else {
			missing = append(missing, scan.Packages[i])
		}
	}
	return all, missing, nil
}

// A summarizer turns checked packages into summaries.
type summarizer struct {
	s     *Session
	scan  *source.Scan
	store cache
	yield func() error // lets requests pass, if this is background work

	mu    sync.Mutex
	parts map[*source.Body]*part // of bodies that were checked just now
	all   []*component.Summary
	// What was known when it was asked for: another session may forget it meanwhile.
	seen map[bodyKey]*part
	kept map[string]*summary.Assembly // by ID of the package
}

// A bodyKey names a function of a package.
type bodyKey struct{ id, key string }

func (s *Session) summarizer(ctx context.Context, scan *source.Scan, store cache) *summarizer {
	return &summarizer{s: s, scan: scan, store: store, yield: func() error { return background.Yield(ctx) }, parts: map[*source.Body]*part{},
		seen: map[bodyKey]*part{}, kept: map[string]*summary.Assembly{}}
}

func (m *summarizer) known(p *source.Package, context, key string) *source.BodyFacts {
	part := m.s.living.part(m.store, p.ID, context, key)
	if part == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[bodyKey{p.ID, key}] = part
	return &part.Body
}

func (m *summarizer) keeps(p *source.Package) bool {
	a := m.s.living.assembly(p.ID, p.Outline)
	if a == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[p.ID] = a
	return true
}

func (m *summarizer) pass(p *source.Package) *summary.Pass {
	return summary.NewPass(summary.Input{
		Package: p.Pkg, Module: p.Module, Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.Info, DeclInfo: p.DeclInfo,
		Local: m.scan.Local, Span: m.s.snap.Span,
	})
}

// bodies looks at functions whose text is new, one by one. What is said of one
// rests on its own text, on types, and on declarations, never on the body of
// another: that may not be there.
func (m *summarizer) bodies(p *source.Package, _ string) func(fresh []*source.Body) error {
	rules := m.s.functionPass(m.scan, p)
	pass := m.pass(p)
	return func(fresh []*source.Body) error {
		rules.Info, rules.Broken, pass.Info = p.Info, p.IllTyped(), p.Info
		for _, b := range fresh {
			if err := m.yield(); err != nil {
				return err
			}
			part := m.part(pass, rules, b)
			m.mu.Lock()
			m.parts[b] = part
			m.mu.Unlock()
		}
		return nil
	}
}

// part says what is known of a function that was checked just now.
func (m *summarizer) part(pass *summary.Pass, rules *analyzers.Pass, b *source.Body) *part {
	part := &part{Body: b.BodyFacts, Summary: pass.Function(b.Decl, b.Span)}
	part.Of, part.Facts = functionFacts(rules, b)
	for _, by := range part.Facts {
		for i := range by.Facts {
			by.Facts[i].EachSpan(func(sp *text.Span) {
				*sp = sp.RelativeTo(b.Span)
				part.loose = part.loose || sp.File != ""
			})
		}
	}
	return part
}

// done looks at the declarations of a package, and puts it together.
func (m *summarizer) done(p *source.Package, context string, bodies []*source.Body) error {
	keep := make(map[string]*part, len(bodies))
	if err := m.yield(); err != nil {
		return err
	}
	loose := false
	functions := make([]summary.Function, 0, len(bodies))
	facts := make([]component.FunctionFacts, 0, len(bodies))
	for _, b := range bodies {
		part := m.takePart(p, context, b)
		loose = loose || part.loose
		if b.Key != "" && !part.loose {
			keep[b.Key] = part
		}
		if f := part.facts(b.Span); f != nil {
			facts = append(facts, *f)
		}
		functions = append(functions, summary.Function{Decl: b.Decl, At: b.Span, Part: part.Summary})
	}
	sum := new(component.Summary)
	assembly, err := m.assemble(p, functions)
	if err != nil {
		return err
	}
	*sum = *assembly.Summary
	sum.Problems = p.Problems
	sum.Facts = facts
	key := m.scan.Key(p)
	if !p.Stale {
		m.s.living.keep(p.Pkg.Path, key, sum)
		much := m.s.living.replace(p.ID, context, keep)
		if !p.IllTyped() && !p.Unsaved {
			m.store.put(key, sum)
			if p.Kept && !loose {
				m.store.putAssembly(key, assembly)
			}
			if much {
				m.store.putParts(p.ID, context, keep)
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, sum)
	return nil
}

// takePart returns what is known of a function, from now on or since earlier.
func (m *summarizer) takePart(p *source.Package, context string, b *source.Body) *part {
	m.mu.Lock()
	part := m.parts[b]
	delete(m.parts, b)
	if part == nil {
		part = m.seen[bodyKey{p.ID, b.Key}]
	}
	m.mu.Unlock()
	if part == nil {
		part = m.s.living.part(m.store, p.ID, context, b.Key)
	}
	return part
}

// edited carries an edit of function bodies into the summary of before.
func (m *summarizer) edited(p *source.Package, context string, e source.Edit) (done bool, err error) {
	kept := m.store.assembly(e.Since)
	if kept == nil {
		return false, nil
	}
	keep := map[string]*part{}
	var functions []summary.EditedFunction
	for _, b := range e.Bodies {
		part := m.takePart(p, context, b.Body)
		if part.loose {
			return false, nil
		}
		keep[b.Key] = part
		functions = append(functions, summary.EditedFunction{Name: summary.NameOf(b.Decl), Was: b.Was, At: b.Span, Part: part.Summary, Facts: part.facts(b.Span)})
	}
	edit := &summary.Edit{Base: e.Since, Files: e.Files, Before: e.Before, After: e.After}
	sum := new(component.Summary)
	if !kept.Edit(edit, functions) || !m.store.Read(e.Since, sum) {
		return false, nil
	}
	edit.Apply(sum)
	key := m.scan.Key(p)
	m.store.putEdit(key, edit)
	m.store.putParts(p.ID, context, keep)
	m.s.living.keep(p.Pkg.Path, key, sum)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, sum)
	return true, nil
}

// assemble puts a package together, from what it was last as far as that holds.
func (m *summarizer) assemble(p *source.Package, functions []summary.Function) (*summary.Assembly, error) {
	m.mu.Lock()
	a := m.kept[p.ID]
	m.mu.Unlock()
	if a == nil {
		a = m.s.living.assembly(p.ID, p.Outline)
	}
	if a != nil {
		a = a.Again(functions, p.Places)
	} else {
		a = m.pass(p).Assemble(functions, p.Places)
		deciders := crossing.ForModule(p.Module, carriers())
		for i := range a.Summary.Contracts {
			if err := m.yield(); err != nil {
				return nil, err
			}
			m.s.signatureHazards(p, deciders, &a.Summary.Contracts[i])
		}
	}
	if !p.Stale && m.s.options.lasting {
		m.s.living.keepAssembly(p.ID, p.Outline, a)
	}
	return a, nil
}

// signatureHazards runs the rules that look at one signature. They count where
// another component calls it.
func (s *Session) signatureHazards(p *source.Package, deciders *crossing.Deciders, sig *component.Signature) {
	fn := source.LookupFunc(p.Types, sig.Decl.Name, sig.Member)
	if fn == nil {
		return
	}
	decision := deciders.Func(fn)
	subject := component.Subject{Decl: sig.Decl, Member: sig.Member}
	for _, rule := range allanalyzers.Analyzers {
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

// declared maps import paths to the components that unweld.yaml gives them to.
func declared(cfg *split.Config, root string, summaries []*component.Summary) map[string]string {
	ownership := cfg.Ownership(root)
	owner := map[string]string{}
	for _, sum := range summaries {
		if name := ownership.Owner(sum.Package); name != "" {
			owner[sum.Package.Path] = name
		}
	}
	return owner
}
