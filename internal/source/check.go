package source

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A checker type-checks packages whose imports come from export data. A
// dependency that didn't compile has none: then the checker makes do with its
// declarations from source.
type checker struct {
	snap *Snapshot
	meta map[string]*packages.Package // by ID

	mu      sync.Mutex                // guards the export data reader and what follows
	fset    *token.FileSet            // of imported packages
	imports map[string]*types.Package // by path, complete or begun
	broken  map[string]*types.Package // from source, nil while in progress
}

func newChecker(s *Snapshot, roots []*packages.Package) *checker {
	c := &checker{snap: s, meta: map[string]*packages.Package{}, fset: token.NewFileSet(),
		imports: map[string]*types.Package{}, broken: map[string]*types.Package{}}
	packages.Visit(roots, func(p *packages.Package) bool {
		c.meta[p.ID] = p
		return true
	}, nil)
	return c
}

func (c *checker) each(ctx context.Context, roots []*packages.Package, visit func(*Package) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, min(4, runtime.GOMAXPROCS(0))))
	for _, p := range roots {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return visit(c.check(p))
		})
	}
	return g.Wait()
}

// check parses and type-checks one package.
func (c *checker) check(p *packages.Package) *Package {
	q := c.snap.metadata(p)
	q.Fset, q.Sizes = token.NewFileSet(), p.TypesSizes
	q.Info = &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Instances:  map[*ast.Ident]types.Instance{},
		Scopes:     map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	report := func(code string, sp text.Span, msg string) {
		q.Problems = append(q.Problems, component.Problem{Code: code, Severity: component.Error, Span: sp, Message: msg})
	}
	q.Syntax = c.parse(q.Fset, p.CompiledGoFiles, report)
	conf := c.config(p)
	conf.Error = func(err error) {
		if te, ok := errors.AsType[types.Error](err); ok && !te.Soft {
			report("type-error", c.snap.Span(q.Fset, te.Pos, token.NoPos), te.Msg)
		}
	}
	q.Types = types.NewPackage(p.PkgPath, p.Name)
	// The errors were reported one by one; what could be checked is there.
	_ = types.NewChecker(conf, q.Fset, q.Types, q.Info).Files(q.Syntax)
	q.Problems = component.SortProblems(withoutEchoes(q.Problems))
	return q
}

// withoutEchoes drops what the go command says of a failed compilation where
// the same errors were found here, with their places. An import cycle only the
// go command tells of: here, the import of a package in it fails.
func withoutEchoes(ps []component.Problem) []component.Problem {
	if !slices.ContainsFunc(ps, func(p component.Problem) bool { return p.Code != "list-error" }) {
		return ps
	}
	return slices.DeleteFunc(ps, func(p component.Problem) bool {
		return p.Code == "list-error" && !p.Span.IsValid() && !strings.Contains(p.Message, "import cycle")
	})
}

func (c *checker) config(p *packages.Package) *types.Config {
	conf := &types.Config{Importer: importerFunc(func(path string) (*types.Package, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.importFor(p, path)
	}), Sizes: p.TypesSizes}
	if p.Module != nil && p.Module.GoVersion != "" {
		conf.GoVersion = "go" + p.Module.GoVersion
	}
	return conf
}

func (c *checker) parse(fset *token.FileSet, files []string, report func(string, text.Span, string)) []*ast.File {
	var out []*ast.File
	for _, name := range files {
		data, ok := c.snap.overlay[name]
		if !ok {
			var err error
			if data, err = os.ReadFile(name); err != nil {
				report("list-error", text.Span{File: c.snap.Rel(name)}, err.Error())
				continue
			}
		}
		f, err := parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
		if list, ok := errors.AsType[scanner.ErrorList](err); ok {
			for _, e := range list {
				report("parse-error", text.Span{File: c.snap.Rel(e.Pos.Filename), Start: e.Pos.Offset, End: e.Pos.Offset, Line: e.Pos.Line, Col: e.Pos.Column}, e.Msg)
			}
		}
		if f != nil {
			out = append(out, f)
		}
	}
	return out
}

// importFor returns what path means in p. The caller holds c.mu.
func (c *checker) importFor(p *packages.Package, path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep := p.Imports[path]
	if dep == nil {
		return nil, fmt.Errorf("no such package: %s", path)
	}
	if dep = c.meta[dep.ID]; dep.ExportFile == "" {
		return c.fromSource(dep)
	}
	if t := c.imports[dep.PkgPath]; t != nil && t.Complete() {
		return t, nil
	}
	f, err := os.Open(dep.ExportFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f) //lint:ignore SA1019 the go command of 1.26 still writes archives
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	t, err := gcexportdata.Read(r, c.fset, c.imports, dep.PkgPath)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return t, nil
}

// fromSource makes do with the declarations of a package that doesn't compile.
func (c *checker) fromSource(p *packages.Package) (*types.Package, error) {
	if t, ok := c.broken[p.ID]; ok {
		if t == nil {
			return nil, fmt.Errorf("import cycle through %s", p.PkgPath)
		}
		return t, nil
	}
	if len(p.GoFiles) == 0 {
		return nil, fmt.Errorf("package %s could not be loaded", p.PkgPath)
	}
	c.broken[p.ID] = nil
	files := c.parse(c.fset, p.CompiledGoFiles, func(string, text.Span, string) {})
	conf := &types.Config{
		Importer:         importerFunc(func(path string) (*types.Package, error) { return c.importFor(p, path) }),
		Sizes:            p.TypesSizes,
		IgnoreFuncBodies: true,
		Error:            func(error) {}, // reported where the package itself is checked
	}
	t := types.NewPackage(p.PkgPath, p.Name)
	_ = types.NewChecker(conf, c.fset, t, nil).Files(files)
	t.MarkComplete()
	c.broken[p.ID] = t
	return t, nil
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
