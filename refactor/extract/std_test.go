package extract_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/refactor"
)

// TestStandardLibrary extracts packages of the standard library in a scratch
// copy: their own tests, unedited but for import paths, pass afterwards.
func TestStandardLibrary(t *testing.T) {
	for _, tt := range []struct{ pkg, local string }{
		{"html", ""},
		{"net/mail", "ReadMessage stays local"},
		{"go/format", "Node stays local"},
	} {
		t.Run(tt.pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyStd(t, dir, tt.pkg)
			base := filepath.Base(tt.pkg)
			set, err := run(t, dir, refactor.Request{Target: "./" + base, Params: map[string]string{"name": base, "keep-signatures": "true"}})
			if err != nil {
				t.Fatal(err)
			}
			if got := notes(set); tt.local != "" && !strings.Contains(got, tt.local) || tt.local == "" && got != "" {
				t.Errorf("notes: got %q, want %q in it", got, tt.local)
			}
			if err := change.Apply(dir, set); err != nil {
				t.Fatal(err)
			}
			goCommand(t, dir, "test", "-vet=all", "./...")
		})
	}
}

// copyStd copies a package of GOROOT/src into a new module.
func copyStd(t *testing.T, dir, pkg string) {
	t.Helper()
	if err := corpus.Std(dir, pkg); err != nil {
		t.Fatal(err)
	}
}
