package source

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	gobuild "go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Build says what code is built for, apart from what a snapshot says.
type Build struct {
	GOOS, GOARCH string
	Tags         string // separated by commas
}

// systems are the pairs of GOOS and GOARCH that BuildOf tries, after those of this build.
var systems = [][2]string{
	{"linux", "amd64"}, {"windows", "amd64"}, {"darwin", "arm64"}, {"linux", "arm64"}, {"linux", "386"}, {"linux", "arm"}, {"darwin", "amd64"},
	{"windows", "arm64"}, {"freebsd", "amd64"}, {"netbsd", "amd64"}, {"openbsd", "amd64"}, {"dragonfly", "amd64"}, {"solaris", "amd64"}, {"illumos", "amd64"},
	{"android", "arm64"}, {"ios", "arm64"}, {"js", "wasm"}, {"wasip1", "wasm"}, {"plan9", "amd64"}, {"aix", "ppc64"},
	{"linux", "ppc64"}, {"linux", "ppc64le"}, {"linux", "s390x"}, {"linux", "riscv64"}, {"linux", "loong64"}, {"linux", "mips"}, {"linux", "mips64"}, {"linux", "mipsle"}, {"linux", "mips64le"},
}

// BuildOf returns a build without cgo that has a Go file of some content; ok is false
// where there is none: it uses cgo, or it is a program of its own, which no build has.
func (s *Snapshot) BuildOf(rel string, content []byte) (b Build, ok bool) {
	f, err := parser.ParseFile(token.NewFileSet(), rel, content, parser.ImportsOnly|parser.ParseComments)
	if err != nil || NeverBuilt(f) || slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` }) {
		return Build{}, false
	}
	own := [2]string{gobuild.Default.GOOS, gobuild.Default.GOARCH}
	for _, tags := range tagSets(f) {
		for _, sys := range slices.Concat([][2]string{own}, systems) {
			c := gobuild.Default
			c.GOOS, c.GOARCH, c.CgoEnabled, c.BuildTags = sys[0], sys[1], false, slices.Concat(s.tags, tags)
			c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(content))), nil }
			if match, err := c.MatchFile("", path.Base(rel)); err == nil && match {
				return Build{sys[0], sys[1], strings.Join(c.BuildTags, ",")}, true
			}
		}
	}
	return Build{}, false
}

// tagSets returns the sets of tags to try for a file: none, each that its build lines name,
// all of them.
func tagSets(f *ast.File) [][]string {
	var tags []string
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && (constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text)) {
				e, err := constraint.Parse(c.Text)
				if err != nil {
					continue
				}
				for _, tag := range ConstraintTags(e) {
					system := slices.ContainsFunc(systems, func(s [2]string) bool { return s[0] == tag || s[1] == tag })
					if !system && tag != "cgo" && tag != "gc" && tag != "gccgo" && !slices.Contains(tags, tag) {
						tags = append(tags, tag)
					}
				}
			}
		}
	}
	out := [][]string{nil}
	for _, tag := range tags {
		out = append(out, []string{tag})
	}
	if len(tags) > 1 {
		out = append(out, tags)
	}
	return out
}

// ConstraintTags returns the tags that a build constraint names, each once, in their order, but
// for versions of Go.
func ConstraintTags(e constraint.Expr) (tags []string) {
	var collect func(constraint.Expr)
	collect = func(e constraint.Expr) {
		switch e := e.(type) {
		case *constraint.TagExpr:
			if !strings.HasPrefix(e.Tag, "go1.") && !slices.Contains(tags, e.Tag) {
				tags = append(tags, e.Tag)
			}
		case *constraint.NotExpr:
			collect(e.X)
		case *constraint.AndExpr:
			collect(e.X)
			collect(e.Y)
		case *constraint.OrExpr:
			collect(e.X)
			collect(e.Y)
		}
	}
	collect(e)
	return tags
}

// A Place is where the name of a declaration stands: the same in every build.
type Place struct {
	File   string // absolute
	Offset int
}

// FileNames are what a file means by the names in it, in a build that has it.
type FileNames struct {
	Uses     map[Place]bool  // the declarations that it names
	Declares map[string]bool // what it declares outside of functions, methods and fields included, and the methods that it asks values for
}

// AskBuild returns what files, which are relative to the root, mean by their names in a build
// that has them. Of those whose package doesn't type-check there nothing is known: they are
// left out.
func (s *Snapshot) AskBuild(ctx context.Context, b Build, files []string) (map[string]FileNames, error) {
	pkgs, err := s.loadBuild(ctx, b, files, nil)
	if err != nil {
		return nil, err
	}
	out := map[string]FileNames{}
	for _, p := range pkgs {
		if len(p.Problems) > 0 {
			continue
		}
		byName := map[string]FileNames{} // absolute
		for _, f := range p.Syntax {
			abs := p.Fset.PositionFor(f.FileStart, false).Filename
			if rel := s.Rel(abs); slices.Contains(files, rel) {
				out[rel] = FileNames{map[Place]bool{}, declaredNames(f, p.Info)}
				byName[abs] = out[rel]
			}
		}
		for id, obj := range p.Info.Uses {
			names, ok := byName[p.Fset.PositionFor(id.Pos(), false).Filename]
			if !ok || obj.Pkg() == nil {
				continue
			}
			at := p.Fset.PositionFor(obj.Pos(), false)
			names.Uses[Place{at.Filename, at.Offset}] = true
		}
	}
	return out, nil
}

// declaredNames returns the names that a file declares outside of functions, methods and
// fields included, and those of methods that it asks values for.
func declaredNames(f *ast.File, info *types.Info) map[string]bool {
	out := map[string]bool{}
	asked := func(e ast.Expr) {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		}
		id, ok := ast.Unparen(e).(*ast.Ident)
		if sel, selected := ast.Unparen(e).(*ast.SelectorExpr); selected {
			id, ok = sel.Sel, true
		}
		if !ok || info.Uses[id] == nil {
			return
		}
		if it, ok := info.Uses[id].Type().Underlying().(*types.Interface); ok {
			for m := range it.Methods() {
				out[m.Name()] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			out[n.Name.Name] = true
		case *ast.TypeSpec:
			out[n.Name.Name] = true
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					out[id.Name] = true
				}
				asked(m.Type)
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					out[id.Name] = true
				}
			}
		case *ast.TypeAssertExpr:
			asked(n.Type)
		case *ast.CaseClause:
			for _, e := range n.List {
				asked(e)
			}
		}
		return true
	})
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						out[id.Name] = true
					}
				}
			}
		}
	}
	return out
}

// CheckBuild type-checks the packages of files, which are relative to the root, in a build
// that has them, as a change leaves them: the bodies of the functions in these files and in
// those that change, and every declaration. Packages that don't type-check before the change
// aren't held to it.
func (s *Snapshot) CheckBuild(ctx context.Context, changed *Snapshot, b Build, files []string) ([]component.Problem, error) {
	var bodies []string
	for abs := range changed.overlay {
		bodies = append(bodies, s.Rel(abs))
	}
	after, err := changed.loadBuild(ctx, b, files, bodies)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(after, func(p *Package) bool { return len(p.Problems) > 0 }) {
		return nil, nil
	}
	before, err := s.loadBuild(ctx, b, files, bodies)
	if err != nil {
		return nil, err
	}
	broken := map[string]bool{} // by ID
	for _, p := range before {
		broken[p.ID] = len(p.Problems) > 0
	}
	var out []component.Problem
	for _, p := range after {
		if !broken[p.ID] {
			out = append(out, p.Problems...)
		}
	}
	return out, nil
}

// loadBuild loads the packages of files, which are relative to the root, as another
// build has them, with their tests if one of the files is a test. Nothing is compiled for it:
// what they import is type-checked from its source. Functions have their bodies in these files
// and in those called bodies only, which is most of the cost; the rest is that nothing but
// the types is kept of what they import. The problems of a package are those of its own
// files. Nothing is kept for later.
func (s *Snapshot) loadBuild(ctx context.Context, b Build, files, bodies []string) ([]*Package, error) {
	cfg := s.config(ctx, packages.NeedName|packages.NeedFiles|packages.NeedCompiledGoFiles|packages.NeedImports|packages.NeedDeps|packages.NeedModule|packages.NeedForTest)
	cfg.Tests = slices.ContainsFunc(files, func(rel string) bool { return strings.HasSuffix(rel, "_test.go") })
	cfg.Env = append(s.Env(), "GOOS="+b.GOOS, "GOARCH="+b.GOARCH, "CGO_ENABLED=0")
	cfg.BuildFlags = slices.DeleteFunc(slices.Clone(cfg.BuildFlags), func(flag string) bool { return strings.HasPrefix(flag, "-tags=") })
	if b.Tags != "" {
		cfg.BuildFlags = append(cfg.BuildFlags, "-tags="+b.Tags)
	}
	var patterns []string
	for _, rel := range files {
		if dir := filepath.Dir(s.Abs(rel)); !slices.Contains(patterns, dir) {
			patterns = append(patterns, dir)
		}
	}
	slices.Sort(patterns)
	roots, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, s.loadError(strings.Join(patterns, " "), err)
	}
	roots = slices.DeleteFunc(roots, isTestMain)
	l := &buildLoad{snap: s, fset: token.NewFileSet(), sizes: types.SizesFor("gc", b.GOARCH), whole: map[string]bool{}, loaded: map[*packages.Package]*loadedPackage{}}
	for _, rel := range slices.Concat(files, bodies) {
		l.whole[s.Abs(rel)] = true
	}
	packages.Visit(roots, nil, func(r *packages.Package) { l.loaded[r] = &loadedPackage{done: make(chan struct{})} })
	g, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for r, p := range l.loaded { // nothing is added any more: the packages are checked side by side
		g.Go(func() error {
			for _, dep := range r.Imports {
				select {
				case <-l.loaded[dep].done:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			slots <- struct{}{}
			defer func() { <-slots; close(p.done) }()
			if ctx.Err() == nil {
				l.check(r, slices.Contains(roots, r), p)
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []*Package
	for _, r := range roots {
		out = append(out, l.loaded[r].pkg)
	}
	slices.SortFunc(out, func(a, b *Package) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// A buildLoad type-checks the packages of another build.
type buildLoad struct {
	snap   *Snapshot
	fset   *token.FileSet
	sizes  types.Sizes
	whole  map[string]bool // the files whose functions have bodies, by absolute name
	loaded map[*packages.Package]*loadedPackage
}

type loadedPackage struct {
	done  chan struct{} // closed when the rest is there
	types *types.Package
	pkg   *Package // of a root alone
}

// check type-checks a package, whose imports are loaded.
func (l *buildLoad) check(r *packages.Package, root bool, into *loadedPackage) {
	if r.PkgPath == "unsafe" {
		into.types = types.Unsafe
		return
	}
	var problems []component.Problem
	report := func(at text.Span, message string) {
		problems = append(problems, component.Problem{Code: "type-error", Severity: component.Error, Span: at, Message: plainMessage(l.snap.Root, message)})
	}
	for _, e := range r.Errors {
		if errorCode(e) != EmbedMissing { // what is embedded is nothing that types hang on
			report(l.snap.spanAt(e.Pos), e.Msg)
		}
	}
	var syntax []*ast.File
	for _, abs := range r.CompiledGoFiles {
		content, laid := l.snap.overlay[abs]
		var err error
		if !laid {
			content, err = os.ReadFile(abs)
		}
		var f *ast.File
		if err == nil {
			f, err = parser.ParseFile(l.fset, abs, content, parser.SkipObjectResolution)
		}
		if err != nil {
			report(text.Span{File: l.snap.Rel(abs)}, err.Error())
		}
		if f == nil {
			continue
		}
		if !l.whole[abs] {
			withoutBodies(f)
		}
		syntax = append(syntax, f)
	}
	conf := &types.Config{Sizes: l.sizes, IgnoreFuncBodies: !root}
	if r.Module != nil && r.Module.GoVersion != "" {
		conf.GoVersion = "go" + r.Module.GoVersion
	}
	conf.Importer = importerFunc(func(path string) (*types.Package, error) {
		if dep := r.Imports[path]; dep != nil && l.loaded[dep].types != nil {
			return l.loaded[dep].types, nil
		}
		if path == "unsafe" {
			return types.Unsafe, nil
		}
		return nil, fmt.Errorf("%s isn't here", path)
	})
	conf.Error = func(err error) {
		te, ok := errors.AsType[types.Error](err)
		// What is unused may be used by a body.
		if ok && (!te.Soft || l.whole[l.fset.PositionFor(te.Pos, false).Filename]) {
			report(l.snap.Span(l.fset, te.Pos, token.NoPos), te.Msg)
		}
	}
	var info *types.Info
	if root {
		info = &types.Info{Uses: map[*ast.Ident]types.Object{}}
	}
	into.types = types.NewPackage(r.PkgPath, r.Name)
	_ = types.NewChecker(conf, l.fset, into.types, info).Files(syntax) // reported one by one
	if root {
		syntax = slices.DeleteFunc(syntax, func(f *ast.File) bool { return !l.whole[l.fset.PositionFor(f.FileStart, false).Filename] })
		into.pkg = &Package{ID: r.ID, Info: info, Syntax: syntax, Fset: l.fset, Problems: problems}
	}
}

// withoutBodies puts endless loops into the places of the bodies of functions: they type-check
// whatever a function results in.
func withoutBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			fn.Body.List = []ast.Stmt{&ast.ForStmt{For: fn.Body.Lbrace, Body: &ast.BlockStmt{Lbrace: fn.Body.Lbrace, Rbrace: fn.Body.Rbrace}}}
		}
	}
}

// Variables spells what a build differs in, as for the go command.
func (b Build) Variables() string {
	out := "GOOS=" + b.GOOS + " GOARCH=" + b.GOARCH
	if b.Tags != "" {
		out += " -tags=" + b.Tags
	}
	return out
}
