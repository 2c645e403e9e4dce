package engine

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A CheckResult lists where the code breaks the rules of unweld.yaml.
type CheckResult struct {
	OK         bool                `json:"ok"`
	Packages   int                 `json:"packages"`
	Violations []component.Problem `json:"violations"`

	Problems []component.Problem `json:"-"` // what could not be loaded
}

// Check holds the code to the rules of unweld.yaml.
func (s *Session) Check(ctx context.Context, patterns []string) (*CheckResult, error) {
	cfg, ok, err := s.Config()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &component.UsageError{Object: split.FileName, Reason: "doesn't exist", Hint: "write one with: unweld init"}
	}
	found, err := s.Find(ctx, FindOptions{Patterns: patterns})
	if err != nil {
		return nil, err
	}
	var known []string
	r := &CheckResult{Packages: len(found.Shared), Violations: []component.Problem{}, Problems: found.Problems}
	for _, c := range found.Components {
		known = append(known, c.Name)
		r.Packages += len(c.Packages)
	}
	if err := split.Usage(cfg.Check(known)); err != nil {
		return nil, err
	}
	rules := ruleChecker{cfg: cfg, found: found, module: s.Module}
	for _, c := range found.Couplings {
		r.Violations = append(r.Violations, rules.coupling(c)...)
	}
	r.Violations = component.SortProblems(r.Violations)
	r.OK = len(r.Violations) == 0
	return r, nil
}

type ruleChecker struct {
	cfg    *split.Config
	found  *component.Result
	module string
}

func (rc ruleChecker) coupling(c component.Coupling) []component.Problem {
	var ps []component.Problem
	if why := rc.notAllowed(c); why != "" {
		ps = append(ps, violation("rule-allow", c, c.Evidence[0], why, fmt.Sprintf("add %s to rules.allow.%s, or remove the use", c.To, c.From)))
	}
	if why := rc.upward(c); why != "" {
		ps = append(ps, violation("rule-layers", c, c.Evidence[0], why, "turn the dependency round, or move one of the two"))
	}
	for _, ev := range c.Evidence {
		if private := rc.private(ev.To); private != "" {
			ps = append(ps, violation("rule-private", c, ev, fmt.Sprintf("%s uses %s, and %s is private to %s", ev.From, ev.To, private, c.To), "use what "+c.To+" offers instead"))
		}
	}
	return ps
}

func (rc ruleChecker) notAllowed(c component.Coupling) string {
	allowed, listed := rc.cfg.Rules.Allow[c.From]
	if !listed || slices.Contains(allowed, c.To) {
		return ""
	}
	return fmt.Sprintf("%s may not use %s (%s)", c.From, c.To, count(len(c.Evidence), "place", "kinds of use"))
}

func (rc ruleChecker) upward(c component.Coupling) string {
	from, to := slices.Index(rc.cfg.Rules.Layers, c.From), slices.Index(rc.cfg.Rules.Layers, c.To)
	if from < 0 || to < 0 || from < to {
		return ""
	}
	return fmt.Sprintf("%s lies below %s and may not use it", c.From, c.To)
}

// private returns the private folder that a declaration lies in, or "".
func (rc ruleChecker) private(decl string) string {
	slash := strings.LastIndexByte(decl, '/') + 1
	importPath, _, _ := strings.Cut(decl[slash:], ".")
	importPath = decl[:slash] + importPath
	for _, p := range rc.cfg.Rules.Private {
		full := path.Join(rc.module, p)
		if importPath == full || strings.HasPrefix(importPath, full+"/") {
			return p
		}
	}
	return ""
}

func violation(code string, c component.Coupling, ev component.Evidence, message, hint string) component.Problem {
	return component.Problem{Code: code, Severity: component.Error, Component: c.From, Span: ev.Span, Message: message, Hint: hint}
}
