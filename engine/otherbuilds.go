package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// askBuilds takes files out of unbuilt that use none of what a change set changes, but
// something else of the same name: a build that has the file says so, and type-checks with the
// change. The places are those at which what changes is declared, each with its name.
func (s *Session) askBuilds(ctx context.Context, set change.Set, unbuilt map[string]component.Problem, places map[source.Place]string) error {
	files := map[source.Build][]string{}
	for _, file := range slices.Sorted(maps.Keys(unbuilt)) {
		content, _, err := s.snap.Content(file)
		if err != nil {
			return err
		}
		if b, ok := s.snap.BuildOf(file, content); ok {
			files[b] = append(files[b], file)
		}
	}
	if len(files) == 0 {
		return nil
	}
	changed := s.snap.WithOverlay(s.overlayOf(set))
	for b := range files {
		means, err := s.snap.AskBuild(ctx, b, files[b])
		if err != nil {
			continue // what that build needs isn't here
		}
		innocent := slices.DeleteFunc(files[b], func(file string) bool {
			found, known := means[file]
			return !known || !slices.Contains(set.OtherBuilds, file) && changesMeaning(found, places)
		})
		if len(innocent) == 0 {
			continue
		}
		if problems, err := s.snap.CheckBuild(ctx, changed, b, innocent); err != nil || len(problems) > 0 {
			continue
		}
		for _, file := range innocent {
			delete(unbuilt, file)
		}
	}
	return ctx.Err()
}

// changesMeaning reports whether a file uses one of the declarations at places, or declares
// or asks for something of the same name, which may have to be alike.
func changesMeaning(found source.FileNames, places map[source.Place]string) bool {
	for at, name := range places {
		if found.Uses[at] || found.Declares[name] {
			return true
		}
	}
	return false
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
