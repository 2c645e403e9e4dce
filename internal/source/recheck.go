package source

import (
	"context"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/text"
)

// A lastCheck is a package as it was checked last as a whole, so that after an
// edit of a function body that body alone is checked, among the same
// declarations. The positions of these are those of the text of that time.
type lastCheck struct {
	outline string
	imports map[string]*types.Package // of its files, by path
	uses    [][]string                // of its functions, in order

	mu    sync.Mutex
	pkg   *Package // Types, and Info of the declarations
	times int      // that a body was checked in it
}

const (
	// keptChecks is how many packages stay checked.
	keptChecks = 3
	// maxReuses is how many bodies are checked within the declarations of one
	// types.Package: the checker adds the scope of each to that of the package.
	maxReuses = 100
	// maxFreshBodies is how many bodies may be checked together with the
	// declarations, so that the types.Package is still kept for later checks.
	maxFreshBodies = 50
)

// outline identifies what stands outside of the function bodies of the files,
// and what it means, or is empty where that isn't known.
func outline(inner string, files []*parsed) string {
	lines := []string{inner}
	for _, p := range files {
		if p.outline == "" {
			return ""
		}
		lines = append(lines, p.outline)
	}
	return hashLines(lines)
}

// recheck checks the fresh bodies alone, if nothing but function bodies changed
// since the last check, and reports whether it could.
func (c *checking) recheck(ctx context.Context, fresh []*Body) (done bool, err error) {
	w, m := c.unit.world, c.unit.meta
	w.snap.work.mu.Lock()
	last := w.snap.work.checks[m.ID]
	w.snap.work.mu.Unlock()
	if last == nil || last.outline != c.outline || m.usesC() || c.visitor.Keeps == nil {
		return false, nil
	}
	last.mu.Lock()
	defer last.mu.Unlock()
	q := c.begin()
	changed, generic := c.sorted(fresh)
	if last.times >= maxReuses || len(q.Problems) > 0 || c.anyGeneric(changed) || !w.stillImports(m, last.imports) || !c.visitor.Keeps(q) {
		return false, nil
	}
	if err := ctx.Err(); err != nil {
		return true, context.Cause(ctx)
	}
	for _, b := range generic {
		b.Fresh, b.BodyFacts = false, *b.known
	}
	defer func() {
		if done {
			return
		}
		for _, b := range fresh { // they are checked once more
			b.Fresh, b.BodyFacts = true, BodyFacts{}
		}
	}()
	for _, p := range c.files {
		q.Problems = append(q.Problems, p.problems...)
		q.held = append(q.held, p)
	}
	q.Types, q.Info, q.DeclInfo, q.Syntax = last.pkg.Types, last.pkg.Info, last.pkg.Info, last.pkg.Syntax
	if len(changed) > 0 {
		last.times++
		defer forget(q.Info, c.bodiesIn(q, setOf(changed)), changed)
		c.using(q, c.newNeeding(q), changed)
		if err := c.visitor.Bodies(q, c.context)(changed); err != nil {
			return true, err
		}
	}
	all := slices.Concat(c.bodies...)
	if last.usesChanged(all) {
		if initCycle(q, all) {
			return false, nil
		}
		last.uses = usesOfAll(all)
	}
	return true, c.finish(q, all, nil)
}

// sorted parts fresh bodies in those that changed, and those that are fresh only
// because they are generic.
func (c *checking) sorted(fresh []*Body) (changed, generic []*Body) {
	for _, b := range fresh {
		if b.known != nil {
			generic = append(generic, b)
		} else {
			changed = append(changed, b)
		}
	}
	return changed, generic
}

// begin returns what is known of the package before it is checked.
func (c *checking) begin() *Package {
	w := c.unit.world
	q := w.snap.metadata(c.unit.meta.Package)
	q.Fset, q.Sizes, q.Outline = w.snap.work.fset, w.list.build.sizes, c.outline
	n := 0
	for _, p := range c.files {
		n += len(p.decls)
	}
	q.Places = make([]text.Span, 0, n)
	for _, p := range c.files {
		q.Places = append(q.Places, p.decls...)
	}
	return q
}

func (c *checking) anyGeneric(fresh []*Body) bool {
	for i, p := range c.files {
		for j, b := range c.bodies[i] {
			if p.funcs[j].generic && slices.Contains(fresh, b) {
				return true
			}
		}
	}
	return false
}

// stillImports reports whether the packages that m imports are the very same
// types as before.
func (w *world) stillImports(m *meta, before map[string]*types.Package) bool {
	for path, dep := range m.imports {
		if m.closes[path] {
			continue
		}
		if t, err := w.types(dep); err != nil || before[path] != t {
			return false
		}
	}
	return true
}

// bodiesIn checks bodies in a package whose declarations were checked before.
// Each stands in a function of the name _, which is checked as any other and
// declares nothing. Info of q is of them then, too.
func (c *checking) bodiesIn(q *Package, wanted map[*Body]bool) []*ast.File {
	w, m := c.unit.world, c.unit.meta
	blank := map[*Body]*ast.Ident{}
	var files []*ast.File
	for i, p := range c.files {
		var decls []ast.Decl
		mentioned, unknown := map[string]bool{".": true}, false
		for j, b := range c.bodies[i] {
			if !wanted[b] {
				continue
			}
			unknown = unknown || p.funcs[j].mentions == nil // not worked out
			for _, name := range p.funcs[j].mentions {
				mentioned[name] = true
			}
			d := *b.Decl
			d.Name = &ast.Ident{NamePos: b.Decl.Name.NamePos, Name: "_"}
			blank[b] = d.Name
			decls = append(decls, &d)
		}
		if len(decls) == 0 {
			continue
		}
		f := *p.file
		f.Decls = nil
		for _, d := range p.file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
				imports := *g
				imports.Specs = slices.DeleteFunc(slices.Clone(g.Specs), func(spec ast.Spec) bool {
					return !unknown && !mentioned[localName(spec.(*ast.ImportSpec), c.unit.nameOf)]
				})
				f.Decls = append(f.Decls, &imports)
			}
		}
		f.Decls = append(f.Decls, decls...)
		files = append(files, &f)
	}
	conf := &types.Config{Importer: w.importer(m), Sizes: q.Sizes, GoVersion: goVersion(m), FakeImportC: m.fakeC}
	conf.Error = func(err error) {
		te, ok := errors.AsType[types.Error](err)
		if !ok || te.Soft {
			return
		}
		if b := c.bodyAt(te.Pos); b != nil && wanted[b] {
			q.failed = true
			b.Problems = append(b.Problems, c.problem(te, b))
		}
	}
	// The errors were reported one by one; what could be checked is there.
	_ = types.NewChecker(conf, q.Fset, q.Types, q.Info).Files(files)
	for b, name := range blank {
		if fn, ok := q.Info.Defs[name].(*types.Func); ok {
			q.Info.Defs[b.Decl.Name] = types.NewFunc(b.Decl.Name.Pos(), q.Types, b.Decl.Name.Name, fn.Signature())
		}
		delete(q.Info.Defs, name)
	}
	return files
}

// newNeeding returns what finds the needs of bodies in q, or nil where nobody asks
// for them.
func (c *checking) newNeeding(q *Package) *needing {
	if c.meanings == nil {
		return nil
	}
	return newNeeding(q, c.meanings)
}

// using finds what bodies use that were checked in q, and by needing, if it isn't
// nil, what they need.
func (c *checking) using(q *Package, needing *needing, bodies []*Body) {
	c.unit.world.snap.work.count.bodies.Add(int64(len(bodies)))
	for _, b := range bodies {
		if needing != nil {
			b.Uses, b.Needs = needing.of(b.Decl)
		} else {
			b.Uses = usesOf(q, b.Decl)
		}
	}
}

// forget takes what is known of functions, and of the files that bodiesIn made
// for them, out of info.
func forget(info *types.Info, files []*ast.File, fresh []*Body) {
	var nodes []ast.Node
	for _, f := range files {
		nodes = append(nodes, f)
	}
	for _, b := range fresh {
		nodes = append(nodes, b.Decl)
	}
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				delete(info.Defs, n)
				delete(info.Uses, n)
				delete(info.Instances, n)
			case *ast.SelectorExpr:
				delete(info.Selections, n)
			}
			if e, ok := n.(ast.Expr); ok {
				delete(info.Types, e)
			}
			if n != nil {
				delete(info.Implicits, n)
				delete(info.Scopes, n)
			}
			return true
		})
	}
}

func (l *lastCheck) usesChanged(all []*Body) bool {
	return !slices.EqualFunc(l.uses, all, func(uses []string, b *Body) bool { return slices.Equal(uses, b.Uses) })
}

// keep remembers a check for the edits to come.
func (c *checking) keep(q *Package, fresh, all []*Body, clean bool) {
	w, m := c.unit.world, c.unit.meta
	work := w.snap.work
	work.mu.Lock()
	defer work.mu.Unlock()
	delete(work.checks, m.ID)
	work.checked = slices.DeleteFunc(work.checked, func(id string) bool { return id == m.ID })
	if !clean || c.outline == "" || len(fresh) > maxFreshBodies || m.usesC() {
		return
	}
	forget(q.Info, nil, fresh)
	q.held = slices.Clone(q.held)
	for i, p := range q.held {
		q.held[i] = p.only(nil)
	}
	q.Syntax = syntaxOf(q.held)
	work.checks[m.ID] = &lastCheck{outline: c.outline, imports: q.imported, uses: usesOfAll(all), pkg: q}
	work.checked = append(work.checked, m.ID)
	if len(work.checked) > keptChecks {
		delete(work.checks, work.checked[0])
		work.checked = work.checked[1:]
	}
}

func usesOfAll(all []*Body) [][]string {
	var out [][]string
	for _, b := range all {
		out = append(out, b.Uses)
	}
	return out
}
