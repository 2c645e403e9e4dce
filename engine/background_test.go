package engine

import (
	"testing"

	"github.com/unweld/unweld/internal/background"
)

// TestFindYields: in the background Find stops for a request more than once, with
// another package or function in between, and says the same in the end.
func TestFindYields(t *testing.T) {
	var requests background.Requests
	defer requests.Begin()() // never answered while Find runs
	s, err := Open(t.Context(), Options{Dir: "../testdata/modules/shop", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Find(t.Context(), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := requests.Held(); n > 0 {
		t.Errorf("in the foreground Find was held up %d times", n)
	}
	s, err = Open(t.Context(), Options{Dir: "../testdata/modules/shop", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Find(background.With(t.Context(), &requests), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := requests.Held(); n < 2 {
		t.Errorf("in the background Find was held up %d times", n)
	}
	if len(got.Components) == 0 || len(got.Components) != len(want.Components) || len(got.Hazards) != len(want.Hazards) {
		t.Errorf("in the background: %d components and %d hazards, otherwise %d and %d", len(got.Components), len(got.Hazards), len(want.Components), len(want.Hazards))
	}
}
