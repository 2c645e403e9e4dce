package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

const baselineVersion = 1

// A baseline is the file of violations that were there when the rules came.
type baseline struct {
	Version    int        `json:"version"`
	Violations []Accepted `json:"violations"`
}

// Accepted names a violation without its position, so that it stays accepted
// when lines move.
type Accepted struct {
	Rule string `json:"rule"`
	From string `json:"from"`
	To   string `json:"to"`
}

func (v Violation) accepted() Accepted { return Accepted{v.Code, v.From, v.To} }

func (r *CheckResult) entries() []Accepted {
	entries := []Accepted{}
	for _, v := range r.Violations {
		entries = append(entries, v.accepted())
	}
	slices.SortFunc(entries, func(a, b Accepted) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return slices.Compact(entries)
}

// accept leaves out the violations among known. If whole is set, the result is
// of all the code, and what is known and not there is stale.
func (r *CheckResult) accept(known []Accepted, whole bool) {
	there := map[Accepted]bool{}
	count := []Violation{}
	for _, v := range r.Violations {
		there[v.accepted()] = true
		if !slices.Contains(known, v.accepted()) {
			count = append(count, v)
		}
	}
	r.Accepted += len(r.Violations) - len(count)
	r.Violations = count
	if whole {
		r.Stale = slices.DeleteFunc(slices.Clone(known), func(a Accepted) bool { return there[a] })
	}
}

// Baseline returns the change set that makes a file the baseline of today: all
// violations that options would report without one.
func (s *Session) Baseline(ctx context.Context, options CheckOptions) (change.Set, *CheckResult, error) {
	file, err := s.baselineFile(options.Baseline)
	if err != nil {
		return change.Set{}, nil, err
	}
	r, _, err := s.checkWhere(ctx, options)
	if err != nil {
		return change.Set{}, nil, err
	}
	content, err := json.MarshalIndent(baseline{baselineVersion, r.entries()}, "", "  ")
	if err != nil {
		return change.Set{}, nil, err
	}
	now := map[string][]byte{file: append(content, '\n')}
	before, _, err := s.read(file)
	if err != nil {
		return change.Set{}, nil, err
	}
	then := map[string][]byte{}
	if before != nil {
		then[file] = before
	}
	return change.Between("write "+file, then, now), r, nil
}

func (s *Session) readBaseline(name string) ([]Accepted, error) {
	if name == "" {
		return nil, nil
	}
	file, err := s.baselineFile(name)
	if err != nil {
		return nil, err
	}
	content, _, err := s.read(file)
	switch {
	case err != nil:
		return nil, err
	case content == nil:
		return nil, &component.UsageError{Object: name, Reason: "doesn't exist", Hint: "write it with: unweld check --baseline " + name + " --write"}
	}
	var b baseline
	if err := json.Unmarshal(content, &b); err != nil {
		return nil, &component.UsageError{Object: name, Reason: "is no baseline: " + err.Error(), Hint: "write it again with --write"}
	}
	if b.Version != baselineVersion {
		return nil, &component.UsageError{Object: name, Reason: "is a baseline of a version that isn't known", Hint: "write it again with --write"}
	}
	return b.Violations, nil
}

// baselineFile returns the name of a baseline relative to the root.
func (s *Session) baselineFile(name string) (string, error) {
	file := name
	if filepath.IsAbs(file) {
		rel, err := filepath.Rel(s.Root, file)
		if err != nil {
			return "", err
		}
		file = rel
	}
	if !filepath.IsLocal(file) {
		return "", &component.UsageError{Object: name, Reason: "lies outside the module", Hint: "keep the baseline beside unweld.yaml, under version control"}
	}
	return filepath.ToSlash(filepath.Clean(file)), nil
}
