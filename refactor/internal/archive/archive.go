// Package archive runs refactorings on small modules that are written as txtar
// archives, for their tests.
//
// An archive begins with a sentence that says what is tested and with lines
// "target: ...", "params: NAME=VALUE ...", "bindings: all" and "generators: run". Then come the files of the module
// example.com/m, and what comes out: the notes and the diff, or the error.
package archive

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/refactor"
)

// A Suite is a folder of archives.
type Suite struct {
	Refactoring *refactor.Refactoring
	// Input returns what the refactoring works on; nil for the snapshot alone.
	Input func(*testing.T, *source.Snapshot) refactor.Input
	// Update rewrites what should come out.
	Update bool
}

// WithConfig is what a refactoring works on that reads unweld.yaml, where an archive
// has one.
func WithConfig(_ *testing.T, snap *source.Snapshot) refactor.Input {
	in := refactor.Input{Snapshot: snap}
	if content, _, err := snap.Content(split.FileName); err == nil {
		in.ReadConfig = func() (*split.Config, error) {
			config, problems := split.Parse(split.FileName, content)
			return config, split.Usage(problems)
		}
	}
	return in
}

// summary is the section of what to know before anything else. Archives that are about
// it have one.
const summary = "summary"

// Run runs every archive of testdata. What comes out is vetted, its tests run, and
// undo must give back every byte.
func (s Suite) Run(t *testing.T) {
	Run(t, []string{"error", summary, "notes", "diff"}, s.Update, func(t *testing.T, dir, comment string) map[string]string {
		return s.outcome(t, dir, Request(comment), carriers(comment))
	})
}

// Run writes the module of every archive of testdata into a folder, and compares
// what do returns of it with the archive's sections of these names, which are no
// part of the module. With update it writes what do returns into the archive.
func Run(t *testing.T, sections []string, update bool, do func(t *testing.T, dir, comment string) map[string]string) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			run(t, file, sections, update, do)
		})
	}
}

func run(t *testing.T, file string, sections []string, update bool, do func(t *testing.T, dir, comment string) map[string]string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	module := &txtar.Archive{}
	for _, f := range ar.Files {
		if slices.Contains(sections, f.Name) {
			want[f.Name] = string(f.Data)
		} else {
			module.Files = append(module.Files, f)
		}
	}
	sections = slices.DeleteFunc(slices.Clone(sections), func(name string) bool {
		_, has := want[name]
		return name == summary && !has
	})
	files := slices.Clone(module.Files)
	if !slices.ContainsFunc(module.Files, func(f txtar.File) bool { return f.Name == "go.mod" || f.Name == "go.work" }) {
		module.Files = append(module.Files, txtar.File{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.26\n")})
	}
	dir := t.TempDir()
	if err := txtar.Write(module, dir); err != nil {
		t.Fatal(err)
	}
	got := do(t, dir, string(ar.Comment))
	if update {
		ar.Files = files
		for _, name := range sections {
			if got[name] != "" {
				ar.Files = append(ar.Files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range sections {
		if g, w := strings.TrimRight(got[name], "\n"), strings.TrimRight(want[name], "\n"); g != w {
			t.Errorf("%s: run with -update if this is right\ngot:\n%s\nwant:\n%s", name, g, w)
		}
	}
}

// outcome is what comes out of a request by section of an archive.
func (s Suite) outcome(t *testing.T, dir string, req refactor.Request, by component.Carriers) map[string]string {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir, Store: Memory})
	if err != nil {
		t.Fatal(err)
	}
	in := refactor.Input{Snapshot: snap}
	if s.Input != nil {
		in = s.Input(t, snap)
	}
	in.Carriers = by
	set, err := s.Refactoring.Do(t.Context(), in, req)
	s.again(t, in, req, set, err)
	if err != nil {
		said := err.Error() + "\n"
		if hint := component.HintOf(err); hint != "" {
			said += "hint: " + hint + "\n"
		}
		return map[string]string{"error": said}
	}
	var notes strings.Builder
	for _, n := range set.Notes {
		notes.WriteString(n.Span.String() + ": " + n.Message + "\n")
	}
	diff, err := change.Diff(dir, set)
	if err != nil {
		t.Fatal(err)
	}
	before := Tree(t, dir)
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	packages := "./..."
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
		packages = "work"
	}
	cmd := exec.Command("go", "test", "-vet=all", packages) // go vet and the tests, with the packages loaded once
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go test -vet=all: %v\n%s%s", err, out, diff)
	}
	if _, err := change.Undo(dir); err != nil {
		t.Error(err)
	}
	if after := Tree(t, dir); after != before {
		t.Errorf("undo left something else:\n%s", after)
	}
	return map[string]string{summary: lines(set.Summary), "notes": notes.String(), "diff": diff}
}

// again asks for the same once more, as an editor may: nothing that the packages of the
// snapshot are shared with may have changed by the first time. Generators aren't run twice.
func (s Suite) again(t *testing.T, in refactor.Input, req refactor.Request, set change.Set, err error) {
	if req.RunGenerators {
		return
	}
	other, failed := s.Refactoring.Do(t.Context(), in, req)
	if was, is := fmt.Sprint(err), fmt.Sprint(failed); was != is {
		t.Errorf("the second time, the error is %s, and not %s", is, was)
	}
	if !reflect.DeepEqual(set, other) {
		t.Errorf("the second time, it comes out as\n%v\nand not as\n%v", other, set)
	}
}

// lines writes one line each.
func lines(all []string) string {
	var b strings.Builder
	for _, line := range all {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Tree returns every folder and file below a folder, files with their content, but
// for those that undo keeps for itself.
func Tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".unweld":
			return filepath.SkipDir
		case d.IsDir():
			b.WriteString("-- " + name + "/ --\n")
			return nil
		}
		data, err := os.ReadFile(name)
		b.WriteString("-- " + name + " --\n" + string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// carriers are the bindings there are: with a line "bindings: all" one that carries all
// modes, without it none that carries more than values.
func carriers(comment string) component.Carriers {
	for line := range strings.Lines(comment) {
		if strings.TrimSpace(line) == "bindings: all" {
			return component.Carriers{All: []component.Carrier{{Name: "all", Modes: component.Carried}}}
		}
	}
	return component.Carriers{}
}

// Request reads what the sentence at the beginning of an archive is followed by.
func Request(comment string) refactor.Request {
	req := refactor.Request{Params: map[string]string{}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "target":
			req.Target = value
		case "generators":
			req.RunGenerators = value == "run"
		case "params":
			for p := range strings.FieldsSeq(value) {
				name, v, _ := strings.Cut(p, "=")
				req.Params[name] = v
			}
		}
	}
	return req
}
