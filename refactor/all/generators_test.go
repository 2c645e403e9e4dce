package all_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/all"
	"github.com/unweld/unweld/refactor/internal/archive"
)

// TestGenerators changes methods whose mocks the real generators write. Afterwards the
// tests must pass, and the generators must have nothing to change.
func TestGenerators(t *testing.T) {
	if testing.Short() {
		t.Skip("builds mock generators")
	}
	files, err := filepath.Glob("testdata/generators/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := txtar.Write(ar, dir); err != nil {
				t.Fatal(err)
			}
			var runs [][2]string
			generate := []string{"go", "generate", "./..."}
			for line := range strings.Lines(string(ar.Comment)) {
				switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
				case "tool":
					t.Setenv("PATH", tool(t, value)+string(os.PathListSeparator)+os.Getenv("PATH"))
				case "run":
					name, target, _ := strings.Cut(value, " ")
					runs = append(runs, [2]string{name, target})
				}
			}
			if _, err := os.Stat(filepath.Join(dir, ".mockery.yml")); err == nil {
				generate = []string{"mockery"}
			}
			command(t, dir, generate...)
			command(t, dir, "go", "mod", "tidy")
			command(t, dir, "go", "test", "./...")
			before := archive.Tree(t, dir)
			for _, run := range runs {
				refactorWith(t, dir, run[0], run[1])
				command(t, dir, "go", "test", "./...")
				was := archive.Tree(t, dir)
				command(t, dir, generate...)
				if archive.Tree(t, dir) != was {
					t.Fatalf("%s %s: the generator has something to change", run[0], run[1])
				}
			}
			if archive.Tree(t, dir) == before {
				t.Error("nothing was changed")
			}
		})
	}
}

// refactorWith carries a refactoring out: without leave to run generators it must be
// refused with what gives it.
func refactorWith(t *testing.T, dir, name, target string) {
	t.Helper()
	i := slices.IndexFunc(all.Refactorings, func(r *refactor.Refactoring) bool { return r.Name == name })
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	in, req := refactor.Input{Snapshot: snap}, refactor.Request{Target: target}
	if _, err := all.Refactorings[i].Do(t.Context(), in, req); err == nil || !strings.Contains(err.Error(), "--run-generators") {
		t.Fatalf("%s %s without generators: %v", name, target, err)
	}
	req.RunGenerators = true
	set, err := all.Refactorings[i].Do(t.Context(), in, req)
	if err != nil {
		t.Fatalf("%s %s: %v (%s)", name, target, err, component.HintOf(err))
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
}

// tool builds a program, MODULE@VERSION, once for all runs, and returns its folder.
func tool(t *testing.T, module string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	name, version, _ := strings.Cut(module, "@")
	dir := filepath.Join(cache, "unweld", "tools", strings.ReplaceAll(name, "/", "+")+"-"+version)
	base := path.Base(name)
	if strings.HasPrefix(base, "v") {
		base = path.Base(path.Dir(name))
	}
	if _, err := os.Stat(filepath.Join(dir, base)); err == nil {
		return dir
	}
	made := t.TempDir()
	cmd := exec.Command("go", "install", module)
	cmd.Dir, cmd.Env = made, append(os.Environ(), "GOBIN="+made, "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go install %s: %v\n%s", module, err, out)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(made, base), filepath.Join(dir, base)); err != nil {
		return made // the cache is on another disk
	}
	return dir
}

func command(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
