package catalogue

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPagesAreCurrent(t *testing.T) {
	for name, want := range Pages() {
		got, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run: go generate ./...", name, err)
		}
	}
}

// TestEntriesAreDocumented keeps a plug-in without a name or a summary out.
func TestEntriesAreDocumented(t *testing.T) {
	for family, sections := range map[string][]section{
		"refactor": refactoringSections(), "bindings": bindingSections(),
		"stores": storeSections(), "deploy": targetSections(),
	} {
		seen := map[string]bool{}
		for _, s := range sections {
			if s.name == "" || strings.TrimSpace(s.doc) == "" {
				t.Errorf("%s: %q has no name or no documentation", family, s.name)
			}
			if seen[s.name] {
				t.Errorf("%s: the name %q is used twice", family, s.name)
			}
			seen[s.name] = true
		}
	}
}
