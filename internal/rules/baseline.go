package rules

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"

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

// Accepted is the entry of a baseline that accepts v.
func (v Violation) Accepted() Accepted { return Accepted{v.Code, v.From, v.To} }

// Entries are the violations that count as a baseline has them: sorted, each once.
// It is never nil.
func (r *Result) Entries() []Accepted {
	entries := []Accepted{}
	for _, v := range r.Violations {
		entries = append(entries, v.Accepted())
	}
	return SortAccepted(entries)
}

// SortAccepted sorts entries, in place, as a baseline has them, and returns each once.
func SortAccepted(entries []Accepted) []Accepted {
	slices.SortFunc(entries, func(a, b Accepted) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return slices.Compact(entries)
}

// Accept leaves out the violations among known. If whole is set, the result is
// of all the code, and what is known and not there is stale.
func (r *Result) Accept(known []Accepted, whole bool) {
	there := map[Accepted]bool{}
	count := []Violation{}
	for _, v := range r.Violations {
		there[v.Accepted()] = true
		if !slices.Contains(known, v.Accepted()) {
			count = append(count, v)
		}
	}
	r.Accepted += len(r.Violations) - len(count)
	r.Violations = count
	if whole {
		r.Stale = slices.DeleteFunc(slices.Clone(known), func(a Accepted) bool { return there[a] })
	}
}

// EncodeBaseline returns the content of a baseline.
func EncodeBaseline(entries []Accepted) ([]byte, error) {
	content, err := json.MarshalIndent(baseline{baselineVersion, entries}, "", "  ")
	return append(content, '\n'), err
}

// ParseBaseline reads the content of a baseline; nil is that of a file that isn't
// there. What is no baseline of this version is a *component.UsageError about name.
func ParseBaseline(name string, content []byte) ([]Accepted, error) {
	if content == nil {
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

// BaselineFile returns the name of a baseline relative to the root, with slashes.
// One outside of the root is a *component.UsageError.
func BaselineFile(root, name string) (string, error) {
	file := name
	if filepath.IsAbs(file) {
		rel, err := filepath.Rel(root, file)
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
