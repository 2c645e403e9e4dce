package source

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/pack"
	"github.com/unweld/unweld/internal/text"
)

// An Edit is what changed in a package since a check that the Store knows of:
// function bodies, and where everything stands.
type Edit struct {
	Since  string       // the key of the package at that time
	Files  []string     // all Go files of the package, relative to Root, in order
	Before []text.Span  // where the declarations of the files that changed stood
	After  []text.Span  // where they stand now, in the same order
	Bodies []EditedBody // in order
}

// An EditedBody is a function whose text isn't what it was.
type EditedBody struct {
	*Body           // its Key holds as long as no declaration changes, in the context of the Edit
	Was   text.Span // where it stood

	before []string // its Uses
}

// edited is how a package differs from what the Store knows of its last check, if
// nothing but function bodies changed.
type edited struct {
	kept  *keptCheck
	files []*parsed         // in order; nil for those that are the same
	rests map[int]*keptRest // of the files that changed
}

// sinceLastCheck compares the package with its last check; it returns nil where
// more than function bodies changed, or nothing is known.
func (u *unit) sinceLastCheck() *edited {
	u.comparing.Do(func() { u.edited = u.compare() })
	return u.edited
}

func (u *unit) compare() *edited {
	s, m := u.world.snap, u.meta
	if s.work.store == nil || u.unsaved() || m.usesC() || len(m.Errors) > 0 {
		return nil
	}
	e := &edited{kept: new(keptCheck), files: make([]*parsed, len(m.GoFiles)), rests: map[int]*keptRest{}}
	u.checkedBefore = s.work.store.Read(u.checkName(), e.kept)
	if !u.checkedBefore || len(e.kept.Files) != len(m.GoFiles) || e.kept.Names != u.importNames() {
		return nil
	}
	for i, abs := range m.GoFiles {
		f := &e.kept.Files[i]
		hash := s.state(abs).hash
		if f.Name != s.Rel(abs) {
			return nil
		}
		if f.Hash == hash {
			continue
		}
		rest := new(keptRest)
		p := s.parse(abs)
		if p.hash != hash || p.outline != f.Outline || len(p.problems) > 0 || pack.Unmarshal([]byte(f.Rest), rest) != nil || len(rest.Functions) != len(p.funcs) {
			return nil
		}
		e.files[i], e.rests[i] = p, rest
	}
	return e
}

// checkEdited checks the bodies that changed since the last check that the Store
// knows of, among declarations alone, and reports whether that was enough.
func (u *unit) checkEdited(ctx context.Context, v Visitor) (done bool, err error) {
	e := u.sinceLastCheck()
	if e == nil || v.Edited == nil || e.kept.Context != u.world.ground(u.meta) || e.kept.Inner != u.world.inner(u.meta) {
		return false, nil
	}
	c := &checking{unit: u, visitor: v, inner: e.kept.Inner, context: "edits " + hashLines([]string{e.kept.Context, e.kept.Inner})}
	q := c.begin()
	edit, fresh, ok := c.edit(e, q)
	if !ok {
		return false, nil
	}
	if len(fresh) > 0 {
		if err := ctx.Err(); err != nil {
			return true, context.Cause(ctx)
		}
		q.Types, q.Info = types.NewPackage(u.meta.PkgPath, u.meta.Name), newInfo()
		q.DeclInfo = q.Info
		q.Syntax = e.declare(u, q)
		if c.bodiesIn(q, setOf(fresh)); q.failed {
			return false, nil
		}
		c.using(q, nil, fresh)
		if err := v.Bodies(q, c.context)(fresh); err != nil {
			return true, err
		}
	}
	if e.mayCycle(edit) || u.isStale() {
		return false, nil
	}
	if done, err = v.Edited(q, c.context, edit); done {
		u.world.snap.work.count.edited.Add(1)
	}
	return done, err
}

// edit lists what changed, and the bodies among it of which nothing is known. It
// reports false where more is to be looked at than these.
func (c *checking) edit(e *edited, q *Package) (edit Edit, fresh []*Body, ok bool) {
	edit = Edit{Since: e.kept.Key, Files: q.GoFiles}
	for i, p := range e.files {
		if p == nil {
			continue
		}
		rest := e.rests[i]
		p.mention()
		edit.Before, edit.After = append(edit.Before, rest.Places...), append(edit.After, p.decls...)
		var list []*Body
		for j, f := range p.funcs {
			b := &Body{Key: f.key, File: p.file, Decl: p.file.Decls[f.decl].(*ast.FuncDecl), Span: f.span}
			list = append(list, b)
			if f.key == rest.Functions[j].Key {
				continue
			}
			if f.generic || f.key == "" {
				return edit, nil, false
			}
			if known := c.visitor.Known(q, c.context, f.key); known != nil {
				b.BodyFacts = *known
			} else {
				b.Fresh = true
				fresh = append(fresh, b)
			}
			edit.Bodies = append(edit.Bodies, EditedBody{b, rest.Places[f.decl], rest.Functions[j].Uses})
		}
		c.files, c.bodies = append(c.files, p), append(c.bodies, list)
	}
	return edit, fresh, len(edit.Bodies) <= maxFreshBodies
}

// declare checks the declarations of the package into q, and returns the syntax
// that they have. What is wrong with them was said when they were kept: nothing.
func (e *edited) declare(u *unit, q *Package) []*ast.File {
	files := u.bare()
	w := u.world
	conf := &types.Config{Importer: w.importer(u.meta), Sizes: q.Sizes, GoVersion: goVersion(u.meta), FakeImportC: u.meta.fakeC, IgnoreFuncBodies: true, Error: func(error) {}}
	_ = types.NewChecker(conf, q.Fset, q.Types, &types.Info{Defs: q.Info.Defs}).Files(files)
	return files
}

// bare returns the syntax of the package as far as declarations need it: of files
// whose function bodies are known to be where they were, these aren't parsed.
func (u *unit) bare() []*ast.File {
	e := u.sinceLastCheck()
	if e == nil {
		return syntaxOf(u.files(nil))
	}
	var files []*ast.File
	for i, abs := range u.meta.GoFiles {
		f := u.world.snap.bare(abs, &e.kept.Files[i])
		if p := e.files[i]; p != nil {
			f = p.only(nil).file
		}
		if f == nil {
			u.mu.Lock()
			u.stale = true
			u.mu.Unlock()
			continue
		}
		files = append(files, f)
	}
	return files
}

// bare parses a file as if functions had no bodies, and as if it imported what
// only these need no more. Everything stands where it does in the file. It returns
// nil where the file isn't the one that was kept.
func (s *Snapshot) bare(abs string, kept *keptFile) (f *ast.File) {
	_ = View(abs, func(data []byte) { // what can't be read isn't the one
		if change.HashOf(data) != kept.Hash {
			return
		}
		for i := 0; i+1 < len(kept.Holes); i += 2 {
			hole := data[kept.Holes[i]:kept.Holes[i+1]]
			for j, c := range hole {
				if c != '\n' {
					hole[j] = ' '
				}
			}
		}
		if parsed, err := ParseFile(s.work.fset, abs, data, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			f = parsed
		}
	})
	if f == nil {
		return nil
	}
	unneeded := func(spec *ast.ImportSpec) bool { return !slices.Contains(kept.Imports, ImportPath(spec)) }
	f.Imports = slices.DeleteFunc(f.Imports, unneeded)
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || len(g.Specs) == 0 {
			return false
		}
		g.Specs = slices.DeleteFunc(g.Specs, func(spec ast.Spec) bool { return unneeded(spec.(*ast.ImportSpec)) })
		return len(g.Specs) == 0 // a declaration of nothing ends nowhere
	})
	return f
}
