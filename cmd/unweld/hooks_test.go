package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestHooks: the hooks for pre-commit run for every file that the outcome of check
// depends on, and for no others.
func TestHooks(t *testing.T) {
	data, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID    string   `yaml:"id"`
		Entry string   `yaml:"entry"`
		Files string   `yaml:"files"`
		Types []string `yaml:"types_or"`
	}
	if err := yaml.Unmarshal(data, &hooks); err != nil || len(hooks) != 2 || hooks[0].Entry != "unweld check --staged" || hooks[1].Entry != "unweld check --staged --baseline unweld.baseline.json --prune" ||
		len(hooks[0].Types)+len(hooks[1].Types) > 0 || hooks[0].Files != hooks[1].Files {
		t.Fatalf("hooks: %+v, %v", hooks, err)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, want := range map[string]bool{
		"main.go": true, "a/b.go": true, "go.mod": true, "tools/go.sum": true, "go.work": true, "go.work.sum": true, "unweld.yaml": true, "unweld.lock": true, "m/unweld.yaml": true,
		"unweld.baseline.json": true, "ci/baseline.json": true,
		"README.md": false, "a.go.txt": false, "cargo.mod": false, "my-unweld.yaml": false, "package.json": false,
	} {
		if got := files.MatchString(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestOneProgram: pre-commit installs a hook with go install ./..., which builds unweld and
// nothing else. unweld-vet can be installed by its path.
func TestOneProgram(t *testing.T) {
	list := func(patterns ...string) string {
		args := append([]string{"list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`}, patterns...)
		cmd := exec.Command("go", args...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	if got := list("./..."); got != "github.com/unweld/unweld/cmd/unweld" {
		t.Errorf("go install ./... builds %q", got)
	}
	if got := list("./cmd/unweld-vet"); got != "github.com/unweld/unweld/cmd/unweld-vet" {
		t.Errorf("the program for go vet is %q", got)
	}
}
