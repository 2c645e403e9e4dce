package engine

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// Init returns the change set that adds an unweld.yaml with the components
// that Find proposes. It refuses when there is one already.
func (s *Session) Init(ctx context.Context) (change.Set, error) {
	if _, ok, err := s.Config(); err != nil || ok {
		if ok && err == nil {
			err = &component.UsageError{Object: split.FileName, Reason: "exists already", Hint: "edit it, or delete it to start again"}
		}
		return change.Set{}, err
	}
	found, err := s.Find(ctx, FindOptions{})
	if err != nil {
		return change.Set{}, err
	}
	content := configFor(found, s.Module)
	if _, problems := split.Parse(split.FileName, content); split.Usage(problems) != nil {
		return change.Set{}, fmt.Errorf("bug: the proposed configuration is invalid: %w", split.Usage(problems))
	}
	return change.Set{Title: "write " + split.FileName,
		Files: []change.File{{Path: split.FileName, Op: change.Create, Content: content}}}, nil
}

// configFor writes a configuration for people to edit.
func configFor(found *component.Result, module string) []byte {
	var b strings.Builder
	b.WriteString("# Components as unweld found them. Rename, merge and split them as you see fit;\n# `unweld check` then holds the code to them.\nversion: 1\n")
	if len(found.Components) > 0 {
		b.WriteString("components:\n")
	}
	for _, c := range found.Components {
		patterns := make([]string, len(c.Packages))
		for i, p := range c.Packages {
			patterns[i] = relativePattern(module, p)
		}
		fmt.Fprintf(&b, "  %s: {packages: [%s]}\n", c.Name, strings.Join(patterns, ", "))
	}
	return []byte(b.String())
}

func relativePattern(module, importPath string) string {
	if module == "" || importPath != module && !strings.HasPrefix(importPath, module+"/") {
		return importPath
	}
	if importPath == module {
		return "."
	}
	return "./" + path.Clean(strings.TrimPrefix(importPath, module+"/"))
}
