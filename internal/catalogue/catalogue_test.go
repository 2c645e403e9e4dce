package catalogue

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/refactor"
	allrefactorings "github.com/unweld/unweld/refactor/all"
	allstores "github.com/unweld/unweld/stores/all"
)

const root = "../.." // of the repository

func TestPagesAreCurrent(t *testing.T) {
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run: go generate ./...", name, err)
		}
	}
}

// TestEntriesAreDocumented keeps a plug-in without a name or a summary out.
func TestEntriesAreDocumented(t *testing.T) {
	refactorings, err := refactoringSections(root)
	if err != nil {
		t.Fatal(err)
	}
	for family, sections := range map[string][]section{
		"refactor": refactorings, "bindings": bindingSections(),
		"stores": storeSections(), "deploy": targetSections(),
	} {
		seen := map[string]bool{}
		for _, s := range sections {
			if s.name == "" || strings.TrimSpace(s.doc) == "" {
				t.Errorf("%s: %q has no name or no documentation", family, s.name)
			}
			if seen[s.name] {
				t.Errorf("%s: the name %q is used twice", family, s.name)
			}
			seen[s.name] = true
		}
	}
}

// TestExamples: each refactoring is shown at work, by an archive that its tests run.
func TestExamples(t *testing.T) {
	for _, r := range allrefactorings.Refactorings {
		if shown, err := example(root, r); err != nil || !strings.Contains(shown, "```diff") || !strings.Contains(shown, "```go") {
			t.Errorf("%s: no before and after: %v\n%s; write testdata/example.txtar", r.Name, err, shown)
		}
	}
}

// TestParameters holds what refactorings say of their parameters to what the
// command line and editors make of it.
func TestParameters(t *testing.T) {
	kinds := map[string]string{}
	for _, r := range allrefactorings.Refactorings {
		if r.Target.Type != refactor.Declaration || !r.Target.Required || r.Target.Doc == "" || r.Target.Example == "" {
			t.Errorf("%s: the target isn't a required declaration with a description and an example: %+v", r.Name, r.Target)
		}
		if r.Title == "" || r.Kind == "" || len(r.Examples) == 0 || kinds[r.Kind] != "" {
			t.Errorf("%s: no title, example or kind, or the kind %q is that of %s too", r.Name, r.Kind, kinds[r.Kind])
		}
		kinds[r.Kind] = r.Name
		for i, p := range r.Params {
			if r.Param(p.Name) != &r.Params[i] {
				t.Errorf("%s: the parameter %s is there twice", r.Name, p.Name)
			}
			if slices.Contains([]string{"", "write", "json", "undo", "set", "dir", "color", "help"}, p.Name) {
				t.Errorf("%s: the parameter %q hides a flag of every refactoring", r.Name, p.Name)
			}
			if p.Doc == "" || strings.HasSuffix(p.Doc, ".") || p.Required && (p.Default != "" || p.Example == "") || (p.Type == refactor.Enum) != (len(p.Values) > 0) || (p.Type == refactor.List) != (p.Elem != "") {
				t.Errorf("%s: %+v isn't described", r.Name, p)
			}
		}
		req := refactor.Request{Target: r.Target.Example, Params: map[string]string{}}
		for _, p := range r.Params {
			if p.Required {
				req.Params[p.Name] = p.Example
			}
		}
		if _, err := r.Check(refactor.Input{}, req); err != nil {
			t.Errorf("%s: its own examples and defaults are refused: %v", r.Name, err)
		}
	}
}

// TestStoreTraits: what a store says of its places is true of its own example,
// and how a component moves with it is said.
func TestStoreTraits(t *testing.T) {
	for _, s := range allstores.Stores {
		l := s.Traits.Location
		cfg, ps := split.Parse(split.FileName, []byte("version: 1\nsplits: {s: {units: {u: {components: ['*'], state: {store: "+s.Name+", path: '"+l.Example+"'}}}}}\n"))
		if len(ps) > 0 {
			t.Errorf("%s: %v", s.Name, ps)
		}
		plan, err := split.New(cfg, "s", split.Facts{
			Schemes: engine.Terms().Schemes, Stores: engine.Terms().Stores,
			Bound: []split.Bound{{Name: "orders", Bindings: engine.Terms().Schemes.Bindings(), Stateful: true, Store: s.Name}},
		})
		if err != nil || plan.Component("orders").RemoteState != l.Remote() || plan.Component("orders").StatePath == "" {
			t.Errorf("%s: its example %s: %+v, %v", s.Name, l.Example, plan, err)
		}
		if l.Remote() && len(l.Schemes) == 0 || !strings.HasSuffix(s.Traits.Move, ".") {
			t.Errorf("%s: it isn't said where it keeps state, or how that moves", s.Name)
		}
	}
}

// TestOneGenerate: what one directive generates goes into what another does, so
// all stand in one file, in order; go generate runs once.
func TestOneGenerate(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for dir := range strings.Lines(string(out)) {
		files, err := filepath.Glob(filepath.Join(strings.TrimSpace(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(content, []byte("\n//go:generate ")); n > 0 {
				found += n
				if !strings.HasSuffix(filepath.ToSlash(file), "internal/catalogue/catalogue.go") {
					t.Errorf("%s: a go:generate directive outside of internal/catalogue/catalogue.go", file)
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("%d directives found", found)
	}
}
