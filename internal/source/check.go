package source

import (
	"context"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Visitor takes what Check finds. Its functions may be called from several
// goroutines, for one package one after the other unless they say otherwise.
type Visitor struct {
	// Known returns what was found in a function body earlier under the same
	// key in the same context, or nil. It may be nil itself.
	Known func(p *Package, context, key string) *BodyFacts
	// Keeps reports whether what was found in the declarations of p, which has its
	// Outline, is known, so that Done needs no more of p than its Problems and
	// Places. It may be nil itself.
	Keeps func(p *Package) bool
	// Bodies begins to look at function bodies of a package, and returns what takes
	// those that were checked, with p in that state: its Info is of them. The
	// rest of p is of the declarations, and stays. Of a large package Bodies is called
	// several times, each time with another p, and what it returned by several
	// goroutines.
	Bodies func(p *Package, context string) func(fresh []*Body) error
	// Edited takes a package of which only function bodies changed since Done took
	// it in a process that had the same Store. It reports whether it knows enough
	// of that time; if not, the package is checked as a whole. It may be nil itself.
	Edited func(p *Package, context string, e Edit) (done bool, err error)
	// Done takes a package whose bodies were all seen or known. Its syntax and
	// Info are of the declarations; function bodies may be missing.
	Done func(p *Package, context string, all []*Body) error
}

// A Body is a function or method declaration of a package.
type Body struct {
	// Key is the same for the same text in the same place of a line, in a file
	// with the same imports, that means the same. It is empty where nothing may be
	// kept.
	Key  string
	Decl *ast.FuncDecl // without a body if it isn't Fresh, and in the end
	File *ast.File     // that it stands in
	Span text.Span     // of the declaration, as it stands now
	// Fresh: the body was checked just now, and Decl has it.
	Fresh bool
	BodyFacts

	// known is what was found earlier in a function that is Fresh all the same,
	// because it is generic.
	known *BodyFacts
}

// BodyFacts are what type-checking a function body says of it, apart from its
// place.
type BodyFacts struct {
	// Uses are the functions and variables of its package that it refers to,
	// sorted: "f", "v", "T.m".
	Uses []string `json:"uses,omitempty"`
	// Problems are the type errors in it, their spans relative to the declaration.
	Problems []component.Problem `json:"problems,omitempty"`
	// Needs are methods that it rests on without naming them.
	Needs []Need `json:"needs,omitempty"`
}

// bytesPerWorker is how many bytes of function bodies are worth a goroutine.
var bytesPerWorker = 1 << 20 // tests take less

// A checking is the check of one package.
type checking struct {
	unit     *unit
	visitor  Visitor
	context  string // under which bodies of the same key mean the same
	inner    string
	meanings *meanings // nil: none are needed
	outline  string
	whole    bool      // declarations were checked, too
	bodies   [][]*Body // by file
	files    []*parsed
}

func (w *world) check(ctx context.Context, m *meta, v Visitor) error {
	w.snap.work.count.checked.Add(1)
	u := w.unit(m)
	if done, err := u.checkEdited(ctx, v); done || err != nil {
		return err
	}
	c := &checking{unit: u, visitor: v, context: w.ground(m), inner: w.inner(m)}
	if !w.snap.work.brief || u.checkedBefore {
		c.meanings = w.meanings(m)
	}
	if err := c.collect(ctx); err != nil {
		return err
	}
	all := slices.Concat(c.bodies...)
	var fresh []*Body
	for _, b := range all {
		if b.Fresh {
			fresh = append(fresh, b)
		}
	}
	if done, err := c.recheck(ctx, fresh); done || err != nil {
		return err
	}
	first, problems, err := c.runAll(ctx)
	if err != nil {
		return err
	}
	if initCycle(first, all) {
		// An initialization cycle leads through bodies that aren't all here.
		whole := *c
		whole.files = u.files(func(*parsed) bool { return false })
		_, problems = whole.run(whole.files, nil, true)
	}
	c.whole = true
	declarations := len(first.Problems) == 0 && len(problems) == 0
	if err := c.finish(first, all, problems); err != nil {
		return err
	}
	c.keep(first, fresh, all, declarations)
	return nil
}

// finish hands the package over, problems being what is wrong outside of
// function bodies.
func (c *checking) finish(q *Package, all []*Body, problems []component.Problem) error {
	q.Problems = append(q.Problems, problems...)
	for _, b := range all {
		for _, p := range b.Problems {
			p.Span = p.Span.At(b.Span)
			q.Problems = append(q.Problems, p)
		}
	}
	q.Problems = component.SortProblems(dropListErrors(withoutFollowing(q.Problems)))
	q.Stale = c.unit.isStale()
	q.Unsaved = c.unit.unsaved()
	q.Kept = c.whole && c.keepOnDisk(q)
	err := c.visitor.Done(q, c.context, all)
	c.unit.release()
	return err
}

// collect reads the files and lists the functions in them.
func (c *checking) collect(ctx context.Context) error {
	q := c.unit.world.snap.metadata(c.unit.meta.Package)
	facts := func(f *fn) *BodyFacts {
		if f.key == "" || c.visitor.Known == nil || c.meanings == nil {
			return nil
		}
		if known := c.visitor.Known(q, c.context, c.meanings.bodyKey(f)); known != nil && c.meanings.stand(known.Needs) {
			return known
		}
		return nil
	}
	c.files = c.unit.files(func(p *parsed) bool { // bodies of generic functions are there
		return !slices.ContainsFunc(p.funcs, func(f *fn) bool { return !f.generic && facts(f) == nil })
	})
	for _, p := range c.files {
		if err := background.Yield(ctx); err != nil {
			return err
		}
		if c.meanings != nil {
			p.mention()
		}
		list, bodies := make([]*Body, 0, len(p.funcs)), make([]Body, len(p.funcs))
		for i, f := range p.funcs {
			b := &bodies[i]
			*b = Body{File: p.file, Decl: p.file.Decls[f.decl].(*ast.FuncDecl), Span: f.span}
			if c.meanings != nil {
				b.Key = c.meanings.bodyKey(f)
			}
			switch known := facts(f); {
			case known == nil || f.generic:
				b.Fresh, b.known = true, known
			default:
				b.BodyFacts = *known
			}
			list = append(list, b)
		}
		c.bodies = append(c.bodies, list)
	}
	c.outline = outline(c.inner, c.files)
	return nil
}

// parts says which bodies each goroutine checks. Those of generic functions are
// checked with the declarations, by the first.
func (c *checking) parts(most int) [][]*Body {
	var generic, others []*Body
	size := 0
	for i, p := range c.files {
		for j, b := range c.bodies[i] {
			switch {
			case !b.Fresh:
			case p.funcs[j].generic:
				generic = append(generic, b)
			default:
				others = append(others, b)
				size += p.funcs[j].body.End - p.funcs[j].body.Start
			}
		}
	}
	n := min(most, 4, 1+size/bytesPerWorker)
	parts := make([][]*Body, n)
	for i, b := range others {
		parts[i*n/len(others)] = append(parts[i*n/len(others)], b)
	}
	parts[0] = append(generic, parts[0]...)
	return parts
}

// runAll checks the fresh bodies: a few at a time, where they are many, else in parts.
// It returns the package with what is wrong outside of function bodies.
func (c *checking) runAll(ctx context.Context) (first *Package, problems []component.Problem, err error) {
	generic, batches := c.batches()
	if len(batches) > 1 {
		// It keeps all cores busy: what other packages take meanwhile would only come on top.
		c.unit.world.large.Lock()
		defer c.unit.world.large.Unlock()
		if first, problems, err = c.inBatches(ctx, generic, batches); first != nil || err != nil {
			return first, problems, err
		}
	} else {
		c.unit.world.large.RLock()
		defer c.unit.world.large.RUnlock()
	}
	var workers []*worker
	for k, part := range c.parts(background.Workers(ctx)) {
		workers = append(workers, &worker{checking: c, part: part, lead: k == 0})
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range workers {
		g.Go(func() error { return w.check(ctx) })
	}
	err = g.Wait()
	return workers[0].decls, workers[0].problems, err
}

// run type-checks the declarations of files with the bodies that they have, of
// which those of part are of interest. Of all parts the lead answers for what is
// wrong outside of bodies.
func (c *checking) run(files []*parsed, part map[*Body]bool, lead bool) (*Package, []component.Problem) {
	w, m := c.unit.world, c.unit.meta
	q := c.begin()
	q.held, q.Syntax = files, syntaxOf(files)
	q.Info = newInfo(q.Syntax...)
	q.DeclInfo = q.Info
	if lead {
		for _, p := range files {
			q.Problems = append(q.Problems, p.problems...)
		}
	}
	conf := &types.Config{Importer: recording(w.importer(m), q), Sizes: q.Sizes, GoVersion: goVersion(m), FakeImportC: m.fakeC}
	var problems []component.Problem
	conf.Error = func(err error) {
		te, ok := errors.AsType[types.Error](err)
		if !ok || te.Soft || !c.ours(te.Pos) {
			return
		}
		q.failed = true
		switch b := c.bodyAt(te.Pos); {
		case b == nil && lead:
			problems = append(problems, c.problem(te, nil))
		case b != nil && part[b]:
			b.Problems = append(b.Problems, c.problem(te, b))
		}
	}
	q.Types = types.NewPackage(m.PkgPath, m.Name)
	// The errors were reported one by one; what could be checked is there.
	_ = types.NewChecker(conf, q.Fset, q.Types, q.Info).Files(q.Syntax)
	return q, problems
}

// problem is what the type checker says, as seen from b if that isn't nil.
func (c *checking) problem(te types.Error, b *Body) component.Problem {
	s := c.unit.world.snap
	p := component.Problem{Code: "type-error", Severity: component.Error, Span: s.Span(s.work.fset, te.Pos, token.NoPos), Message: plainMessage(s.Root, te.Msg)}
	if b != nil {
		p.Span = p.Span.RelativeTo(b.Span)
	}
	return p
}

// recording notes in q what it imports.
func recording(imp types.Importer, q *Package) types.Importer {
	q.imported = map[string]*types.Package{}
	return importerFunc(func(path string) (*types.Package, error) {
		t, err := imp.Import(path)
		q.imported[path] = t
		return t, err
	})
}

// ours reports whether pos lies in a file of the package. What goes on with an
// error elsewhere ("other declaration of") has the position of a text that may
// have changed since.
func (c *checking) ours(pos token.Pos) bool {
	return !pos.IsValid() || slices.ContainsFunc(c.files, func(p *parsed) bool { return p.file != nil && p.file.FileStart <= pos && pos <= p.file.FileEnd })
}

// bodyAt returns the function in whose body pos lies, or nil.
func (c *checking) bodyAt(pos token.Pos) *Body {
	for i, p := range c.files {
		if p.file == nil || pos < p.file.FileStart || p.file.FileEnd < pos {
			continue
		}
		for j, f := range p.funcs {
			if f.lbrace.IsValid() && f.lbrace <= pos && pos <= f.rbrace {
				return c.bodies[i][j]
			}
		}
	}
	return nil
}

func syntaxOf(files []*parsed) []*ast.File {
	var out []*ast.File
	for _, p := range files {
		if p.file != nil {
			out = append(out, p.file)
		}
	}
	return out
}

// declaredAt is what the type checker says of a type parameter's place, by the
// absolute path of its file.
var declaredAt = regexp.MustCompile(` \(declared at [^()]*:\d+:\d+\)`)

// plainMessage takes out of a message where things lie on this machine.
func plainMessage(root, msg string) string {
	return strings.ReplaceAll(declaredAt.ReplaceAllString(msg, ""), root+string(filepath.Separator), "")
}

// withoutFollowing drops the errors that only follow from others, as the type
// checker itself does where it has seen the others before.
func withoutFollowing(ps []component.Problem) []component.Problem {
	follows := func(p component.Problem) bool {
		return p.Code == "type-error" && (strings.Index(p.Message, "invalid operand") > 0 || strings.Index(p.Message, "invalid type") > 0)
	}
	if !slices.ContainsFunc(ps, follows) {
		return ps
	}
	if slices.ContainsFunc(ps, func(p component.Problem) bool { return p.Code == "type-error" && !follows(p) }) {
		return slices.DeleteFunc(ps, follows)
	}
	ps = component.SortProblems(ps)
	seen := false
	return slices.DeleteFunc(ps, func(p component.Problem) bool {
		again := seen && follows(p)
		seen = seen || follows(p)
		return again
	})
}

// dropListErrors drops the errors of go list where type checking reported the same
// with positions. Errors about import cycles are kept: the type checker only
// reports that an import in the cycle failed.
func dropListErrors(ps []component.Problem) []component.Problem {
	if !slices.ContainsFunc(ps, func(p component.Problem) bool { return p.Code != "list-error" }) {
		return ps
	}
	return slices.DeleteFunc(ps, func(p component.Problem) bool {
		return p.Code == "list-error" && !p.Span.IsValid() && !strings.Contains(p.Message, "import cycle")
	})
}
