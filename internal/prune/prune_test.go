package prune

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestUnused prunes the packages m/NAME of each archive, as far as the module's
// main package and what "keep" lists don't need them, and compares with the files
// in want. What comes out is compiled.
func TestUnused(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			ar, err := txtar.ParseFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			users := map[string][]byte{}
			var keep []string
			packages, want := map[string]Package{}, map[string]string{}
			dir := t.TempDir()
			for _, f := range ar.Files {
				folder, base := filepath.Split(f.Name)
				folder = strings.TrimSuffix(folder, "/")
				switch rest, wanted := strings.CutPrefix(f.Name, "want/"); {
				case wanted:
					want[rest] = string(f.Data)
					continue
				case f.Name == "keep":
					keep = strings.Fields(string(f.Data))
				case folder == "":
					users[f.Name] = f.Data
					write(t, dir, f.Name, f.Data)
				default:
					if packages[folder].Files == nil {
						packages[folder] = Package{Path: "m/" + folder, Files: map[string][]byte{}}
					}
					packages[folder].Files[base] = f.Data
				}
			}
			var in []Package
			for _, name := range slices.Sorted(maps.Keys(packages)) {
				p := packages[name]
				p.Keep = keep
				in = append(in, p)
			}
			out, err := Unused(in, users)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, p := range out {
				for name, content := range p.Files {
					got[strings.TrimPrefix(p.Path, "m/")+"/"+name] = string(content)
					write(t, dir, strings.TrimPrefix(p.Path, "m/")+"/"+name, content)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(got)) {
				if got[name] != want[name] {
					t.Errorf("%s:\n%s\nwant:\n%s", name, got[name], want[name])
				}
			}
			for name := range want {
				if _, ok := got[name]; !ok {
					t.Errorf("%s is missing", name)
				}
			}
			write(t, dir, "go.mod", []byte("module m\n\ngo 1.24\n"))
			cmd := exec.Command("go", "vet", "./...")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("what came out: %v\n%s", err, text)
			}
		})
	}
}

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestBroken hands in source that doesn't parse.
func TestBroken(t *testing.T) {
	good, bad := []byte("package p\n"), []byte("package p\n\nfunc {\n")
	if _, err := Unused([]Package{{Path: "m/p", Files: map[string][]byte{"p.go": bad}}}, nil); err == nil {
		t.Error("a broken package was taken")
	}
	if _, err := Unused([]Package{{Path: "m/p", Files: map[string][]byte{"p.go": good}}}, map[string][]byte{"user.go": bad}); err == nil {
		t.Error("a broken user was taken")
	}
}

// TestStandardLibrary prunes packages that nobody wrote for this, for users of a
// part of them, and compiles what is left.
func TestStandardLibrary(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]string{
		"text/tabwriter":       "new(x.Writer)",
		"text/template/parse":  "x.NewIdentifier",
		"encoding/csv":         "x.NewReader",
		"encoding/json":        "x.Valid",
		"container/list":       "x.New",
		"go/doc/comment":       "x.DefaultLookupPackage",
		"compress/bzip2":       "x.NewReader",
		"net/mail":             "x.ParseDate",
		"mime/quotedprintable": "x.NewWriter",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src", filepath.FromSlash(name), "*.go"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			p := Package{Path: "m/" + name, Files: map[string][]byte{}}
			before := 0
			for _, f := range files {
				if strings.HasSuffix(f, "_test.go") {
					continue
				}
				content, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				p.Files[filepath.Base(f)] = content
				before += len(content)
			}
			user := []byte("package main\n\nimport x \"m/" + name + "\"\n\nvar _ = " + use + "\n\nfunc main() {}\n")
			out, err := Unused([]Package{p}, map[string][]byte{"main.go": user})
			if err != nil {
				t.Fatal(err)
			}
			dir, after := t.TempDir(), 0
			write(t, dir, "go.mod", []byte("module m\n\ngo 1.26\n"))
			write(t, dir, "main.go", user)
			for n, content := range out[0].Files {
				write(t, dir, name+"/"+n, content)
				after += len(content)
			}
			if after > before {
				t.Errorf("%d bytes of %d are left", after, before)
			}
			cmd := exec.Command("go", "build", "./...")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("what is left of %s: %v\n%s", name, err, text)
			}
			t.Logf("%d bytes of %d are left", after, before)
		})
	}
}
