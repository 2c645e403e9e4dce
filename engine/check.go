package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// CheckOptions say what Check looks at, and which violations don't count.
type CheckOptions struct {
	Patterns []string // packages whose uses are reported; the whole module if there are none
	Baseline string   // a file of accepted violations, relative to the root; empty: none
	Since    string   // a git revision: violations that were there don't count
	Staged   bool     // look at what is staged in git, not at the working tree
}

// A CheckResult lists where the code breaks the rules of unweld.yaml.
type CheckResult struct {
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

// Check holds the code to the rules of unweld.yaml.
func (s *Session) Check(ctx context.Context, options CheckOptions) (*CheckResult, error) {
	accepted, err := s.readBaseline(options.Baseline)
	if err != nil {
		return nil, err
	}
	r, cfg, err := s.checkWhere(ctx, options)
	if err != nil {
		return nil, err
	}
	if options.Baseline != "" {
		whole := len(options.Patterns) == 0 && len(r.Problems) == 0
		r.accept(accepted, whole)
	}
	if options.Since != "" {
		before, err := s.checkRevision(ctx, options, cfg)
		if err != nil {
			return nil, err
		}
		r.accept(before.entries(), false)
		r.Notes = append(r.Notes, before.notLoaded(options.Since)...)
	}
	r.OK = len(r.Violations) == 0
	return r, nil
}

// checkWhere checks the working tree, or what is staged.
func (s *Session) checkWhere(ctx context.Context, options CheckOptions) (*CheckResult, *split.Config, error) {
	if !options.Staged {
		return s.checkTree(ctx, options.Patterns)
	}
	staged, done, err := s.openRevision(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	defer done()
	r, cfg, err := staged.checkTree(ctx, options.Patterns)
	if err == nil && len(r.Problems) > 0 {
		r.Notes = append(r.Notes, s.unstaged(ctx)...)
	}
	return r, cfg, err
}

// unstaged notes the Go files that git doesn't know: what is staged may need them.
func (s *Session) unstaged(ctx context.Context) []component.Problem {
	files, err := s.repository().Untracked(ctx, "*.go")
	if err != nil || len(files) == 0 {
		return nil
	}
	return []component.Problem{{Code: "revision-incomplete", Severity: component.Warn, Span: text.Span{File: files[0], Line: 1, Col: 1},
		Message: fmt.Sprintf("what is staged doesn't load as a whole, and this file isn't staged (%s in all)", count(len(files), "file", "files")),
		Hint:    "git add it"}}
}

// checkRevision holds an earlier revision to the rules of today.
func (s *Session) checkRevision(ctx context.Context, options CheckOptions, cfg *split.Config) (*CheckResult, error) {
	old, done, err := s.openRevision(ctx, options.Since)
	if err != nil {
		return nil, err
	}
	defer done()
	old.config = cfg
	r, _, err := old.checkTree(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("revision %s: %w", options.Since, err)
	}
	return r, nil
}

// notLoaded notes that a revision didn't load as a whole: what it used there
// counts as new.
func (r *CheckResult) notLoaded(revision string) []component.Problem {
	for _, p := range r.Problems {
		if p.Severity == component.Error {
			return []component.Problem{{Code: "revision-incomplete", Severity: component.Warn, Span: p.Span,
				Message: fmt.Sprintf("revision %s doesn't load as a whole, so uses that were there may count as new: %s", revision, p.Message),
				Hint:    "name a revision that builds, with the same ignored files"}}
		}
	}
	return nil
}

// checkTree checks the working tree: the packages that match, and everything
// that they use.
func (s *Session) checkTree(ctx context.Context, patterns []string) (*CheckResult, *split.Config, error) {
	cfg, ok, err := s.Config()
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, &component.UsageError{Object: split.FileName, Reason: "doesn't exist", Hint: "write one with: unweld init"}
	}
	c, err := s.codeUnder(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	if s.config == nil { // an earlier revision may lack what the rules of today name
		if err := split.Usage(cfg.Check(c.code())); err != nil {
			return nil, nil, err
		}
	}
	selected, err := s.selected(c.packages, patterns)
	if err != nil {
		return nil, nil, err
	}
	r := &CheckResult{Violations: []Violation{}, Notes: c.outside()}
	for path := range selected {
		if c.component[path] != "" || slices.Contains(c.found.Shared, path) {
			r.Packages++
		}
	}
	for _, p := range c.found.Problems {
		if dir := path.Dir(p.Span.File); !p.Span.IsValid() || slices.ContainsFunc(c.packages, func(q component.Package) bool { return selected[q.Path] && path.Clean(q.Dir) == dir }) {
			r.Problems = append(r.Problems, p)
		}
	}
	rules := ruleChecker{cfg: cfg, checkedCode: c, private: privatePatterns(cfg, s.Root)}
	r.Violations = append(r.Violations, rules.check(selected, &r.Notes)...)
	slices.SortFunc(r.Violations, func(a, b Violation) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	if s.config == nil {
		failing, err := s.failingCalls(cfg, c.found)
		if err != nil {
			return nil, nil, err
		}
		r.Notes = append(r.Notes, failing...)
	}
	r.Notes = component.SortProblems(r.Notes)
	return r, cfg, nil
}

// selected returns the import paths among pkgs that match patterns, which are
// relative to where the session was opened.
func (s *Session) selected(pkgs []component.Package, patterns []string) (map[string]bool, error) {
	selected := map[string]bool{}
	if len(patterns) == 0 {
		for _, p := range pkgs {
			selected[p.Path] = true
		}
	}
	for _, text := range patterns {
		named := text
		if strings.HasPrefix(text, ".") {
			if named = path.Join(s.snap.Rel(s.snap.Dir()), text); !filepath.IsAbs(named) {
				named = "./" + named
			}
		}
		p, err := split.ParsePattern(s.Root, named)
		if err != nil {
			return nil, &component.UsageError{Object: text, Reason: err.Error()}
		}
		matched, err := p.In(pkgs)
		if err != nil {
			return nil, &component.UsageError{Object: text, Reason: err.Error()}
		}
		if len(matched) == 0 {
			return nil, &component.LoadError{Object: text, Reason: "no packages matched", Hint: "check the pattern against: go list " + text}
		}
		maps.Copy(selected, matched)
	}
	return selected, nil
}
