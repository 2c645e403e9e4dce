package extract_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestExtract runs the archives of testdata.
func TestExtract(t *testing.T) {
	archive.Suite{Refactoring: extract.Refactoring, Update: *update, Input: archive.WithConfig}.Run(t)
}

func run(t *testing.T, dir string, req refactor.Request) (change.Set, error) {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return extract.Refactoring.Do(context.Background(), refactor.Input{Snapshot: snap}, req)
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
		"./orders.Store":          "store",
		"./orders.DBStore":        "db-store",
		".":                       "",
		"..":                      "",
		"./.Engine":               "",
		"./pricing.{A":            "",
		"":                        "",
		"./\u540d":                "",
	} {
		in := refactor.Input{ReadLock: func() (map[string]string, error) { return map[string]string{"orders": "./orders.Orders"}, nil }}
		req, err := extract.Refactoring.Check(in, refactor.Request{Target: target})
		if got := req.Params["name"]; got != want || (err == nil) != (want != "") {
			t.Errorf("the name of %q is %q (%v), want %q", target, got, err, want)
		}
	}
}

// TestNameOfRoot has targets in the working folder, whose name is that of its import
// path.
func TestNameOfRoot(t *testing.T) {
	for module, want := range map[string]string{"example.com/shop": "shop", "example.com/shop/v2": "shop", "gopkg.in/shop.v2": "shop", "Shop": "shop"} {
		dir := t.TempDir()
		for name, content := range map[string]string{"go.mod": "module " + module + "\n\ngo 1.26\n", "shop.go": "package shop\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		snap, err := source.Open(t.Context(), source.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{".", ".Store", "./.Store"} {
			req, err := extract.Refactoring.Check(refactor.Input{Snapshot: snap}, refactor.Request{Target: target})
			if got := req.Params["name"]; got != want || err != nil {
				t.Errorf("the name of %q in %s is %q (%v), want %q", target, module, got, err, want)
			}
		}
	}
}
