package rules

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A Result lists where the code breaks the rules of unweld.yaml.
type Result struct {
	OK         bool        `json:"ok"`
	Packages   int         `json:"packages"`
	Violations []Violation `json:"violations"`      // those that count
	Accepted   int         `json:"accepted"`        // left out, for the baseline or the revision
	Stale      []Accepted  `json:"stale,omitempty"` // entries of the baseline that nothing breaks any more

	// Notes say what could not be decided, or was not looked at.
	Notes []component.Problem `json:"notes,omitempty"`

	Problems []component.Problem `json:"-"` // what could not be loaded
}

// A Violation is one use that a rule forbids.
type Violation struct {
	component.Problem
	From string `json:"from"` // the declaration that uses
	To   string `json:"to"`   // the declaration that is used
}

// Check holds the packages that match the patterns, and everything that they use,
// to the rules. Patterns are relative to the folder that the snapshot was taken
// in; without any it is the whole module. A pattern that matches nothing is a
// *component.LoadError. OK isn't set: some violations may not count, see Accept.
func (c *Code) Check(patterns []string) (*Result, error) {
	selected, err := c.selected(patterns)
	if err != nil {
		return nil, err
	}
	r := &Result{Violations: []Violation{}, Notes: c.outside()}
	shared := map[string]bool{}
	for _, path := range c.Found.Shared {
		shared[path] = true
	}
	for path := range selected {
		if c.owner[path] != "" || shared[path] {
			r.Packages++
		}
	}
	for _, p := range c.Found.Problems {
		if dir := path.Dir(p.Span.File); !p.Span.IsValid() || slices.ContainsFunc(c.packages, func(q component.Package) bool { return selected[q.Path] && path.Clean(q.Dir) == dir }) {
			r.Problems = append(r.Problems, p)
		}
	}
	rules := checker{Code: c, private: privatePatterns(c.Config, c.Root)}
	r.Violations = append(r.Violations, rules.check(selected, &r.Notes)...)
	slices.SortFunc(r.Violations, func(a, b Violation) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	r.Notes = component.SortProblems(r.Notes)
	return r, nil
}

// selected returns the import paths that match patterns.
func (c *Code) selected(patterns []string) (map[string]bool, error) {
	selected := map[string]bool{}
	if len(patterns) == 0 {
		for _, p := range c.packages {
			selected[p.Path] = true
		}
	}
	for _, text := range patterns {
		named := text
		if strings.HasPrefix(text, ".") {
			if named = path.Join(c.Snapshot.Rel(c.Snapshot.Dir()), text); !filepath.IsAbs(named) {
				named = "./" + named
			}
		}
		p, err := split.ParsePattern(c.Root, named)
		if err != nil {
			return nil, &component.UsageError{Object: text, Reason: err.Error()}
		}
		matched, err := p.In(c.packages)
		if err != nil {
			return nil, &component.UsageError{Object: text, Reason: err.Error()}
		}
		if len(matched) == 0 {
			return nil, &component.LoadError{Object: text, Reason: "no packages matched", Hint: "see what matches: go list " + text}
		}
		maps.Copy(selected, matched)
	}
	return selected, nil
}

// NotLoaded notes that a revision didn't load as a whole: what it used there
// counts as new.
func (r *Result) NotLoaded(revision string) []component.Problem {
	for _, p := range r.Problems {
		if p.Severity == component.Error {
			return []component.Problem{{Code: "revision-incomplete", Severity: component.Warn, Span: p.Span,
				Message: fmt.Sprintf("revision %s doesn't load as a whole, so uses that were there may count as new: %s", revision, p.Message),
				Hint:    "name a revision that builds, with the same ignored files"}}
		}
	}
	return nil
}
