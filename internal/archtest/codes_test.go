package archtest

import (
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/engine"
)

// check type-checks the packages of the module at dir together, without tests.
func check(t *testing.T, dir string) ([]Checked, map[string]*types.Package) {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: dir}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	var all []Checked
	byPath := map[string]*types.Package{}
	for _, p := range loaded {
		for _, e := range p.Errors {
			t.Fatal(e)
		}
		all = append(all, Checked{p.Fset, p.Syntax, p.TypesInfo})
		byPath[p.PkgPath] = p.Types
	}
	return all, byPath
}

// field returns a field of a struct type.
func field(t *testing.T, p *types.Package, typ, name string) *types.Var {
	t.Helper()
	obj, _, _ := types.LookupFieldOrMethod(p.Scope().Lookup(typ).Type(), true, p, name)
	v, ok := obj.(*types.Var)
	if !ok {
		t.Fatalf("%s.%s has no field %s", p.Path(), typ, name)
	}
	return v
}

// TestCodesAreDocumented finds every constant of the repository that can become
// the code of a problem, and holds the registry to it, both ways.
func TestCodesAreDocumented(t *testing.T) {
	all, byPath := check(t, "../..")
	used, problems := Codes(all, field(t, byPath[Module+"/internal/component"], "Problem", "Code"))
	for _, p := range problems {
		t.Error(p)
	}
	known := map[string]bool{}
	for _, c := range engine.Codes() {
		known[c.Name] = true
		if used[c.Name] == "" {
			t.Errorf("%s is documented, and nothing reports it", c.Name)
		}
	}
	for _, a := range allanalyzers.Analyzers {
		if a.Severity == "" { // it finds facts, and its name never becomes a code
			delete(used, a.Name)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		if !known[code] {
			t.Errorf("%s: the code %s isn't documented: add it to internal/codes, or to the Doc of its analyzer", used[code], code)
		}
	}
}

// TestCodesAreFollowed shows each way on which a constant becomes a code.
func TestCodesAreFollowed(t *testing.T) {
	dir, err := filepath.Abs("testdata/codes")
	if err != nil {
		t.Fatal(err)
	}
	all, byPath := check(t, dir)
	used, problems := Codes(all, field(t, byPath["example.com/codes"], "Problem", "Code"))
	want := []string{"appended-to-a-field", "assigned", "by-closure", "by-constant", "by-conversion", "by-literal", "by-local", "by-map-of-structs", "by-method-value",
		"by-parameter", "by-passed-function", "by-position", "by-result", "by-second-result", "by-two-parameters", "of-another-package", "of-the-other-type"}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, want) {
		t.Errorf("codes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(problems) != 2 || !strings.Contains(problems[0], "a code is computed here") {
		t.Errorf("problems %q, want the concatenation and the element of a map", problems)
	}
}
