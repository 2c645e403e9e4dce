package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// load lists the packages of the module at dir.
func load(t *testing.T, dir string) []Package {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-tags=unweldtools", "-json=ImportPath,Dir,Imports,GoFiles,CgoFiles", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []Package
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath, Dir            string
			Imports, GoFiles, CgoFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		q := Package{Path: p.ImportPath, Dir: p.Dir, Imports: p.Imports}
		for _, f := range slices.Concat(p.GoFiles, p.CgoFiles) {
			q.Files = append(q.Files, filepath.Join(p.Dir, f))
		}
		packages = append(packages, q)
	}
}

func checkAll(packages []Package) []string {
	return slices.Concat(CheckImports(packages), CheckFiles(packages), CheckNames(packages))
}

func TestThisModule(t *testing.T) {
	packages := load(t, "../..")
	if len(packages) < 10 {
		t.Fatalf("only %d packages listed", len(packages))
	}
	for _, problem := range checkAll(packages) {
		t.Error(problem)
	}
}

// TestChecksCanFail runs the checks on modules made to break each rule.
func TestChecksCanFail(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			a, err := txtar.ParseFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := txtar.Write(a, dir); err != nil {
				t.Fatal(err)
			}
			packages := load(t, dir)
			got := checkAll(packages)
			var want []string
			for _, f := range a.Files {
				if f.Name == "want" {
					want = strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestSizes(t *testing.T) {
	dir := t.TempDir()
	long := "// Package text is too long.\npackage text\n\nfunc long() {\n" + strings.Repeat("\tprintln()\n", maxFunction) + "}\n" + strings.Repeat("\n", maxFile)
	a := &txtar.Archive{Files: []txtar.File{
		{Name: "go.mod", Data: []byte("module " + Module + "\n")},
		{Name: "internal/text/long.go", Data: []byte(long)},
	}}
	if err := txtar.Write(a, dir); err != nil {
		t.Fatal(err)
	}
	got := CheckFiles(load(t, dir))
	want := []string{
		"internal/text/long.go: 685 lines, more than 600",
		"internal/text/long.go:4: long has 82 lines, more than 80",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems: %q, want %q", got, want)
	}
}

// notLinked are modules that tests use and that would make the command line too
// large, or drag along what it must not contain.
var notLinked = []string{"github.com/nats-io/nats-server/", "github.com/nats-io/nats.go"}

// TestNotLinked: the command line doesn't contain what it starts as a program of
// its own, nor a client of it.
func TestNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../../cmd/unweld").Output()
	if err != nil {
		t.Fatal(err)
	}
	for p := range strings.Lines(string(out)) {
		if slices.ContainsFunc(notLinked, func(m string) bool { return strings.HasPrefix(p, m) }) {
			t.Errorf("cmd/unweld links %s", p)
		}
	}
}
