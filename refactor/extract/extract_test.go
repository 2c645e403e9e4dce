package extract_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestExtract runs each archive of testdata: a sentence that says what is
// tested, the target and flags, the module, and what comes out: the notes and
// the diff, or the error. What comes out is built, vetted, and its tests run.
func TestExtract(t *testing.T) {
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

func testArchive(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeModule(t, dir, ar)
	req := parseRequest(string(ar.Comment))
	set, err := run(t, dir, req)
	got := map[string]string{}
	if err != nil {
		got["error"] = err.Error() + "\n" + hint(err)
	} else {
		got["notes"], got["diff"] = notes(set), diff(t, dir, set)
		if err := change.Apply(dir, set); err != nil {
			t.Fatal(err)
		}
		goCommand(t, dir, "vet", "./...")
		goCommand(t, dir, "test", "./...")
	}
	compare(t, file, ar, got)
}

// expectations are the sections of an archive that aren't part of the module.
var expectations = []string{"error", "notes", "diff"}

func writeModule(t *testing.T, dir string, ar *txtar.Archive) {
	t.Helper()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	for _, f := range ar.Files {
		if !slices.Contains(expectations, f.Name) {
			write(t, dir, f.Name, string(f.Data))
		}
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func parseRequest(comment string) refactor.Request {
	req := refactor.Request{Params: map[string]string{}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "target":
			req.Target = value
		case "name":
			req.Params["name"] = value
		case "params":
			for f := range strings.FieldsSeq(value) {
				name, v, _ := strings.Cut(f, "=")
				req.Params[name] = v
			}
		case "flags":
			for f := range strings.FieldsSeq(value) {
				name, v, given := strings.Cut(f, "=")
				if !given {
					v = "true"
				}
				req.Params[name] = v
			}
		}
	}
	return req
}

func run(t *testing.T, dir string, req refactor.Request) (change.Set, error) {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return extract.Refactoring.Do(context.Background(), refactor.Input{Snapshot: snap}, req)
}

func hint(err error) string {
	if h := component.HintOf(err); h != "" {
		return "hint: " + h + "\n"
	}
	return ""
}

func notes(set change.Set) string {
	var b strings.Builder
	for _, n := range set.Notes {
		b.WriteString(n.Span.String() + ": " + n.Message + "\n")
	}
	return b.String()
}

func diff(t *testing.T, dir string, set change.Set) string {
	t.Helper()
	d, err := change.Diff(dir, set)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func compare(t *testing.T, file string, ar *txtar.Archive, got map[string]string) {
	t.Helper()
	want := map[string]string{}
	ar.Files = slices.DeleteFunc(ar.Files, func(f txtar.File) bool {
		if slices.Contains(expectations, f.Name) {
			want[f.Name] = string(f.Data)
			return true
		}
		return false
	})
	if *update {
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

// isRefusal reports an error that names a place or is about the request.
func isRefusal(err error) bool {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		return !bytes.Contains([]byte(r.Error()), []byte("doesn't type-check here"))
	}
	_, usage := errors.AsType[*component.UsageError](err)
	return usage
}

// TestNameOfTarget has targets with the name that a component gets of each; "" means
// that one has to be given.
func TestNameOfTarget(t *testing.T) {
	for target, want := range map[string]string{
		"./pricing":               "pricing",
		"./pricing.Engine":        "pricing",
		"./shop/pricing.{A,B}":    "pricing",
		"example.com/m/html/":     "html",
		"example.com/m/v2":        "m",
		"example.com/m/v2.Engine": "m",
		"gopkg.in/yaml.v3":        "yaml",
		"./Billing":               "billing",
		"./go-units":              "go-units",
		".":                       "",
		"..":                      "",
		"./.Engine":               "",
		"./pricing.{A":            "",
		"":                        "",
		"./\u540d":                "",
	} {
		in := refactor.Input{}
		req, err := extract.Refactoring.Check(in, refactor.Request{Target: target})
		if got := req.Params["name"]; got != want || (err == nil) != (want != "") {
			t.Errorf("the name of %q is %q (%v), want %q", target, got, err, want)
		}
	}
}
