package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine/vettool"
	"github.com/unweld/unweld/internal/component"
)

// A VetFinding is one thing that a per-package rule complains of.
type VetFinding struct {
	Rule    string `json:"rule"`
	Pos     string `json:"pos"` // file:line:col, relative to the root
	Message string `json:"message"`
}

// Vet runs the per-package rules under go vet, whose cache keeps what they said
// of packages that didn't change. Program is an executable that runs package
// vettool when vettool.Env is set.
func (s *Session) Vet(ctx context.Context, program string, patterns []string) ([]VetFinding, error) {
	if err := s.CheckConfig(ctx); err != nil {
		return nil, err
	}
	if len(patterns) == 0 {
		patterns = s.wholeModule()
	}
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	s.progress("vetting")
	args := []string{"vet", "-json", "-vettool=" + program, "--"}
	cmd := exec.CommandContext(ctx, "go", append(args, s.snap.Expand(patterns)...)...)
	cmd.Dir, cmd.Env = s.options.Dir, append(os.Environ(), vettool.Env+"="+s.Root)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	findings, said := s.readVet(out)
	if err != nil || len(said) > 0 && len(findings) == 0 {
		return nil, &component.LoadError{Object: strings.Join(patterns, " "), Reason: "go vet failed: " + cmp.Or(strings.Join(said, "\n\t"), err.Error()),
			Hint: "see the compiler's errors: go build ./..."}
	}
	return findings, nil
}

// readVet takes the output of go vet -json apart: one object per package,
// between lines of text.
func (s *Session) readVet(out []byte) (findings []VetFinding, said []string) {
	for len(out) > 0 {
		if out[0] == '{' {
			var packages map[string]map[string]json.RawMessage
			d := json.NewDecoder(bytes.NewReader(out))
			if d.Decode(&packages) == nil {
				for _, rules := range packages {
					findings = append(findings, s.vetFindings(rules)...)
				}
				out = bytes.TrimLeft(out[d.InputOffset():], "\n")
				continue
			}
		}
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		if text := strings.TrimSpace(string(line)); text != "" && !strings.HasPrefix(text, "#") {
			said = append(said, s.snap.Shorten(text))
		}
		out = rest
	}
	slices.SortFunc(findings, func(a, b VetFinding) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(findings), said
}

func (s *Session) vetFindings(rules map[string]json.RawMessage) []VetFinding {
	var all []VetFinding
	for rule, raw := range rules {
		var found []struct{ Posn, Message string }
		if json.Unmarshal(raw, &found) != nil {
			found = []struct{ Posn, Message string }{{"", string(raw)}} // the rule itself failed
		}
		for _, f := range found {
			pos := f.Posn
			if rel, err := filepath.Rel(s.Root, pos); err == nil && filepath.IsLocal(rel) {
				pos = filepath.ToSlash(rel)
			}
			all = append(all, VetFinding{Rule: rule, Pos: pos, Message: strings.TrimPrefix(f.Message, rule+": ")})
		}
	}
	return all
}
