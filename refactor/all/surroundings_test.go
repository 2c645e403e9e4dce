package all_test

import (
	"flag"
	"fmt"
	"maps"
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

var everyArchive = flag.Bool("every-archive", false, "whether TestSurroundings takes every archive instead of each refactoring's example")

// added is in the names of files that surroundings add to packages.
const added = "zz_added"

// A surrounding is what a module may stand in or have beside the code that a
// refactoring is about: the same change comes of it.
type surrounding struct {
	name string
	// put changes the files of a module, by path, and returns the folder that the
	// module is in now.
	put func(t *testing.T, files map[string]string) string
	// refusal is what a refactoring may say instead: what it can't know or can't move.
	refusal string
	// before changes the files of the module that it is held to, too.
	before func(files map[string]string)
}

var surroundings = []surrounding{
	{name: "line ends of Windows", put: windowsLines},
	{name: "line ends of Windows in long comments", put: windowsLines, before: longComments},
	{name: "a workspace, in a folder with a space", put: func(_ *testing.T, files map[string]string) string {
		if _, has := files["go.work"]; has {
			return "."
		}
		for _, name := range slices.Collect(maps.Keys(files)) {
			files["the module/"+name] = files[name]
			delete(files, name)
		}
		files["go.work"] = "go 1.26\n\nuse (\n\t\"./the module\"\n\t./tools\n)\n"
		files["tools/go.mod"] = "module example.com/tools\n\ngo 1.26\n"
		files["tools/main.go"] = "package main\n\nfunc main() {}\n"
		return "the module"
	}},
	{name: "files of other builds", put: func(_ *testing.T, files map[string]string) string {
		for dir, name := range packageNames(files) {
			files[path.Join(dir, added+"_plan9.go")] = "package " + name + "\n\nconst zzSystem = \"plan9\"\n"
			files[path.Join(dir, added+"_tagged.go")] = "//go:build special\n\npackage " + name + "\n\nconst zzSpecial = true\n"
		}
		return "."
	}},
	{name: "cgo", put: func(t *testing.T, files map[string]string) string {
		if _, err := exec.LookPath("gcc"); err != nil {
			t.Skip("no C compiler: the go command leaves files that use cgo out then")
		}
		for dir, name := range packageNames(files) {
			files[path.Join(dir, added+".go")] = "package " + name + "\n\n// int zz(void);\nimport \"C\"\n\nvar zzInt C.int\n"
		}
		return "."
	}, refusal: "uses cgo"},
	{name: "linkname", put: func(_ *testing.T, files map[string]string) string {
		for dir, name := range packageNames(files) {
			files[path.Join(dir, added+".go")] = "package " + name + "\n\nimport _ \"unsafe\"\n\n//go:linkname zzNow runtime.nanotime\nfunc zzNow() int64\n"
			files[path.Join(dir, added+".s")] = "// zzNow has no body.\n"
		}
		return "."
	}, refusal: added + ".s is no Go code"},
	{name: "a vendored module", put: func(_ *testing.T, files map[string]string) string {
		if strings.Contains(files["go.mod"], "require") || files["go.work"] != "" {
			return "."
		}
		files["go.mod"] += "\nrequire example.com/vendored v1.0.0\n"
		files["vendor/modules.txt"] = "# example.com/vendored v1.0.0\n## explicit; go 1.26\nexample.com/vendored\n"
		files["vendor/example.com/vendored/vendored.go"] = "package vendored\n"
		files["zzvendor/vendor.go"] = "package zzvendor\n\nimport _ \"example.com/vendored\"\n"
		return "."
	}},
}

func windowsLines(_ *testing.T, files map[string]string) string {
	for name, content := range files {
		if strings.HasSuffix(name, ".go") {
			files[name] = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\n", "\r\n")
		}
	}
	return "."
}

// longComments makes one comment between /* and */ of the lines of each comment that
// has a line of its own, but for directives and what tests have to say.
func longComments(files map[string]string) {
	for name, content := range files {
		if !strings.HasSuffix(name, ".go") || strings.Contains(content, "`") {
			continue
		}
		var out []string
		var open bool
		for line := range strings.SplitSeq(content, "\n") {
			text, is := strings.CutPrefix(line, "// ")
			if is = is && !strings.HasPrefix(text, "Code generated") && !strings.HasPrefix(text, "+build"); is != open {
				out = append(out, map[bool]string{true: "/*", false: "*/"}[is])
			}
			if open = is; is {
				line = text
			}
			out = append(out, line)
		}
		files[name] = strings.Join(out, "\n")
	}
}

// packageNames returns the name of the package of each folder that has one.
func packageNames(files map[string]string) map[string]string {
	out := map[string]string{}
	for name, content := range files {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "vendor/") {
			continue
		}
		for line := range strings.Lines(content) {
			if rest, is := strings.CutPrefix(line, "package "); is {
				out[path.Dir(name)] = strings.Fields(rest)[0]
				break
			}
		}
	}
	return out
}

// TestSurroundings carries out what the archives of the refactorings ask for, as they
// are and with the module in other surroundings. The same files come of it, the same
// notes, and the same refusals.
func TestSurroundings(t *testing.T) {
	for _, r := range all.Refactorings {
		pattern := "example.txtar"
		if *everyArchive {
			pattern = "*.txtar"
		}
		archives, err := filepath.Glob(filepath.Join("..", strings.ReplaceAll(r.Name, "-", ""), "testdata", pattern))
		if err != nil || len(archives) == 0 {
			t.Fatalf("%s has no archives: %v", r.Name, err)
		}
		for _, file := range archives {
			t.Run(r.Name+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				t.Parallel()
				ar, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				req := archive.Request(string(ar.Comment))
				want := outcome(t, r, req, moduleOf(ar), ".")
				for _, s := range surroundings {
					t.Run(s.name, func(t *testing.T) {
						want, files := want, moduleOf(ar)
						if s.before != nil {
							s.before(files)
							want = outcome(t, r, req, maps.Clone(files), ".")
						}
						dir := s.put(t, files)
						got := outcome(t, r, req, files, dir)
						if s.refusal != "" && strings.Contains(got["the refusal"], s.refusal) {
							return
						}
						for _, name := range slices.Sorted(maps.Keys(got)) {
							if _, has := want[name]; !has {
								t.Errorf("%s is in the change:\n%s", name, got[name])
							}
						}
						for _, name := range slices.Sorted(maps.Keys(want)) {
							if got[name] != want[name] {
								t.Errorf("%s\ngot:\n%s\nwant:\n%s", name, got[name], want[name])
							}
						}
					})
				}
			})
		}
	}
}

// moduleOf returns the module of an archive, by path.
func moduleOf(ar *txtar.Archive) map[string]string {
	files := map[string]string{}
	for _, f := range ar.Files {
		if f.Name != "error" && f.Name != "summary" && f.Name != "notes" && f.Name != "diff" {
			files[f.Name] = string(f.Data)
		}
	}
	if files["go.mod"] == "" && files["go.work"] == "" {
		files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
	}
	return files
}

// outcome writes a module, changes it, and returns what comes of it: the files that
// the change writes, or takes away, and what is said. Files that a surrounding adds are
// left out, and so are ends of lines, once it is known that no file has two kinds.
func outcome(t *testing.T, r *refactor.Refactoring, req refactor.Request, files map[string]string, sub string) map[string]string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(root, sub)
	snap, err := source.Open(t.Context(), source.Options{Dir: dir, Store: archive.Memory})
	if err != nil {
		t.Fatal(err)
	}
	set, err := r.Do(t.Context(), archive.WithConfig(t, snap), req)
	if err != nil {
		return map[string]string{"the refusal": err.Error() + "\nhint: " + component.HintOf(err)}
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	var notes strings.Builder
	for _, n := range set.Notes {
		if !strings.Contains(n.Message, added) && !strings.Contains(n.Span.File, added) {
			fmt.Fprintf(&notes, "%s: %s\n", n.Span, n.Message)
		}
	}
	out := map[string]string{"the notes": notes.String()}
	for _, f := range set.Files {
		if strings.Contains(path.Base(f.Path), added) {
			continue
		}
		name := f.Path
		if f.Op == change.Rename {
			name = f.To
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if crlf := strings.Count(string(content), "\r\n"); crlf > 0 && crlf != strings.Count(string(content), "\n") {
			t.Errorf("%s has lines of both ends:\n%q", name, content)
		}
		out[string(f.Op)+" "+f.Path+" to "+name] = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	return out
}
