package campaign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// A Place is something that a refactoring offers to do.
type Place struct {
	Refactoring string           `json:"refactoring"`
	Request     refactor.Request `json:"request"`
	Disabled    string           `json:"disabled,omitempty"` // why it is offered as something that can't be done
}

// key identifies a place, and orders places in a way that has nothing to do with
// where they stand: the first few are a sample of all.
func (p Place) key() string {
	data, err := json.Marshal([]any{p.Refactoring, p.Request})
	if err != nil {
		return p.Refactoring + " " + p.Request.Target
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// Places lists what is offered in the Go files of the module at root, each
// request once. Only are the refactorings that count, all where there is none.
// Limit is how many of each are returned, spread over all; 0 is no limit. All
// tells how many there are.
func Places(ctx context.Context, s *engine.Session, only []string, limit int) (places []Place, all map[string]int, err error) {
	files, err := goFiles(s.Root)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	all = map[string]int{}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		spans, err := spansOf(s, file)
		if err != nil {
			return nil, nil, err
		}
		for _, span := range spans {
			for _, o := range s.Offers(span, nil) {
				if o.Operation != "" {
					continue // bind and its like are no refactorings
				}
				p := Place{o.Refactoring, o.Request, o.Disabled}
				if k := p.key(); !seen[k] && (len(only) == 0 || slices.Contains(only, p.Refactoring)) {
					seen[k] = true
					all[p.Refactoring]++
					places = append(places, p)
				}
			}
		}
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Refactoring, b.Refactoring), cmp.Compare(a.key(), b.key()))
	})
	return atMost(places, limit), all, nil
}

// atMost keeps the first places of each refactoring.
func atMost(places []Place, limit int) []Place {
	if limit == 0 {
		return places
	}
	count := map[string]int{}
	return slices.DeleteFunc(places, func(p Place) bool {
		count[p.Refactoring]++
		return count[p.Refactoring] > limit
	})
}

// goFiles lists the Go files of a module, relative to its root and
// slash-separated, but for what the go command's ./... leaves out.
func goFiles(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			if filepath.Ext(path) == ".go" {
				rel, err := filepath.Rel(root, path)
				if err != nil {
					return err
				}
				files = append(files, filepath.ToSlash(rel))
			}
			return nil
		}
		if path != root && outside(path) {
			return filepath.SkipDir
		}
		return nil
	})
	return files, err
}

// outside reports a folder that belongs to no package of the module around it.
func outside(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// spansOf returns the places of a file at which a person would ask: its package
// clause, its imports, the names of its declarations and of the fields of structs, and
// the calls in its loops.
func spansOf(s *engine.Session, file string) ([]text.Span, error) {
	content, _, err := s.Content(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	site := refactor.NewSite(content, text.Span{File: file}, nil)
	if site == nil {
		return nil, nil // no Go file, whatever its name says
	}
	spans := []text.Span{cursor(site, site.Syntax.Name)}
	for _, i := range site.Syntax.Imports {
		spans = append(spans, cursor(site, i.Path))
	}
	for _, d := range site.Syntax.Decls {
		for _, name := range declared(d) {
			spans = append(spans, cursor(site, name))
		}
	}
	for _, name := range calledInLoops(site.Syntax) {
		spans = append(spans, cursor(site, name))
	}
	return spans, nil
}

// calledInLoops returns the names by which the loops of a file call something.
func calledInLoops(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	loops := 0
	var nodes []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			if isLoop(nodes[len(nodes)-1]) {
				loops--
			}
			nodes = nodes[:len(nodes)-1]
			return true
		}
		nodes = append(nodes, n)
		if isLoop(n) {
			loops++
		}
		if call, ok := n.(*ast.CallExpr); ok && loops > 0 {
			switch fun := ast.Unparen(call.Fun).(type) {
			case *ast.Ident:
				names = append(names, fun)
			case *ast.SelectorExpr:
				names = append(names, fun.Sel)
			}
		}
		return true
	})
	return names
}

func isLoop(n ast.Node) bool {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// cursor is the place right before a node.
func cursor(site *refactor.Site, n ast.Node) text.Span {
	span := site.SpanOf(n)
	span.End = span.Start
	return span
}

// declared returns the names that a declaration declares, and those of the fields of structs.
func declared(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return []*ast.Ident{d.Name}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
				if st, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range st.Fields.List {
						names = append(names, f.Names...)
					}
				}
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
		return names
	}
	return nil
}
