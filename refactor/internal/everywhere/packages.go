package everywhere

import (
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// Packages asks for a refactoring of packages of modules that nobody here wrote, which
// module copies into a folder. request says what to ask for of one of them, by its index, or that nothing is to be
// asked. limit is how many packages of each module are asked about, spread over all; 0
// is all. What comes out type-checks with its tests, which Do makes sure of, and undo
// gives back every byte, or it is a refusal with a reason of ours. Nothing applied
// anywhere fails the test.
func Packages(t *testing.T, r *refactor.Refactoring, limit int, module func(dir, name string) error, request func(pkgs []*source.Package, i int) (refactor.Request, bool)) {
	applied := 0
	for _, mod := range []string{"golang.org/x/mod@v0.42.0", "github.com/rogpeppe/go-internal@v1.16.0"} {
		t.Run(mod, func(t *testing.T) {
			dir := t.TempDir()
			if err := module(dir, mod); err != nil {
				t.Fatal(err)
			}
			snap, err := source.Open(t.Context(), source.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var all []refactor.Request
			for i := range pkgs {
				if req, ok := request(pkgs, i); ok {
					all = append(all, req)
				}
			}
			for _, req := range Spread(all, limit) {
				set, err := r.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
				if applies(t, dir, req, set, err) {
					applied++
				}
			}
		})
	}
	if applied == 0 {
		t.Error("nothing was applied")
	}
}

func applies(t *testing.T, dir string, req refactor.Request, set change.Set, err error) bool {
	t.Helper()
	if err == nil {
		Undone(t, dir, set)
		return true
	}
	if _, ours := Refusal(err); !ours {
		t.Errorf("%s %v: %v", req.Target, req.Params, err)
	}
	t.Logf("%s %v: %v", req.Target, req.Params, err)
	return false
}
