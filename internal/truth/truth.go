// Package truth scores the components that find proposes against components
// that people made: a modular program's own modules, or the services that its
// authors run it as. A truth is a small JSON file; see testdata/truth.
//
// It deliberately knows nothing of how components are found.
package truth

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A Truth says which component packages or declarations belong to. Names that
// it doesn't contain are shared or not of interest, and aren't scored.
type Truth struct {
	Repository string              `json:"repository,omitempty"`
	Commit     string              `json:"commit,omitempty"`
	From       string              `json:"from"` // the source of the truth
	Unit       string              `json:"unit,omitempty"`
	Module     string              `json:"module"`
	Components map[string][]string `json:"components"` // ./folder, ./folder/..., or whole ids
}

// Load reads a truth.
func Load(file string) (*Truth, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t := &Truth{}
	if err := json.Unmarshal(data, t); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

// Of returns the component of an import path or declaration, or "". A method
// belongs to its type. The longest pattern counts.
func (t *Truth) Of(id string) string {
	best, length := "", -1
	for name, patterns := range t.Components {
		for _, p := range patterns {
			if t.covers(p, id) && len(p) > length {
				best, length = name, len(p)
			}
		}
	}
	return best
}

func (t *Truth) covers(pattern, id string) bool {
	dir, deep := strings.CutSuffix(pattern, "/...")
	if rel, ok := strings.CutPrefix(dir, "./"); ok {
		dir = t.Module + "/" + rel
	}
	return id == dir || deep && strings.HasPrefix(id, dir+"/")
}

// Score compares a result with the truth. A truth that lists declarations may
// name methods: they are where their type is.
func (t *Truth) Score(r *component.Result) Score {
	want, got := map[string]string{}, map[string]string{}
	for _, c := range r.Components {
		for _, id := range slices.Concat(c.Packages, c.Decls) {
			got[id] = c.Name
		}
	}
	for _, id := range r.Shared {
		got[id] = ""
	}
	for id := range got {
		if name := t.Of(id); name != "" {
			want[id] = name
		}
	}
	for name, ids := range t.Components {
		for _, id := range ids {
			typ, ok := got[id[:max(0, strings.LastIndexByte(id, '.'))]]
			if _, placed := got[id]; ok && !placed && r.Unit == "decl" {
				want[id], got[id] = name, typ
			}
		}
	}
	return Compare(want, got)
}
