// Package unweldtest holds a module to the rules of its unweld.yaml in `go test`, for those who
// want no other step in CI:
//
//	func TestComponents(t *testing.T) { unweldtest.Check(t) }
//
// The test reports each violation with its place. It needs unweld in go.mod, with all that
// unweld itself requires; a tool directive and `go tool unweld check` need the same, and
// .pre-commit-hooks.yaml, or a unweld that is installed, need nothing there.
package unweldtest

import (
	"testing"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// An Option changes what Check looks at.
type Option func(*options)

type options struct {
	dir string
	engine.CheckOptions
}

// Dir has the module checked that a folder lies in. By default it is the module of the test.
func Dir(dir string) Option { return func(o *options) { o.dir = dir } }

// Baseline names a file of violations that are accepted, relative to the module, as
// `unweld check --baseline FILE --write` writes it.
func Baseline(file string) Option { return func(o *options) { o.Baseline = file } }

// Patterns are the packages whose uses are reported, relative to Dir. By default it is the
// whole module.
func Patterns(patterns ...string) Option {
	return func(o *options) { o.CheckOptions.Patterns = patterns }
}

// Check holds the code to the rules of unweld.yaml. Each violation is an error of the test;
// code that doesn't load, and mistakes in unweld.yaml, end it.
func Check(t testing.TB, opts ...Option) {
	t.Helper()
	o := options{dir: "."}
	for _, set := range opts {
		set(&o)
	}
	s, err := engine.Open(t.Context(), engine.Options{Dir: o.dir})
	if err != nil {
		fatal(t, err)
		return
	}
	r, err := s.Check(t.Context(), o.CheckOptions)
	if err != nil {
		fatal(t, err)
		return
	}
	for _, n := range r.Notes {
		t.Logf("%s: %s", n.Span, n.Message)
	}
	broken := false
	for _, p := range r.Problems {
		if p.Severity == component.Error {
			broken = true
			t.Errorf("%s: %s", p.Span, p.Message)
		}
	}
	if broken {
		t.Fatalf("%s: some code doesn't load, and can't be held to the rules", s.Root)
		return
	}
	for _, v := range r.Violations {
		t.Errorf("%s: %s: %s\n\t%s", v.Span, v.Code, v.Message, v.Hint)
	}
	for _, e := range r.Stale {
		t.Logf("%s: stale: %s: %s no longer uses %s", o.Baseline, e.Rule, e.From, e.To)
	}
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if hint := component.HintOf(err); hint != "" {
		t.Fatalf("%v\nhint: %s", err, hint)
		return
	}
	t.Fatal(err)
}
