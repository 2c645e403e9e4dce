package engine

import (
	"context"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// askBuilds takes files out of unbuilt that use none of what a change set changes, but
// something else of the same name: a build that has the file says so, and type-checks with the
// change.
func (s *Session) askBuilds(ctx context.Context, set change.Set, unbuilt map[string]component.Problem, names map[string]bool) error {
	dirs := map[source.Build][]string{}
	files := map[source.Build]map[string]bool{}
	for file := range unbuilt {
		content, _, err := s.snap.Content(file)
		if err != nil {
			return err
		}
		b, ok := s.snap.BuildOf(file, content)
		if !ok {
			continue
		}
		if files[b] == nil {
			files[b] = map[string]bool{}
		}
		files[b][file] = true
		if dir := path.Dir(file); !slices.Contains(dirs[b], dir) {
			dirs[b] = append(dirs[b], dir)
		}
	}
	if len(files) == 0 {
		return nil
	}
	changed := s.snap.WithOverlay(s.overlayOf(set))
	for b := range files {
		slices.Sort(dirs[b])
		pkgs, err := s.snap.LoadBuild(ctx, b, dirs[b])
		if err != nil {
			continue // what that build needs isn't here
		}
		innocent := s.innocent(pkgs, files[b], set, names)
		if len(innocent) == 0 {
			continue
		}
		after, err := changed.LoadBuild(ctx, b, dirs[b])
		if err != nil || slices.ContainsFunc(after, func(p *source.Package) bool { return len(p.Problems) > 0 }) {
			continue
		}
		for _, file := range innocent {
			delete(unbuilt, file)
		}
	}
	return ctx.Err()
}

// innocent returns the files whose packages type-check and that mention nothing which a
// changed file declares by one of the names.
func (s *Session) innocent(pkgs []*source.Package, files map[string]bool, set change.Set, names map[string]bool) []string {
	declares := map[string]bool{}
	for _, f := range set.Files {
		declares[f.Path] = true
	}
	guilty, seen := map[string]bool{}, map[string]bool{}
	for _, p := range pkgs {
		for _, f := range p.Syntax {
			file := s.snap.Rel(p.Fset.PositionFor(f.FileStart, false).Filename)
			if !files[file] {
				continue
			}
			seen[file] = true
			guilty[file] = guilty[file] || len(p.Problems) > 0
			ast.Inspect(f, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok || !names[id.Name] && !names["."+id.Name] {
					return true
				}
				if obj := p.Info.Uses[id]; obj != nil && obj.Pos().IsValid() && declares[s.snap.Rel(p.Fset.PositionFor(obj.Pos(), false).Filename)] {
					guilty[file] = true
				}
				return true
			})
		}
	}
	var out []string
	for file := range files {
		if seen[file] && !guilty[file] {
			out = append(out, file)
		}
	}
	return out
}

// overlayOf returns what a change set leads to, by absolute path: of a file that goes an
// empty one of its package.
func (s *Session) overlayOf(set change.Set) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range set.Files {
		_, after := s.contents(f)
		if f.Op == change.Delete || f.To != "" {
			if _, syntax := s.snap.Syntax(f.Path, 0); syntax != nil && strings.HasSuffix(f.Path, ".go") {
				out[s.snap.Abs(f.Path)] = []byte("package " + syntax.Name.Name + "\n")
			}
		}
		switch {
		case f.Op == change.Delete:
		case f.To != "":
			out[s.snap.Abs(f.To)] = after
		default:
			out[s.snap.Abs(f.Path)] = after
		}
	}
	return out
}
