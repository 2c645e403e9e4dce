package engine

import (
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/truth"
)

// TestFindAgreesWithPeople scores find on programs whose parts are known. The
// least score is a little below what was measured when it was written.
func TestFindAgreesWithPeople(t *testing.T) {
	for _, c := range []struct {
		truth, dir, module string
		least              float64
	}{
		{"shop", "../testdata/modules/shop", "", 95},
		{"miniflux", "", "miniflux.app/v2@v2.3.5", 90},
	} {
		t.Run(c.truth, func(t *testing.T) {
			if c.module != "" {
				if testing.Short() {
					t.Skip("fetches a module")
				}
				c.dir = moduleDir(t, c.module)
			}
			want, err := truth.Load("../testdata/truth/" + c.truth + ".json")
			if err != nil {
				t.Fatal(err)
			}
			score := want.Score(findIn(t, c.dir))
			t.Log(score)
			if score.ARI < c.least {
				t.Errorf("%v, want an ARI of at least %v", score, c.least)
			}
		})
	}
}

// TestShopNames: components have the names that the shop's authors use, and
// only what everybody uses is shared.
func TestShopNames(t *testing.T) {
	r := findIn(t, "../testdata/modules/shop")
	var names []string
	for _, c := range r.Components {
		names = append(names, c.Name)
	}
	want := []string{"app", "carts", "catalog", "customers", "db", "inventory", "notifications", "orders", "payments", "pricing", "reports", "shipping", "tax", "web"}
	if !slices.Equal(names, want) {
		t.Errorf("components %q, want %q", names, want)
	}
	if shared := []string{"example.com/shop/config", "example.com/shop/metrics", "example.com/shop/money"}; !slices.Equal(r.Shared, shared) {
		t.Errorf("shared %q, want %q", r.Shared, shared)
	}
}

func findIn(t *testing.T, dir string) *component.Result {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Find(t.Context(), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
