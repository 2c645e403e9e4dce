package engine

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// CheckOptions say what Check looks at, and which violations don't count.
type CheckOptions struct {
	Patterns []string // ./... if there are none
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
		r.accept(before, false)
	}
	r.OK = len(r.Violations) == 0
	return r, nil
}

// checkWhere checks the working tree, or what is staged.
func (s *Session) checkWhere(ctx context.Context, options CheckOptions) (*CheckResult, *split.Config, error) {
	if !options.Staged {
		return s.checkTree(ctx, options.Patterns)
	}
	staged, done, err := s.export(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	defer done()
	return staged.checkTree(ctx, options.Patterns)
}

// checkRevision returns what breaks the rules of today in an earlier revision.
func (s *Session) checkRevision(ctx context.Context, options CheckOptions, cfg *split.Config) ([]Accepted, error) {
	old, done, err := s.export(ctx, options.Since)
	if err != nil {
		return nil, err
	}
	defer done()
	old.config = cfg
	r, _, err := old.checkTree(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("revision %s: %w", options.Since, err)
	}
	return r.entries(), nil
}

func (s *Session) checkTree(ctx context.Context, patterns []string) (*CheckResult, *split.Config, error) {
	cfg, ok, err := s.Config()
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, &component.UsageError{Object: split.FileName, Reason: "doesn't exist", Hint: "write one with: unweld init"}
	}
	found, err := s.Find(ctx, FindOptions{Patterns: patterns})
	if err != nil {
		return nil, nil, err
	}
	var known []string
	r := &CheckResult{Packages: len(found.Shared), Violations: []Violation{}, Problems: found.Problems}
	for _, c := range found.Components {
		known = append(known, c.Name)
		r.Packages += len(c.Packages)
	}
	if err := split.Usage(cfg.Check(known)); s.config == nil && err != nil {
		return nil, nil, err
	}
	rules := ruleChecker{cfg: cfg, found: found, module: s.Module}
	for _, c := range found.Couplings {
		r.Violations = append(r.Violations, rules.coupling(c)...)
	}
	slices.SortFunc(r.Violations, func(a, b Violation) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return r, cfg, nil
}

type ruleChecker struct {
	cfg    *split.Config
	found  *component.Result
	module string
}

// coupling returns each use of a coupling that a rule forbids. A declaration
// that is used in several ways by another is one.
func (rc ruleChecker) coupling(c component.Coupling) []Violation {
	var vs []Violation
	seen := map[Accepted]bool{}
	add := func(code string, ev component.Evidence, why, hint string) {
		if id := (Accepted{code, ev.From, ev.To}); why != "" && !seen[id] {
			seen[id] = true
			vs = append(vs, violation(code, c, ev, why, hint))
		}
	}
	for _, ev := range c.Evidence {
		if rc.generated(ev) {
			continue
		}
		what := fmt.Sprintf(" (%s of %s by %s)", ev.Kind, rc.short(ev.To), rc.short(ev.From))
		add("rule-allow", ev, rc.notAllowed(c, what), fmt.Sprintf("add %s to rules.allow.%s, or remove the use", c.To, c.From))
		add("rule-layers", ev, rc.upward(c, what), "turn the dependency round, or move one of the two")
		if private := rc.private(ev.Decl.Pkg); private != "" {
			add("rule-private", ev, fmt.Sprintf("%s uses %s, and %s is private to %s", ev.From, ev.To, private, c.To), "use what "+c.To+" offers instead")
		}
	}
	return vs
}

// generated reports whether a use is of the run-time that bind copied.
func (rc ruleChecker) generated(ev component.Evidence) bool {
	return strings.HasPrefix(ev.To, path.Join(rc.module, runtimeFolder)+"/")
}

// named reports whether unweld.yaml speaks of a component. What find made up for
// the rest of the code may be cut in another way tomorrow: no rule is about it.
func (rc ruleChecker) named(name string) bool {
	if _, declared := rc.cfg.Components[name]; declared || slices.Contains(rc.cfg.Rules.Layers, name) {
		return true
	}
	for from, to := range rc.cfg.Rules.Allow {
		if from == name || slices.Contains(to, name) {
			return true
		}
	}
	return false
}

func (rc ruleChecker) short(decl string) string {
	return strings.TrimPrefix(decl, rc.module+"/")
}

func (rc ruleChecker) notAllowed(c component.Coupling, what string) string {
	allowed, listed := rc.cfg.Rules.Allow[c.From]
	if !listed || slices.Contains(allowed, c.To) || !rc.named(c.To) {
		return ""
	}
	return fmt.Sprintf("%s may not use %s%s", c.From, c.To, what)
}

func (rc ruleChecker) upward(c component.Coupling, what string) string {
	from, to := slices.Index(rc.cfg.Rules.Layers, c.From), slices.Index(rc.cfg.Rules.Layers, c.To)
	if from < 0 || to < 0 || from < to {
		return ""
	}
	return fmt.Sprintf("%s lies below %s and may not use it%s", c.From, c.To, what)
}

// private returns the private folder that a package lies in, or "".
func (rc ruleChecker) private(importPath string) string {
	for _, p := range rc.cfg.Rules.Private {
		full := path.Join(rc.module, p)
		if importPath == full || strings.HasPrefix(importPath, full+"/") {
			return p
		}
	}
	return ""
}

func violation(code string, c component.Coupling, ev component.Evidence, message, hint string) Violation {
	return Violation{component.Problem{Code: code, Severity: component.Error, Component: c.From, Span: ev.Span, Message: message, Hint: hint}, ev.From, ev.To}
}
