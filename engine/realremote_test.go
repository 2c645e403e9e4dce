package engine

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/internal/splittest"
)

// TestRemoteStandardLibrary extracts packages of the standard library in a
// scratch module and binds them: their own tests, unedited but for import
// paths, pass while the package's functions run in another process. The calls
// are counted there.
func TestRemoteStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests three modules")
	}
	for _, tt := range []struct {
		pkg, binding string
		local        string   // in the notes: what stays with the caller, and why
		cross        []string // endpoints that are called in the other process
	}{
		{"html", "unix", "", []string{"EscapeString", "UnescapeString"}},
		{"net/mail", "grpc", "ReadMessage stays local", []string{"ParseAddress", "ParseAddressList", "ParseDate"}},
		{"encoding/hex", "grpc", "Encode stays local: it changes what its parameter dst leads to", []string{"EncodeToString", "DecodeString", "Dump"}},
	} {
		t.Run(tt.pkg, func(t *testing.T) {
			root := copyStd(t, tt.pkg)
			base := filepath.Base(tt.pkg)
			crossings := hostElsewhere(t, root, "./"+base, base, tt.binding, tt.local)
			for _, endpoint := range tt.cross {
				if crossings[endpoint] == 0 {
					t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
				}
			}
		})
	}
}

// TestRemotePublicType does the same to a stateful type of a public module: its
// values live in the other process, and the tests hold handles to them.
func TestRemotePublicType(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads a module and tests it")
	}
	root := moduleCopy(t, "github.com/gertd/go-pluralize@v0.2.1")
	// What extract and bind write needs a newer language than the module's.
	writeTestFile(t, filepath.Join(root, "go.mod"), "module github.com/gertd/go-pluralize\n\ngo 1.26\n")
	crossings := hostElsewhere(t, root, "..Client", "pluralize", "unix", "")
	// A rule that a test adds must hold for the calls that follow it.
	for _, endpoint := range []string{"NewClient", "ClientAddPluralRule", "ClientPlural", "ClientAddSingularRule", "ClientSingular", "ClientAddUncountableRule", "ClientPluralize"} {
		if crossings[endpoint] == 0 {
			t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
		}
	}
}

// TestRemotePublicFunctions does it to public modules as they are: what go.mod
// says of the language stays.
func TestRemotePublicFunctions(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads three modules and tests them")
	}
	for _, tt := range []struct {
		module, note string
		cross        []string
	}{
		{"github.com/dustin/go-humanize@v1.0.1", "BigComma stays local: it changes what its parameter b leads to", []string{"BigBytes", "ParseBytes", "Time"}},
		{"github.com/agnivade/levenshtein@v1.2.1", "", []string{"ComputeDistance"}},
		{"github.com/hashicorp/go-version@v1.7.0", "NewConstraint stays local: Constraints[].f: (version.constraintFunc) is a function", []string{"NewVersion", "NewSemver"}},
	} {
		t.Run(tt.module, func(t *testing.T) {
			root := moduleCopy(t, tt.module)
			before, err := os.ReadFile(filepath.Join(root, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			crossings := hostElsewhere(t, root, ".", "subject", "unix", tt.note)
			for _, endpoint := range tt.cross {
				if crossings[endpoint] == 0 {
					t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
				}
			}
			if after, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil || string(after) != string(before) {
				t.Errorf("go.mod became %q: %v", after, err)
			}
		})
	}
}

// hostElsewhere extracts target with its signatures kept, binds it, and tests
// the module with the component in a process of its own. It returns how often
// each endpoint was called there.
func hostElsewhere(t *testing.T, root, target, name, binding, note string) map[string]int64 {
	t.Helper()
	begun := time.Now()
	s, err := Open(t.Context(), Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: target, Params: map[string]string{"name": name, "keep-signatures": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	var notes strings.Builder
	for _, n := range set.Notes {
		if !strings.Contains(n.Message, "the smallest version that may have this is a new minor version") {
			notes.WriteString(n.Message + "\n")
		}
	}
	if got := notes.String(); !strings.Contains(got, note) || note == "" && got != "" {
		t.Errorf("notes of extract: got %q, want %q", got, note)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if set, err = s.Bind(t.Context(), BindOptions{Component: name, To: []string{binding}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	runs, err := s.TestSplits(t.Context(), []string{"micro"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f s of %.1f s in tests", runs[0].Seconds, time.Since(begun).Seconds())
	return crossingsOf(t, runs)
}

// crossingsOf returns how often each endpoint was called in another process.
func crossingsOf(t *testing.T, runs []splittest.Run) map[string]int64 {
	t.Helper()
	run := runs[0]
	if !run.OK || run.Crossed == 0 {
		t.Fatalf("ok %v, %d passed, %d failed, %d calls crossed: %s\n%s", run.OK, run.Passed, run.Failed, run.Crossed, run.Reason, run.Output)
	}
	t.Logf("%d tests pass, %d calls crossed: %v", run.Passed, run.Crossed, run.Crossings)
	crossings := map[string]int64{}
	for _, c := range run.Crossings {
		crossings[c.Endpoint] = c.Calls
	}
	return crossings
}

// copyStd copies a package of GOROOT/src with its tests into a new module,
// under its base name, and changes only the import paths that name it.
func copyStd(t *testing.T, pkg string) string {
	t.Helper()
	root, base := t.TempDir(), filepath.Base(pkg)
	copyPackage(t, filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(pkg)), filepath.Join(root, base), func(content string) string {
		return strings.ReplaceAll(content, `"`+pkg+`"`, `"example.com/m/`+base+`"`)
	})
	writeTestFile(t, filepath.Join(root, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	return root
}

// copyPackage copies a folder without the packages below it; testdata is part
// of it.
func copyPackage(t *testing.T, from, to string, edit func(string) string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "." || strings.HasPrefix(rel, "testdata") {
				return nil
			}
			return fs.SkipDir
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(content)
		if strings.HasSuffix(rel, ".go") {
			text = edit(text)
		}
		writeTestFile(t, filepath.Join(to, rel), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func writeTestFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
