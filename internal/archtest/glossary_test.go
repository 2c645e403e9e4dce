package archtest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGlossary(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for pkg, declared := range declarations(t, root) {
		if pkg != "tests" {
			names = append(append(names, pkg), declared...)
		}
	}
	for _, problem := range CheckGlossary(Document{"ARCHITECTURE.md", string(content)}, names) {
		t.Error(problem)
	}
}

// Each row of a glossary that is wrong is reported, and a right one isn't.
func TestCheckGlossary(t *testing.T) {
	const head = "# Page\n\n## Glossary\n\n| term | meaning | where |\n|---|---|---|\n"
	names := []string{"EntryUnit", "drainLimit", "Pinned"}
	for content, want := range map[string]int{
		head + "| entry unit | where main goes on | `a` |\n":                 0,
		head + "| drain | to wait | `a` |\n| pinned | not movable | `a` |\n": 0,
		head + "| pinned | not movable | `a` |\n| drain | to wait | `a` |\n": 1,
		head + "| drain, zone | to wait | `a` |\n":                           1,
		head + "| drain | to wait, or to *halt* | `a` |\n":                   1,
		head:       1,
		"# Page\n": 1,
	} {
		if got := CheckGlossary(Document{"p.md", content}, names); len(got) != want {
			t.Errorf("%q: got %q, want %d problems", content, got, want)
		}
	}
}
