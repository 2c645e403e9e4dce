package lookup

import (
	"maps"
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

func TestAbove(t *testing.T) {
	pkg := func(path string, imports ...string) *source.Package {
		return &source.Package{Pkg: component.Package{Path: path}, Imports: imports}
	}
	f := &Finder{pkgs: []*source.Package{
		pkg("m/app", "m/web", "fmt"), pkg("m/money", "fmt"), pkg("m/orders", "m/pricing"),
		pkg("m/pricing", "m/money"), pkg("m/web", "m/orders"),
	}}
	for path, want := range map[string][]string{
		"m/pricing": {"m/app", "m/orders", "m/web"},
		"m/money":   {"m/app", "m/orders", "m/pricing", "m/web"},
		"m/app":     nil,
	} {
		if got := slices.Sorted(maps.Keys(f.above(path))); !slices.Equal(got, want) {
			t.Errorf("above %s: %q, want %q", path, got, want)
		}
	}
}
