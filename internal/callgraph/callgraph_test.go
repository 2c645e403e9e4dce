package callgraph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/callgraph"
	"github.com/unweld/unweld/internal/source"
)

// TestGraph builds the graph of each archive in testdata as a module named m
// and compares it with the file want in it.
func TestGraph(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want, dir := "", t.TempDir()
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
			write(t, filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.26\n"))
			if got := text(build(t, dir)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, dir string) *callgraph.Graph {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if p.IllTyped() {
			t.Fatalf("%s: %v", p.Pkg.Path, p.Problems)
		}
	}
	g, err := callgraph.Of(t.Context(), snap, "m", pkgs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// text writes a graph: entries, then each function that calls something or is
// marked.
func text(g *callgraph.Graph) string {
	var b strings.Builder
	names := func(fns []int) string {
		var list []string
		for _, i := range fns {
			list = append(list, g.Functions[i].ID)
		}
		if len(list) == 0 {
			return "?"
		}
		return strings.Join(list, " | ")
	}
	for _, e := range g.Entries {
		fmt.Fprintf(&b, "%s %s: %s\n", e.Kind, e.Name, names(e.Functions))
	}
	for _, f := range g.Functions {
		marks := ""
		if f.Data {
			marks += " data"
		}
		if f.Constructor {
			marks += " constructor"
		}
		if len(f.Calls) == 0 && marks == "" {
			continue
		}
		fmt.Fprintf(&b, "%s:%s\n", f.ID, marks)
		for _, c := range f.Calls {
			b.WriteString("\t")
			if c.Loop {
				b.WriteString("loop ")
			}
			if c.Interface {
				b.WriteString("interface ")
			}
			if c.Unknown != "" {
				b.WriteString("unknown: " + c.Unknown + "\n")
			} else {
				b.WriteString(names(c.To) + "\n")
			}
		}
	}
	return b.String()
}

// TestImplementers: the methods of an interface, as types of the module and
// what they embed implement them.
func TestImplementers(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.26\n"))
	write(t, filepath.Join(dir, "m.go"), []byte(`package m

type Service interface{ Do(); Undo() }
type A struct{}
func (*A) Do() {}
func (*A) Undo() {}
type B struct{ A }
func (B) Undo() {}
type No struct{}
func (No) Do() {}
var _ = []Service{&A{}, &B{}}
`))
	g := build(t, dir)
	got := map[string][]string{}
	for m, fns := range g.Implementers("m", "Service") {
		for _, i := range fns {
			got[m] = append(got[m], g.Functions[i].ID)
		}
	}
	if has, s := got["Undo"], strings.Join(got["Do"], " "); len(has) < 2 || !strings.Contains(s, "m.A.Do") || strings.Contains(s, "No") {
		t.Errorf("got %v", got)
	}
	if g.Implementers("m", "Nothing") != nil || g.Implementers("other", "Service") != nil {
		t.Error("an interface that doesn't exist has implementers")
	}
}
