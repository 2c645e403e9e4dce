package conformance

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// schemes are those of the table of bindings that lead to another process.
func schemes() map[string]split.Scheme {
	found := map[string]split.Scheme{}
	for _, b := range allbindings.Bindings {
		for _, s := range b.Schemes {
			if s.CrossesUnits {
				found[s.Name] = s
			}
		}
	}
	return found
}

// remote lists the schemes that lead to another process, each of which is held
// to the standard.
func remote(t *testing.T) []string {
	t.Helper()
	var names []string
	for name, s := range schemes() {
		if s.Open == nil && !s.CallerStarts {
			t.Errorf("nothing finds addresses for %s, so it can't be tested", name)
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		t.Fatal("the table of bindings has none that leads to another process")
	}
	return names
}

// shared lists those of the schemes at which several callers reach one process.
func shared(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return schemes()[name].CallerStarts })
}

// TestTable holds what each binding says of itself to what the tests need.
func TestTable(t *testing.T) {
	inside := 0
	for _, b := range allbindings.Bindings {
		if len(b.Schemes) == 0 && b.Packaging == nil {
			t.Errorf("%s has no scheme of addresses, and makes no packages", b.Name)
		}
		// Another language has no context to take metadata from.
		if !b.Traits.Unary || !b.Traits.Deadlines || !b.Traits.Cancellation || !b.Traits.Metadata && len(b.Schemes) > 0 {
			t.Errorf("%s carries no plain calls: %+v", b.Name, b.Traits)
		}
		for _, s := range b.Schemes {
			if !s.CrossesUnits {
				inside++
			}
		}
		for _, unheld := range unheld(t, b, "../../testdata/contracts/conformance/") {
			t.Errorf("%s says that it carries the mode %s, and no case holds it to that", b.Name, unheld)
		}
	}
	if inside != 1 {
		t.Errorf("%d schemes stay in the process, want one", inside)
	}
}

// unheld lists the modes that a binding to another process says it carries, and
// for which there are no cases in a folder, named MODE.txtar or MODE-and-more.txtar.
func unheld(t *testing.T, b *bindings.Binding, folder string) []component.Mode {
	t.Helper()
	var list []component.Mode
	for _, c := range bindings.Carriers([]*bindings.Binding{b}, nil).All {
		for _, mode := range c.Modes {
			cases, err := filepath.Glob(folder + string(mode) + "[.\\-]*")
			if err != nil {
				t.Fatal(err)
			}
			if len(cases) == 0 {
				list = append(list, mode)
			}
		}
	}
	return list
}

// TestClaims checks that a binding can't say that it carries a mode without a case, as
// there is none here for unexported fields, and that one which stays in the process can.
func TestClaims(t *testing.T) {
	cases := t.TempDir() + "/"
	for _, name := range []string{"stream.txtar", "handle-names.txtar", "unexportedly.txtar"} {
		if err := os.WriteFile(cases+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for crosses, want := range map[bool]int{true: 1, false: 0} {
		b := &bindings.Binding{Name: "b", Traits: bindings.Traits{Unary: true, Streams: true, Handles: true, Unexported: true}, Schemes: []split.Scheme{{CrossesUnits: crosses}}}
		if got := unheld(t, b, cases); len(got) != want {
			t.Errorf("crosses %t: no cases for %q", crosses, got)
		}
	}
}

// allocator finds addresses of a scheme for the time of a test.
func allocator(t *testing.T, scheme string) split.Allocator {
	t.Helper()
	s, ok := schemes()[scheme]
	if !ok {
		t.Fatalf("no binding has the scheme %s", scheme)
	}
	dir, err := os.MkdirTemp("", "conform") // short: a socket's path is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a, err := s.Open(split.Opening{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// address is one where nobody listens yet. For a scheme that is always protected,
// the units of the test have certificates.
func address(t *testing.T, scheme string) string {
	t.Helper()
	if schemes()[scheme].CallerStarts {
		return scheme + ":'" + filepath.Join(t.TempDir(), "unit") + "'" // serve puts it there
	}
	at, err := allocator(t, scheme).Allocate(t.Context(), split.Placement{Component: "stock", Unit: "stock"})
	if err != nil {
		t.Fatal(err)
	}
	if scheme == "https" || scheme == "connects" {
		mtlstest.New(t).Env(t)
	}
	return at
}

// served reports whether a unit serves a component at an address: who wants to do
// so too is told.
func served(t *testing.T, component, at string) bool {
	t.Helper()
	scheme, rest, _ := strings.Cut(at, ":")
	if schemes()[scheme].HostPort { // Check would listen there itself, in the unit's way
		host, _, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
		conn, err := net.Dial("tcp", host)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	return allocator(t, scheme).Check(split.Placement{Component: component, Unit: component}, at) != nil
}
