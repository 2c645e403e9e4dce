package code

import (
	"go/types"
	"slices"
	"strings"
)

// Imports reports whether a package imports another, by way of others too.
func Imports(p *types.Package, path string) bool {
	seen := map[*types.Package]bool{}
	var visit func(*types.Package) bool
	visit = func(p *types.Package) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		return slices.ContainsFunc(p.Imports(), func(q *types.Package) bool { return q.Path() == path || visit(q) })
	}
	return visit(p)
}

// Visible reports whether a package may import another, as far as folders called
// internal say.
func Visible(path, from string) bool {
	i := strings.LastIndex("/"+path+"/", "/internal/")
	if i < 0 {
		return true
	}
	root := strings.TrimSuffix(path[:max(0, i-1)], "/")
	return root == "" || from == root || strings.HasPrefix(from, root+"/")
}
