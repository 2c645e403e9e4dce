package source

import (
	"cmp"
	"context"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/internal/background"

	"github.com/unweld/unweld/internal/component"
)

// A loading is all packages of a listing with syntax and types, made once for
// a snapshot.
type loading struct {
	snap *Snapshot
	list *listing
	once bool
	// verdict: only what is wrong is wanted, of packages that were, some of them, before.
	verdict bool
	before  map[string]*Package // by ID
	plain   map[string]*meta    // the packages by path whose variants leave bodies to them, see LoadOptions.Apart
	done    chan struct{}       // closed when the result is there; nil if it is for one caller
	err     error
	pkgs    []*Package

	units map[*meta]*loadUnit
	files sync.Map // func() *parsed by absolute path
}

type loadUnit struct {
	root     bool
	done     chan struct{}
	pkg      *Package    // types alone if it isn't a root
	compared *comparison // where a verdict is wanted
}

// Load loads the packages that match patterns (./... if there are none) with
// syntax and types, those that they import and that may change from source,
// too, and other dependencies from export data. The result is sorted by ID and
// shared: it must not be changed. Nothing matched is a *component.LoadError.
func (s *Snapshot) Load(ctx context.Context, opts LoadOptions, patterns ...string) ([]*Package, error) {
	l, err := s.list(ctx, opts.Tests, patterns)
	if err != nil {
		return nil, err
	}
	defer s.work.retained.use()()
	if opts.Once {
		ld := &loading{snap: s, list: l, once: true, plain: plainPackages(l, opts.Apart)}
		ld.run(ctx)
		return ld.pkgs, ld.err
	}
	for {
		ld, begun := s.work.retained.loading(s, l, opts.Apart)
		if !begun {
			defer func() {
				if ld.err != nil { // another may have more time
					s.work.retained.forget(ld)
				}
				close(ld.done)
			}()
			ld.err = errPanicked
			ld.run(ctx)
			return slices.Clone(ld.pkgs), ld.err
		}
		select {
		case <-ld.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if ld.err == nil {
			return slices.Clone(ld.pkgs), nil
		}
	}
}

func (ld *loading) run(ctx context.Context) {
	ld.units = map[*meta]*loadUnit{}
	defer ld.files.Clear() // packages hold what they need of it
	var all []*meta
	var add func(m *meta, root bool)
	add = func(m *meta, root bool) {
		u := ld.units[m]
		if u == nil {
			u = &loadUnit{done: make(chan struct{})}
			ld.units[m] = u
			all = append(all, m)
			for _, path := range sortedKeys(m.imports) {
				if dep := m.imports[path]; dep.fromSource && !m.closes[path] {
					add(dep, false)
				}
			}
		}
		u.root = u.root || root
	}
	for _, m := range ld.list.roots {
		add(m, true)
	}
	if err := ld.snap.export(ctx, ld.list, outside(ld.list.roots)); err != nil {
		ld.err = err
		return
	}
	slices.SortFunc(all, func(a, b *meta) int { return cmp.Compare(a.order, b.order) })
	g, ctx := errgroup.WithContext(ctx)
	// A package is begun after those that it imports, so that whoever waits for
	// one waits for somebody at work.
	g.SetLimit(min(4, background.Workers(ctx)))
	for _, m := range all {
		g.Go(func() error {
			defer close(ld.units[m].done)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			ld.check(m)
			return nil
		})
	}
	if ld.err = g.Wait(); ld.err != nil {
		return
	}
	for _, m := range ld.list.roots {
		ld.pkgs = append(ld.pkgs, ld.units[m].pkg)
	}
}

// check type-checks one package: a root with everything, others as far as those
// that import them see. One that an earlier Load checked with the same imports is
// taken over.
func (ld *loading) check(m *meta) {
	s, u := ld.snap, ld.units[m]
	key := s.world(ld.list).retainedKey(m, ld.plainOf(m) != nil)
	importer := ld.importer(m)
	if old := s.work.retained.take(s, m, key, u.root, importer); old != nil {
		q := *old
		q.listed = ld.list
		u.pkg = &q
		u.compared = &comparison{difference: newDifference(), known: true}
		return
	}
	s.work.count.loaded.Add(1)
	var files []*parsed
	if !ld.once {
		files = s.work.retained.supersede(s, m.ID)
	}
	imports := ld.checkFiles(m, importer, u.root)
	runtime.KeepAlive(files) // until then, so that those that didn't change aren't parsed again
	if !ld.once {
		s.work.retained.keep(s, m, key, u.pkg, imports)
	}
}

// checkFiles parses and type-checks m, with or without function bodies, and
// returns what it imports.
func (ld *loading) checkFiles(m *meta, importer types.Importer, bodies bool) map[string]*types.Package {
	s, u := ld.snap, ld.units[m]
	q := s.metadata(m.Package)
	u.pkg = q
	imports := map[string]*types.Package{}
	q.Fset, q.Sizes, q.listed = s.work.fset, ld.list.build.sizes, ld.list
	for _, abs := range m.compiled() {
		p := ld.file(abs)
		q.held = append(q.held, p)
		q.Problems = append(q.Problems, p.problems...)
	}
	shared := ld.shared(m, q.held)
	q.Syntax = withoutShared(q.held, shared)
	importer = recordingImporter(importer, imports)
	if u.compared = new(comparison); ld.verdict {
		u.compared = ld.compare(m, q.held, importer)
	}
	if u.compared.stands() {
		q.Types = u.compared.types
		holdPlaces(q.Types, q.held)
		return imports
	}
	listed, whole := q.Problems, q.Syntax
	if bodies {
		var spared int
		q.Syntax, spared = u.compared.concerned(q.Syntax)
		s.work.count.spared.Add(int64(spared))
	}
	ld.checkSyntax(m, importer, bodies, shared)
	if u.compared.before != nil && bodies && u.compared.mayCycle(q) {
		u.compared.before = nil
		q.Problems, q.Syntax = listed, whole
		ld.checkSyntax(m, importer, bodies, shared)
	}
	q.Problems = component.SortProblems(dropListErrors(q.Problems))
	return imports
}

// config is how m is type-checked.
func (ld *loading) config(m *meta, importer types.Importer) *types.Config {
	return &types.Config{Importer: importer, Sizes: ld.list.build.sizes, GoVersion: goVersion(m), FakeImportC: m.fakeC}
}

// checkSyntax type-checks the syntax of m, and adds what is wrong with it. Some files are
// without bodies: those that are shared, and those in which not everything is concerned.
func (ld *loading) checkSyntax(m *meta, importer types.Importer, bodies bool, shared map[string]bool) {
	s, u := ld.snap, ld.units[m]
	q := u.pkg
	partly := map[string]bool{}
	for _, p := range q.held {
		partly[p.abs] = shared[p.abs] || u.compared.same(p)
	}
	fileAt := func(pos token.Pos) *ast.File {
		i := slices.IndexFunc(q.Syntax, func(f *ast.File) bool { return f.FileStart <= pos && pos <= f.FileEnd })
		if i < 0 || !partly[q.Fset.PositionFor(pos, false).Filename] {
			return nil
		}
		return q.Syntax[i]
	}
	conf := ld.config(m, importer)
	conf.IgnoreFuncBodies = !bodies
	conf.Error = func(err error) {
		te, ok := errors.AsType[types.Error](err)
		if ok && (!te.Soft || !forWantOfBodies(fileAt(te.Pos), te.Pos)) {
			q.Problems = append(q.Problems, component.Problem{Code: "type-error", Severity: component.Error,
				Span: s.Span(q.Fset, te.Pos, token.NoPos), Message: plainMessage(s.Root, te.Msg)})
		}
	}
	switch {
	case !u.root:
		q.Info = nil
	case !ld.verdict:
		q.Info = newInfo(q.Syntax...)
		q.Info.FileVersions = map[*ast.File]string{}
	case u.compared.before != nil:
		q.Info = &types.Info{Uses: map[*ast.Ident]types.Object{}}
	}
	q.Types = types.NewPackage(m.PkgPath, m.Name)
	holdPlaces(q.Types, q.held)
	_ = types.NewChecker(conf, q.Fset, q.Types, q.Info).Files(q.Syntax)
}

// recordingImporter returns an importer that notes what it is asked for, and nil where that
// can't be had.
func recordingImporter(importer types.Importer, into map[string]*types.Package) types.Importer {
	return importerFunc(func(path string) (*types.Package, error) {
		t, err := importer.Import(path)
		into[path] = t
		return t, err
	})
}

func (ld *loading) importer(m *meta) types.Importer {
	w := ld.snap.world(ld.list)
	others := w.importer(m)
	return importerFunc(func(path string) (*types.Package, error) {
		dep := m.imports[path]
		if dep == nil || !dep.fromSource || m.closes[path] {
			return others.Import(path)
		}
		u := ld.units[dep]
		<-u.done
		if u.pkg == nil || len(dep.GoFiles) == 0 {
			return nil, ld.snap.missing(dep)
		}
		return u.pkg.Types, nil
	})
}
