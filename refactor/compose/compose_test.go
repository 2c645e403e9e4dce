package compose_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/compose"
	"github.com/unweld/unweld/refactor/internal/archive"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

const generated = `package pricingunweld

import (
	"context"

	"example.com/m/pricing"
)

func Open(ctx context.Context, construct func(context.Context) (pricing.Service, error)) (pricing.Service, error) {
	return construct(ctx)
}
`

// TestRoots runs each archive of testdata and compares the roots that were
// opened, those that were left, and the diff. The outcome is vetted and tested
// with a package such as bind generates.
func TestRoots(t *testing.T) {
	archive.Run(t, []string{"error", "roots", "diff"}, *update, func(t *testing.T, dir, comment string) map[string]string {
		req := request(comment)
		snap, err := source.Open(t.Context(), source.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		res, err := compose.Roots(t.Context(), snap, req)
		if err != nil {
			return map[string]string{"error": err.Error() + "\n"}
		}
		diff, err := change.Diff(dir, res.Set)
		if err != nil {
			t.Fatal(err)
		}
		finish(t, dir, req, res.Set)
		return map[string]string{"roots": report(res), "diff": diff}
	})
}

// finish applies the set, adds what bind would generate, and runs the module.
func finish(t *testing.T, dir string, req compose.Request, set change.Set) {
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	if req.Contract.Form == component.FormFuncs {
		write(t, dir, "greet/zz_unweld.go", "package greet\n\nfunc unweldOpen(s Service) Service { return s }\n")
	} else {
		write(t, dir, "pricing/pricingunweld/open.go", generated)
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %v: %v\n%s", args, err, out)
		}
	}
}

func request(comment string) compose.Request {
	c := &component.Contract{Form: component.FormType}
	req := compose.Request{Contract: c, Open: "Open"}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "contract":
			pkg, name, _ := strings.Cut(value, ".")
			c.Component, c.Name = pkg, name
			c.Package = component.Package{Path: "example.com/m/" + pkg, Name: pkg, Dir: pkg}
			c.Methods = []component.Method{{Endpoint: component.Endpoint{Name: "Get"}}}
			req.Package = component.Package{Path: "example.com/m/" + pkg + "/" + pkg + "unweld", Name: pkg + "unweld", Dir: pkg + "/" + pkg + "unweld"}
		case "tests":
			req.Tests = value == "true"
		case "var":
			c.Form, c.Var, req.Open, req.Package = component.FormFuncs, value, "unweldOpen", c.Package
		}
	}
	return req
}

func report(res *compose.Result) string {
	var b strings.Builder
	for _, r := range res.Roots {
		b.WriteString(r.String() + ": opened\n")
	}
	for _, n := range res.Left {
		b.WriteString(n.Span.String() + ": " + n.Message + "\n")
	}
	for _, n := range res.Set.Notes {
		b.WriteString("note: " + n.Span.String() + ": " + n.Message + "\n")
	}
	return b.String()
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
