package golangci

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// version is that of the golangci-lint that the plug-in is built into.
const version = "v2.15.0"

const program = `// Command lint is golangci-lint with the plug-in, as golangci-lint custom makes it.
package main

import (
	"fmt"
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"

	_ "github.com/unweld/unweld/golangci"
)

func main() {
	if err := commands.Execute(commands.BuildInfo{GoVersion: "go1.26", Version: "` + version + `", Commit: "none", Date: "now"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
`

// lint builds the real golangci-lint with the plug-in. Its module is kept in the user's cache
// folder: golangci-lint custom would clone a repository, and the first build takes minutes.
func lint(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "unweld", "golangci-"+version)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "main.go"), program)
	module := filepath.Join(dir, "go.mod")
	if content, err := os.ReadFile(module); err != nil || !strings.Contains(string(content), "=> "+here+"\n") {
		write(t, module, "module example.com/lint\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/golangci/golangci-lint/v2 "+version+"\n\tgithub.com/unweld/unweld v0.0.0\n)\n\nreplace github.com/unweld/unweld => "+here+"\n")
	}
	cmd := exec.Command("go", "build", "-mod=mod", "-o", filepath.Join(t.TempDir(), "lint"), ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return cmd.Args[4]
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func config(contract string) string {
	return "version: 1\ncomponents:\n  feed: {packages: [./feed], contract: ./feed." + contract + "}\n"
}

// files writes a module with two contracts, each of which has something that can't cross.
func files(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.24\n", "unweld.yaml": config("Service"),
		".golangci.yml": "version: \"2\"\nlinters:\n  default: none\n  enable: [unweld]\n  settings:\n    custom:\n      unweld: {type: module, description: what can't cross a process}\n",
		"feed/feed.go":  "package feed\n\nimport \"context\"\n\ntype Event struct{ done chan bool }\n\ntype Service interface {\n\tNext(ctx context.Context) (Event, error)\n}\n\ntype Other interface{ Plain() chan int }\n",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

// TestGolangciLint runs golangci-lint as people do. A change of unweld.yaml alone isn't hidden by
// its cache, and a mistake in that file is no silence.
func TestGolangciLint(t *testing.T) {
	if testing.Short() {
		t.Skip("building golangci-lint takes minutes")
	}
	bin, dir, cache := lint(t), files(t), t.TempDir()
	run := func() string {
		cmd := exec.Command(bin, "run", "./...")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOLANGCI_LINT_CACHE="+cache)
		out, _ := cmd.CombinedOutput() // findings are an exit status of 1
		return string(out)
	}
	for _, again := range []string{"first", "from its cache"} {
		if out := run(); !strings.Contains(out, "feed/feed.go:8:2: chan-in-contract: Next: Event.done (chan bool): in one process") || !strings.Contains(out, "(unweld)") || strings.Contains(out, "Plain") {
			t.Errorf("%s, it says:\n%s", again, out)
		}
	}
	write(t, filepath.Join(dir, "unweld.yaml"), config("Other"))
	if out := run(); !strings.Contains(out, "Plain") || strings.Contains(out, "Next") {
		t.Errorf("after a change of unweld.yaml, it says:\n%s", out)
	}
	write(t, filepath.Join(dir, "unweld.yaml"), config("Gone"))
	if out := run(); !strings.Contains(out, "contract ./feed.Gone: package example.com/m/feed declares no Gone") {
		t.Errorf("with a contract that isn't there, it says:\n%s", out)
	}
}

// TestPlugin builds the analyzers for two configurations.
func TestPlugin(t *testing.T) {
	dir := files(t)
	t.Chdir(dir)
	names := map[string]bool{}
	for _, contract := range []string{"Service", "Other"} {
		write(t, filepath.Join(dir, "unweld.yaml"), config(contract))
		p, err := New(nil)
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.BuildAnalyzers()
		if err != nil || len(all) != 2 || all[0].Name != "unweld" || len(all[0].FactTypes) == 0 {
			t.Fatalf("analyzers: %v, %v", all, err)
		}
		if err := analysis.Validate(all); err != nil {
			t.Error(err)
		}
		names[all[1].Name] = true
	}
	if len(names) != 2 {
		t.Errorf("both configurations have the name %v", names)
	}
	if _, err := New(map[string]any{"split": "micro"}); err == nil {
		t.Error("settings that mean nothing are taken")
	}
	write(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents: 7\n")
	p, _ := New(map[string]any{})
	if _, err := p.BuildAnalyzers(); err == nil || !strings.Contains(err.Error(), "unweld.yaml:2") {
		t.Errorf("a malformed unweld.yaml: %v", err)
	}
}
