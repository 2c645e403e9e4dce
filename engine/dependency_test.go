package engine

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// dependent is a module, in the folder app, and one that it depends on.
const dependent = `
-- app/go.mod --
module example.com/app

go 1.26

require example.com/dep v0.0.0

replace example.com/dep => ../dep
-- app/web/web.go --
// Package web uses the dependency.
package web

import (
	"errors"
	"fmt"

	"example.com/dep/tally"
)

// Page calls what there is.
func Page(name string, parts ...string) (string, error) {
	t, err := tally.Parse(name, parts...)
	if errors.Is(err, tally.ErrEmpty) {
		return "empty", nil
	}
	var odd *tally.OddError
	if errors.As(err, &odd) {
		return fmt.Sprint("odd ", odd.Name), nil
	}
	return t.String(), err
}
-- app/web/web_test.go --
package web

import (
	"fmt"
	"testing"

	. "example.com/dep/tally"
)

func TestPage(t *testing.T) {
	for name, want := range map[string]string{"": "empty", "odd": "odd odd", "even": "even: [a b] true"} {
		if got, err := Page(name, "a", "b"); got != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

// The state is the package's, wherever that is.
func TestState(t *testing.T) {
	Reset(Limit)
	first, second := Next(), Next()
	if first != Limit+1 || second != Limit+2 {
		t.Errorf("got %d and %d", first, second)
	}
	list := []string{"b", "a"}
	Sort(list)
	if got := fmt.Sprint(list, Of(1, 2), Values(nil) == nil); got != "[a b] [1 2] true" {
		t.Error(got)
	}
}
-- app/web/counter_test.go --
package web

import (
	"errors"
	"testing"

	"example.com/dep/tally"
)

func TestCounter(t *testing.T) {
	a := tally.NewCounter(1)
	b := a.Clone()
	b.Add(10)
	if err := a.Merge(b); err != nil || a.Add(0) != 12 || b.Add(0) != 11 {
		t.Error(err, a.Add(0), b.Add(0))
	}
	if err := a.Merge(nil); !errors.Is(err, tally.ErrEmpty) {
		t.Error(err)
	}
}
-- dep/go.mod --
module example.com/dep

go 1.26
-- dep/tally/tally.go --
// Package tally keeps one.
package tally

import (
	"errors"
	"fmt"
	"slices"

	"example.com/dep/internal/hidden"
)

// Limit is a constant.
const Limit = 40

// ErrEmpty is compared.
var ErrEmpty = errors.New("empty")

// Verbose is a variable.
var Verbose bool

var count int

// An OddError is looked for.
type OddError struct{ Name string }

func (e *OddError) Error() string { return "odd: " + e.Name }

// A Tally is a value.
type Tally struct {
	Name  string
	Parts []string
	Even  bool
}

func (t *Tally) String() string { return fmt.Sprint(t.Name, ": ", t.Parts, " ", t.Even) }

// Parse parses.
func Parse(tally string, parts ...string) (t *Tally, err error) {
	switch tally {
	case "":
		return nil, fmt.Errorf("parse: %w", ErrEmpty)
	case "odd":
		return nil, &OddError{tally}
	}
	return &Tally{Name: tally, Parts: parts, Even: true}, nil
}

// Reset sets the count.
func Reset(n int) { count = n }

// Next counts.
func Next() int { count++; return count }

// Sort sorts.
func Sort(list []string) { slices.Sort(list) }

// Of is generic.
func Of[T any](list ...T) []T { return list }

// Values hands on.
func Values(v []int) []int { return v }

// A Counter has state of its own.
type Counter struct{ n int }

// NewCounter makes one.
func NewCounter(n int) *Counter { return &Counter{n} }

// Add adds.
func (c *Counter) Add(n int) int { c.n += n; return c.n }

// Clone copies.
func (c *Counter) Clone() *Counter { return NewCounter(c.n) }

// Merge takes another in.
func (c *Counter) Merge(other *Counter) error {
	if other == nil {
		return ErrEmpty
	}
	c.n += other.n
	return nil
}

// Hide can't be called through another package.
func Hide() hidden.Key { return 0 }
-- dep/internal/hidden/hidden.go --
package hidden

type Key int
`

// dependentModule writes the archive and opens the module.
func dependentModule(t *testing.T) (*Session, string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(dependent)).Files {
		writeTestFile(t, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
	}
	root := filepath.Join(dir, "app")
	s, err := Open(t.Context(), Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	return s, root
}

// filesIn lists a folder's files with their contents, without what undo keeps.
func filesIn(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".unweld" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		b.WriteString(path + "\n" + string(content) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRemoteDependency makes a package of another module a component. The module's
// tests, unedited but for the import path, pass while its functions run in another
// process, where its state is.
func TestRemoteDependency(t *testing.T) {
	for _, binding := range []string{"unix", "grpc"} {
		t.Run(binding, func(t *testing.T) {
			s, _ := dependentModule(t)
			set, err := s.Bind(t.Context(), BindOptions{Component: "example.com/dep/tally", Name: "counts", To: []string{binding}, InOut: []string{"all"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range set.Notes {
				if !strings.Contains(n.Message, "Of stays local") && !strings.Contains(n.Message, "NewCounter stays local") {
					t.Errorf("a note: %s: %s", n.Span, n.Message)
				}
			}
			if err := s.Apply(t.Context(), set); err != nil {
				t.Fatal(err)
			}
			runs, err := s.TestSplits(t.Context(), []string{"micro"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			crossings := crossingsOf(t, runs)
			for _, endpoint := range []string{"Parse", "Reset", "Next", "Sort", "Values"} {
				if crossings[endpoint] == 0 {
					t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
				}
			}
			again, err := s.Bind(t.Context(), BindOptions{Component: "counts"})
			if err != nil || len(again.Files) > 0 {
				t.Errorf("bound again by its name: %v, %v", again.Files, err)
			}
			_, err = s.Bind(t.Context(), BindOptions{Component: "example.com/dep/tally", Name: "counts", To: []string{binding}})
			if use, ok := errors.AsType[*component.UsageError](err); !ok || !strings.Contains(use.Error()+component.HintOf(err), "unweld bind counts") {
				t.Errorf("bound again by its path: %v", err)
			}
			if _, err := s.Undo(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRemoteDependencyType does so with a type: its values are in the other process,
// and the tests hold handles to them.
func TestRemoteDependencyType(t *testing.T) {
	for _, binding := range []string{"unix", "grpc"} {
		t.Run(binding, func(t *testing.T) {
			s, _ := dependentModule(t)
			set, err := s.Bind(t.Context(), BindOptions{Component: "example.com/dep/tally.Counter", Name: "counts", To: []string{binding}})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range set.Notes {
				t.Logf("a note: %s: %s", n.Span, n.Message)
			}
			if err := s.Apply(t.Context(), set); err != nil {
				t.Fatal(err)
			}
			runs, err := s.TestSplits(t.Context(), []string{"micro"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			crossings := crossingsOf(t, runs)
			for _, endpoint := range []string{"NewCounter", "CounterAdd", "CounterClone", "CounterMerge"} {
				if crossings[endpoint] == 0 {
					t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
				}
			}
		})
	}
}

// normal is a module that uses a package without functions: all that it offers are
// methods of a number.
const normal = `
-- go.mod --
module example.com/app

go 1.26

require golang.org/x/text v0.43.0
-- text/text_test.go --
package text

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestForms(t *testing.T) {
	composed, decomposed := "\u00e9", "e\u0301"
	for form, want := range map[norm.Form]string{norm.NFC: composed, norm.NFD: decomposed, norm.NFKC: composed} {
		if got := form.String(decomposed); got != want || string(form.Bytes([]byte(composed))) != want {
			t.Errorf("%v: %q, want %q", form, got, want)
		}
	}
	if norm.NFC.IsNormalString(decomposed) || !norm.NFD.IsNormalString(decomposed) {
		t.Error("is normal")
	}
	if n, ok := norm.NFC.SpanString(decomposed, true); n != 0 || ok == nil {
		t.Error(n, ok)
	}
	if got := string(norm.NFC.AppendString([]byte("e"), "\u0301")); got != composed {
		t.Errorf("%q", got)
	}
}
`

// TestRemoteDependencyData does so with the methods of data.
func TestRemoteDependencyData(t *testing.T) {
	if testing.Short() {
		t.Skip("may download a module")
	}
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(normal)).Files {
		writeTestFile(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
	}
	tidy := exec.CommandContext(t.Context(), "go", "mod", "tidy")
	tidy.Dir = root
	if out, err := tidy.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s, err := Open(t.Context(), Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.Bind(t.Context(), BindOptions{Component: "golang.org/x/text/unicode/norm", To: []string{"unix"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	runs, err := s.TestSplits(t.Context(), []string{"micro"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	crossings := crossingsOf(t, runs)
	for _, endpoint := range []string{"FormString", "FormBytes", "FormIsNormalString", "FormSpanString", "FormAppendString"} {
		if crossings[endpoint] == 0 {
			t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
		}
	}
}

// TestDependencyIsOneChange checks that what bind makes of a dependency can be undone
// as one, and that nothing is written before.
func TestDependencyIsOneChange(t *testing.T) {
	s, root := dependentModule(t)
	before := filesIn(t, root)
	set, err := s.Bind(t.Context(), BindOptions{Component: "example.com/dep/tally", To: []string{"unix"}})
	if err != nil {
		t.Fatal(err)
	}
	if now := filesIn(t, root); now != before {
		t.Fatal("something was written")
	}
	for _, f := range set.Files {
		if f.Op == change.Edit && !strings.HasPrefix(f.Path, "web/") {
			t.Errorf("%s is edited", f.Path)
		}
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(); err != nil {
		t.Fatal(err)
	}
	if now := filesIn(t, root); now != before {
		t.Error("undo left something else")
	}
}

// TestOfPackage takes apart what is asked for, and names the component after it.
func TestOfPackage(t *testing.T) {
	for what, want := range map[string][3]string{
		"golang.org/x/mod/semver":            {"golang.org/x/mod/semver", "", "semver"},
		"gopkg.in/yaml.v3":                   {"gopkg.in/yaml.v3", "", "yaml"},
		"gopkg.in/yaml.v3.Decoder":           {"gopkg.in/yaml.v3", "Decoder", "yaml"},
		"github.com/hashicorp/golang-lru/v2": {"github.com/hashicorp/golang-lru/v2", "", "golang-lru"},
		"github.com/BurntSushi/toml":         {"github.com/BurntSushi/toml", "", "toml"},
		"github.com/Acme/Big_Name.Of":        {"github.com/Acme/Big_Name", "Of", "big-name"},
		"net/http.Client":                    {"net/http", "Client", "http"},
	} {
		imported, typ := ofPackage(what)
		if got := [3]string{imported, typ, calledAfter(imported)}; got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if problem := split.NameProblem(calledAfter(imported)); problem != "" {
			t.Errorf("%s: %s", what, problem)
		}
	}
}

// TestDependencyRefused are requests that can't be met, each with its reason.
func TestDependencyRefused(t *testing.T) {
	s, root := dependentModule(t)
	for _, tt := range []struct {
		options BindOptions
		source  string // of one more file
		want    string
	}{
		{BindOptions{Component: "example.com/dep/none", To: []string{"unix"}}, "", "no file of the module imports it"},
		{BindOptions{Component: "./web.Service", Name: "x", To: []string{"unix"}}, "", "--name: is for a package that isn't of this module"},
		{BindOptions{Component: "example.com/dep/tally", To: []string{"unix"}}, "package web\n\nimport \"example.com/dep/tally\"\n\nfunc loud() { tally.Verbose = true }\n", "tally.Verbose is a variable"},
		{BindOptions{Component: "example.com/dep/tally", To: []string{"unix"}}, "package web\n\nimport \"example.com/dep/tally\"\n\nvar hide = tally.Hide\n", "tally.Hide mentions example.com/dep/internal/hidden.Key, of an internal package"},
	} {
		file := filepath.Join(root, "web", "more.go")
		if tt.source != "" {
			writeTestFile(t, file, tt.source)
		} else {
			_ = os.Remove(file)
		}
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Bind(t.Context(), tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.options, err, tt.want)
		}
	}
}

// TestDependencyTypeRefused: what keeps a type of a dependency from being elsewhere is said by
// name.
func TestDependencyTypeRefused(t *testing.T) {
	s := module(t, `-- go.mod --
module m

go 1.26
-- main.go --
package main

import (
	"archive/zip"
	"os"
)

func main() {
	w := zip.NewWriter(os.Stdout)
	w.RegisterCompressor(zip.Deflate, nil)
	_ = w.Close()
}
`)
	_, err := s.Bind(t.Context(), BindOptions{Component: "archive/zip.Writer", Name: "zips", To: []string{"unix"}})
	refusal, ok := errors.AsType[*component.Refusal](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	var said []string
	for _, p := range refusal.Problems {
		if p.Code == "stays-local" {
			said = append(said, p.Message)
		}
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"RegisterCompressor can't cross a process", "it can't be lent: Create returns what may use it after the call"} {
		if !strings.Contains(all, want) {
			t.Errorf("the refusal lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(all, "AddFS") {
		t.Errorf("what nobody uses is in the way:\n%s", all)
	}
}
