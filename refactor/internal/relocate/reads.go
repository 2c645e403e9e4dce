package relocate

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// reads lists the paths, from the folder of the package, by which units of tests name files
// that there are. The go command runs tests in that folder.
func (s *Source) reads(us []*Unit) []string {
	var out []string
	for _, u := range us {
		paths, known := s.readPaths[u]
		if !known {
			for _, p := range u.Parts {
				paths = append(paths, s.pathsIn(p.Node)...)
			}
			if corpus := "testdata/fuzz/" + u.Name(); u.Kind == Func && strings.HasPrefix(u.Name(), "Fuzz") && s.hasFile(corpus) {
				paths = append(paths, corpus)
			}
			s.readPaths[u] = paths
		}
		for _, p := range paths {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (s *Source) pathsIn(n ast.Node) []string {
	var out []string
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err == nil && (strings.Contains(text, "testdata") || isPath(text) && s.hasFile(text)) {
			out = append(out, text)
		}
		return true
	})
	return out
}

// isPath reports a text that names a file beside the package, if there is one.
func isPath(text string) bool {
	const longest = 200
	return len(text) < longest && !path.IsAbs(text) && strings.ContainsAny(text, "./") && strings.Trim(text, "./") != "" && !strings.ContainsAny(text, "\x00\n")
}

func (s *Source) hasFile(rel string) bool {
	_, err := os.Lstat(s.World.Snapshot.Abs(path.Join(s.Pkg.Pkg.Dir, rel)))
	return err == nil
}

// readsElsewhere reports whether units of tests name files by paths that lead to others from
// a place.
func (s *Source) readsElsewhere(us []*Unit, at *Place) bool {
	return slices.ContainsFunc(s.reads(us), func(p string) bool {
		return path.Join(s.Pkg.Pkg.Dir, p) != path.Join(at.Dir, p)
	})
}
