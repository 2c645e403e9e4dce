package relocate

import (
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An importGraph says which packages of the module import which, without their
// tests.
type importGraph struct {
	imports map[string][]string // sorted
	inTest  map[string][]string // what tests in a package import
}

func newImportGraph(w *code.World) *importGraph {
	g := &importGraph{map[string][]string{}, map[string][]string{}}
	for _, p := range w.Packages {
		switch {
		case p.ForTest == "":
			g.imports[p.Pkg.Path] = p.Imports
		case p.Pkg.Path == p.ForTest:
			g.inTest[p.Pkg.Path] = p.Imports
		}
	}
	return g
}

// addUnbuilt adds what the files import that this build leaves out, where the packages are of
// this build.
func (g *importGraph) addUnbuilt(w *code.World) {
	for _, f := range w.Files {
		if _, known := g.imports[f.Pkg.Types.Path()]; !known || !f.Unbuilt || f.Test {
			continue
		}
		all := slices.Clone(g.imports[f.Pkg.Types.Path()])
		for _, spec := range f.AST.Imports {
			if p := source.ImportPath(spec); !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
		slices.Sort(all)
		g.imports[f.Pkg.Types.Path()] = all
	}
}

// path returns how from comes to import to, both included, or nil. edges are
// imports that there will be, and gone those that there won't.
func (g *importGraph) path(from, to string, more map[string]map[string]bool) []string {
	type step struct {
		pkg  string
		prev *step
	}
	seen := map[string]bool{from: true}
	queue := []*step{{from, nil}}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at.pkg == to && at.prev != nil {
			var out []string
			for ; at != nil; at = at.prev {
				out = append([]string{at.pkg}, out...)
			}
			return out
		}
		next := g.imports[at.pkg]
		if m, known := more[at.pkg]; known {
			next = slices.Sorted(maps.Keys(m))
		}
		for _, n := range next {
			if _, module := g.imports[n]; !module && more[n] == nil {
				continue
			}
			if n == to && from == to || !seen[n] {
				seen[n] = true
				queue = append(queue, &step{n, at})
			}
		}
	}
	return nil
}

// reaches reports whether from imports to, directly or not, or is it.
func (g *importGraph) reaches(from, to string, more map[string]map[string]bool) bool {
	return from == to || g.path(from, to, more) != nil
}

// Visible reports whether a package may import another as far as folders named
// internal go.
func Visible(importer, imported string) bool {
	i := strings.LastIndex(imported+"/", "/internal/")
	if strings.HasPrefix(imported, "internal/") {
		return false
	}
	if i < 0 {
		return true
	}
	root := imported[:i]
	importer = strings.TrimSuffix(importer, "_test")
	return importer == root || strings.HasPrefix(importer, root+"/")
}
