package extract_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
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
	archive.Suite{Refactoring: extract.Refactoring, Update: *update}.Run(t)
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
		".":                       "",
		"..":                      "",
		"./.Engine":               "",
		"./pricing.{A":            "",
		"":                        "",
		"./\u540d":                "",
	} {
		in := refactor.Input{}
		req, err := extract.Refactoring.Check(in, refactor.Request{Target: target})
		if got := req.Params["name"]; got != want || (err == nil) != (want != "") {
			t.Errorf("the name of %q is %q (%v), want %q", target, got, err, want)
		}
	}
}
