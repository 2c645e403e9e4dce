package source

import (
	"context"
	"errors"
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// Problems type-checks the packages that match patterns (./... if there are none),
// with their tests, and returns what is wrong with them, sorted by package. It
// keeps nothing, and takes less time and memory than Load.
//
// Before are packages that Load gave with LoadOptions.Apart for a snapshot of the same
// workspace; there may be none. Of those in which nothing was wrong then, the function
// bodies are checked that are new or that what changed since concerns.
func (s *Snapshot) Problems(ctx context.Context, before []*Package, patterns ...string) ([]component.Problem, error) {
	l, err := s.list(ctx, true, patterns)
	if err != nil {
		return nil, err
	}
	defer s.work.retained.use()()
	ld := &loading{snap: s, list: l, once: true, verdict: true, plain: plainPackages(l, true), before: map[string]*Package{}}
	for _, p := range before {
		ld.before[p.ID] = p
	}
	if ld.run(ctx); ld.err != nil {
		return nil, ld.err
	}
	var out []component.Problem
	for _, p := range ld.pkgs {
		for _, q := range p.Problems {
			if q.Code != "list-error" || len(p.Problems) == 1 { // otherwise it says the same again
				out = append(out, q)
			}
		}
	}
	return out, nil
}

// A comparison is of a package with what it was before a change.
type comparison struct {
	*difference      // of it and of what it imports
	known       bool // the difference is all that there is

	before *Package // nil if the whole package is to be checked
	files  []*parsed
	types  *types.Package // of its declarations alone
}

// compare finds out what changed in a package, held being its files, and in those that it
// imports.
func (ld *loading) compare(m *meta, held []*parsed, importer types.Importer) *comparison {
	c := &comparison{difference: newDifference(), known: true, files: held}
	b := ld.before[m.ID]
	for _, path := range sortedKeys(m.imports) {
		c.known = c.known && ld.imported(c, b, m, path)
	}
	if b == nil { // what was checked before can't mention it
		for _, p := range held {
			c.declares(p)
		}
		return c
	}
	if !c.known || b.Info == nil || b.IllTyped() || m.usesC() || len(m.Errors) > 0 {
		c.known = false
		return c
	}
	var bare []*ast.File
	for _, p := range held {
		if p.file == nil || len(p.problems) > 0 {
			c.known = false
			return c
		}
		bare = append(bare, declarationsOf(p.file))
	}
	conf := ld.config(m, importer)
	conf.IgnoreFuncBodies, conf.Error = true, func(err error) {
		te, ok := errors.AsType[types.Error](err)
		c.known = c.known && ok && te.Soft
	}
	c.types = types.NewPackage(m.PkgPath, m.Name)
	_ = types.NewChecker(conf, ld.snap.work.fset, c.types, nil).Files(bare)
	if c.known {
		c.before = b
		c.difference.compare(b.Types, c.types)
	}
	return c
}

// imported adds what changed in a package that m imports, b being m as it was, and reports
// whether that is known.
func (ld *loading) imported(c *comparison, b *Package, m *meta, path string) bool {
	dep := m.imports[path]
	if m.closes[path] {
		return false
	}
	var was *meta // as m imported it
	if b != nil && b.listed != nil {
		was = b.listed.packages[dep.PkgPath]
	}
	if was != nil && was.Name != dep.Name {
		return false
	}
	u := ld.units[dep]
	if u == nil {
		return was == nil || was.key == dep.key
	}
	<-u.done
	if u.compared == nil || !u.compared.known {
		return false
	}
	c.add(u.compared.difference)
	return true
}

// declares adds the names that a file declares.
func (c *comparison) declares(p *parsed) {
	if p.file == nil {
		c.known = false
		return
	}
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.names[d.Name.Name] = true
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					c.names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						c.names[id.Name] = true
					}
				}
			}
		}
	}
}

// same reports whether a file is the one that was checked before.
func (c *comparison) same(p *parsed) bool {
	return c.before != nil && slices.Contains(c.before.held, p)
}

// stands reports whether nothing changed in the package, nor what anything in it means.
func (c *comparison) stands() bool {
	return c.before != nil && c.none() && !slices.ContainsFunc(c.files, func(p *parsed) bool { return !c.same(p) })
}

// concerned returns syntax, that of the files, without the bodies that mean what they
// meant, and how many these are.
func (c *comparison) concerned(syntax []*ast.File) (rest []*ast.File, spared int) {
	if c.before == nil {
		return syntax, 0
	}
	concern := newConcern(c.difference, c.before.Info)
	for i, f := range syntax {
		if c.same(c.files[i]) {
			f = without(f, func(fn *ast.FuncDecl) bool {
				concerned := concern.of(fn)
				if !concerned {
					spared++
				}
				return !concerned
			})
		}
		rest = append(rest, f)
	}
	return rest, spared
}

// mayCycle reports whether with q, which has the bodies that were checked anew, the
// initialization of a variable may lead back to it.
func (c *comparison) mayCycle(q *Package) bool {
	now, was := referencesIn(q), referencesIn(c.before)
	added := false
	for name, uses := range now {
		for _, used := range uses {
			added = added || !slices.Contains(was[name], used)
		}
	}
	if !added {
		return false
	}
	for name, uses := range was { // of bodies that were left out
		if _, ok := now[name]; !ok {
			now[name] = uses
		}
	}
	return cyclic(valueUses(q), now)
}

// referencesIn lists what the functions with a body and the variables of a package refer
// to, by their names.
func referencesIn(p *Package) map[string][]string {
	uses := valueUses(p)
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				name := initName(fn)
				uses[name] = append(uses[name], usesOf(p, fn)...)
			}
		}
	}
	return uses
}
