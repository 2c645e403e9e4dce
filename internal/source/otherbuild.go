package source

import (
	"context"
	"go/ast"
	gobuild "go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/unweld/unweld/internal/component"
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

// LoadBuild loads the packages of some folders, which are relative to the root, as another
// build has them, with their tests. Nothing is compiled for it: what they import is
// type-checked from its source, without the bodies of functions. The problems of a package
// are those of its own files. Nothing is kept for later.
func (s *Snapshot) LoadBuild(ctx context.Context, b Build, dirs []string) ([]*Package, error) {
	cfg := s.config(ctx, packages.NeedName|packages.NeedFiles|packages.NeedCompiledGoFiles|packages.NeedImports|packages.NeedDeps|
		packages.NeedTypes|packages.NeedTypesSizes|packages.NeedSyntax|packages.NeedTypesInfo|packages.NeedModule|packages.NeedForTest)
	cfg.Tests, cfg.Fset = true, token.NewFileSet()
	cfg.Env = append(s.Env(), "GOOS="+b.GOOS, "GOARCH="+b.GOARCH, "CGO_ENABLED=0")
	cfg.BuildFlags = slices.DeleteFunc(slices.Clone(cfg.BuildFlags), func(flag string) bool { return strings.HasPrefix(flag, "-tags=") })
	if b.Tags != "" {
		cfg.BuildFlags = append(cfg.BuildFlags, "-tags="+b.Tags)
	}
	cfg.ParseFile = func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if f != nil && !below(name, s.Root) {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					fn.Body = nil
				}
			}
		}
		return f, err
	}
	var patterns []string
	for _, d := range dirs {
		patterns = append(patterns, filepath.Join(s.Root, filepath.FromSlash(d)))
	}
	roots, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, s.loadError(strings.Join(dirs, " "), err)
	}
	var out []*Package
	for _, r := range roots {
		if isTestMain(r) {
			continue
		}
		p := &Package{ID: r.ID, Pkg: component.Package{Path: r.PkgPath, Name: r.Name}, ForTest: r.ForTest, Types: r.Types, Info: r.TypesInfo, Syntax: r.Syntax, Fset: cfg.Fset}
		for _, e := range r.Errors {
			if errorCode(e) == EmbedMissing {
				continue // what is embedded is nothing that types hang on
			}
			p.Problems = append(p.Problems, component.Problem{Code: "type-error", Severity: component.Error, Message: s.Rel(e.Pos) + ": " + e.Msg})
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Package) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// Variables spells what a build differs in, as for the go command.
func (b Build) Variables() string {
	out := "GOOS=" + b.GOOS + " GOARCH=" + b.GOARCH
	if b.Tags != "" {
		out += " -tags=" + b.Tags
	}
	return out
}
