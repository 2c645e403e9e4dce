package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A repository is a git repository, and the environment that git runs in there.
type repository struct {
	*testing.T
	dir string
	env []string
}

// git runs git, and reports whether it succeeded.
func (r repository) git(args ...string) (out string, ok bool) {
	r.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	said, err := cmd.CombinedOutput()
	return string(said), err == nil
}

// must runs git where it can't fail.
func (r repository) must(args ...string) string {
	r.Helper()
	out, ok := r.git(args...)
	if !ok {
		r.Fatalf("git %q: %s", args, out)
	}
	return strings.TrimSpace(out)
}

// commit writes a file, stages it and commits it alone.
func (r repository) commit(file, content string) (out string, ok bool) {
	r.Helper()
	writeFile(r.T, filepath.Join(r.dir, file), content)
	r.must("add", file)
	return r.git("commit", "-m", file)
}

func writeFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// hookRepository commits the files of this repository, as they are now, to a new one, and returns its
// folder and the commit.
func hookRepository(t *testing.T, env []string) (dir, rev string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := repository{t, t.TempDir(), env}
	r.must("init", "-q")
	r.must("--work-tree", root, "add", "-A", root)
	r.must("commit", "-q", "-m", "hook")
	return r.dir, r.must("rev-parse", "HEAD")
}

// hooks is where the real pre-commit finds the hooks of this repository, and what it has built of them.
type hooks struct {
	env             []string
	home, repo, rev string
}

// in returns a new repository with files that aren't committed, in which pre-commit runs a hook.
func (h hooks) in(t *testing.T, id string, files map[string]string) repository {
	t.Helper()
	r := repository{t, t.TempDir(), h.env}
	writeFile(t, filepath.Join(r.dir, ".pre-commit-config.yaml"), "repos:\n- repo: "+h.repo+"\n  rev: "+h.rev+"\n  hooks:\n  - id: "+id+"\n")
	for file, content := range files {
		writeFile(t, filepath.Join(r.dir, file), content)
	}
	r.must("init", "-q")
	install := exec.Command("pre-commit", "install", "--install-hooks")
	install.Dir, install.Env = r.dir, h.env
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("pre-commit install: %v\n%s", err, out)
	}
	return r
}

// program is the one that pre-commit has built.
func (h hooks) program(t *testing.T) string {
	t.Helper()
	programs, err := filepath.Glob(filepath.Join(h.home, "repo*", "golangenv-*", "bin", "*"))
	if err != nil || len(programs) != 1 || filepath.Base(programs[0]) != "unweld" {
		t.Fatalf("the hooks installed %q, %v", programs, err)
	}
	return programs[0]
}

// TestPreCommit installs the hooks with the real pre-commit, which builds the program once, and commits.
func TestPreCommit(t *testing.T) {
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("pre-commit is missing; install it with: make tools")
	}
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	h := hooks{home: t.TempDir()}
	h.env = append(os.Environ(), "PRE_COMMIT_HOME="+h.home, "GOMODCACHE="+strings.TrimSpace(string(modules)), "GOFLAGS=-buildvcs=false -trimpath", // so that it can be built from the cache of builds
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
	h.repo, h.rev = hookRepository(t, h.env)
	t.Run("unweld-check", h.check)
	t.Run("unweld-baseline", h.baseline)
}

// check: the hook runs for whatever check depends on, and refuses what breaks the rules.
func (h hooks) check(t *testing.T) {
	const rules = "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\nrules:\n  layers: [%b, %a]\n"
	kept := strings.NewReplacer("%", "").Replace(rules)
	broken := strings.NewReplacer("%b", "a", "%a", "b").Replace(rules)
	r := h.in(t, "unweld-check", map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n", "unweld.yaml": kept,
		"a/a.go": "package a\n\nfunc F() {}\n", "b/b.go": "package b\n\nimport \"example.com/m/a\"\n\nfunc G() { a.F() }\n",
	})
	r.must("add", ".")
	if out := r.must("commit", "-m", "all"); !strings.Contains(out, "Passed") {
		t.Errorf("the first commit: %s", out)
	}
	h.program(t)
	for _, c := range []struct {
		file, content string
		ok            bool
		want          string
	}{
		{"README.md", "text\n", true, "Skipped"},
		{"unweld.yaml", broken, false, "b/b.go:5:14: rule-layers: b lies below a and may not use it"},
		{"unweld.yaml", kept + "# kept\n", true, "Passed"},
		{"go.work", "go 1.26\n\nuse .\n", true, "Passed"},
		{"go.sum", "\n", true, "Passed"},
		{"a/a.go", "package a\n\nimport \"example.com/m/b\"\n\nfunc F() { b.G() }\n", false, "import cycle"},
		{"a/a.go", "package a\n\nfunc F() {}\n\nfunc H() {}\n", true, "Passed"},
	} {
		if out, ok := r.commit(c.file, c.content); ok != c.ok || !strings.Contains(out, c.want) {
			t.Errorf("commit of %s (%t, want %t): %s\nwant %q", c.file, ok, c.ok, out, c.want)
		}
	}
}

// baselineOf is how many violations the baseline of a commit accepts.
func (r repository) baselineOf(revision string) int {
	r.Helper()
	return strings.Count(r.must("show", revision+":unweld.baseline.json"), "\"rule\"")
}

// baseline: the hook commits the baseline without what the commit mends, however it is committed, and refuses
// what is new.
func (h hooks) baseline(t *testing.T) {
	r := h.in(t, "unweld-baseline", map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n", "unweld.yaml": "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\nrules:\n  layers: [a, b]\n",
		"a/a.go": "package a\n\nfunc F() {}\n", "b/b.go": "package b\n\nimport \"example.com/m/a\"\n\nfunc G() { a.F() }\n\nfunc H() { a.F() }\n",
	})
	accept := exec.Command(h.program(t), "check", "--baseline", "unweld.baseline.json", "--write")
	accept.Dir, accept.Env = r.dir, r.env
	if out, err := accept.CombinedOutput(); err != nil {
		t.Fatalf("the first baseline: %v\n%s", err, out)
	}
	r.must("add", ".")
	if out, ok := r.git("commit", "-m", "all"); !ok || r.baselineOf("HEAD") != 2 {
		t.Fatalf("the first commit: %s", out)
	}
	const one = "package b\n\nimport \"example.com/m/a\"\n\nfunc G() { a.F() }\n"
	if out, ok := r.commit("b/b.go", one); !ok || r.baselineOf("HEAD") != 1 {
		t.Errorf("a commit that mends one leaves %d: %s", r.baselineOf("HEAD"), out)
	}
	if out, ok := r.commit("b/c.go", "package b\n\nimport \"example.com/m/a\"\n\nfunc I() { a.F() }\n"); ok || !strings.Contains(out, "b/c.go:5:14: rule-layers") {
		t.Errorf("a commit that breaks a rule: %s", out)
	}
	r.must("rm", "-q", "-f", "b/c.go")
	writeFile(t, filepath.Join(r.dir, "b", "b.go"), "package b\n")
	if out, ok := r.git("commit", "-a", "-m", "all"); !ok || r.baselineOf("HEAD") != 0 {
		t.Errorf("commit -a leaves %d: %s", r.baselineOf("HEAD"), out)
	}
	if left := r.must("status", "--porcelain"); left != "" {
		t.Errorf("what isn't committed: %s", left)
	}
}
