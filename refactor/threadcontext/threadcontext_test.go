package threadcontext_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/threadcontext"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestThread runs each archive of testdata: a sentence that says what is
// tested, the target and parameters, the module, and what comes out: the notes
// and the diff, or the error. What comes out is vetted, and its tests run.
func TestThread(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testArchive(t, file)
		})
	}
}

// expectations are the sections of an archive that aren't part of the module.
var expectations = []string{"error", "notes", "diff"}

func testArchive(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	module := &txtar.Archive{Files: []txtar.File{{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.26\n")}}}
	for _, f := range ar.Files {
		if slices.Contains(expectations, f.Name) {
			want[f.Name] = string(f.Data)
		} else {
			module.Files = append(module.Files, f)
		}
	}
	dir := t.TempDir()
	if err := txtar.Write(module, dir); err != nil {
		t.Fatal(err)
	}
	got := outcome(t, dir, request(string(ar.Comment)))
	if *update {
		ar.Files = module.Files[1:]
		for _, name := range expectations {
			if got[name] != "" {
				ar.Files = append(ar.Files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range expectations {
		if g, w := strings.TrimRight(got[name], "\n"), strings.TrimRight(want[name], "\n"); g != w {
			t.Errorf("%s: run with -update if this is right\ngot:\n%s\nwant:\n%s", name, g, w)
		}
	}
}

// outcome is what comes out of a request by section of an archive.
func outcome(t *testing.T, dir string, req refactor.Request) map[string]string {
	set, err := do(t, dir, req)
	if err != nil {
		return map[string]string{"error": err.Error() + "\n" + component.HintOf(err)}
	}
	var notes strings.Builder
	for _, n := range set.Notes {
		notes.WriteString(n.Span.String() + ": " + n.Message + "\n")
	}
	diff, err := change.Diff(dir, set)
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"vet", "test"} {
		cmd := exec.Command("go", verb, "./...")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s%s", verb, err, out, diff)
		}
	}
	return map[string]string{"notes": notes.String(), "diff": diff}
}

func do(t *testing.T, dir string, req refactor.Request) (change.Set, error) {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return threadcontext.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
}

func request(comment string) refactor.Request {
	req := refactor.Request{Params: map[string]string{}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "target":
			req.Target = value
		case "params":
			for p := range strings.FieldsSeq(value) {
				name, v, _ := strings.Cut(p, "=")
				req.Params[name] = v
			}
		}
	}
	return req
}

// isRefusal reports an error with a reason of our own: about the request, or
// about a place; a type error in what we wrote is none.
func isRefusal(err error) bool {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		return !strings.Contains(r.Error(), "doesn't type-check here")
	}
	_, usage := errors.AsType[*component.UsageError](err)
	return usage
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nimport \"context\"\n\nfunc F(n int) int { return n }\n\nfunc G(ctx context.Context) {}\n\nfunc init() {}\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M() {}\n\nfunc asm()\n"
	for needle, want := range map[string]string{
		"F(n":    "./a.F",
		"M()":    "./a.T.M",
		"G(ctx":  "./a.G: G takes a context already",
		"init":   "./a.init: the runtime calls init",
		"asm":    "./a.asm: asm has no Go body",
		"type T": "",
		"return": "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range threadcontext.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := threadcontext.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
