package vettool

import (
	"slices"
	"testing"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/split"
)

// TestCarried checks that the rules under go vet learn what the table of bindings
// says, but for those that stay in the process.
func TestCarried(t *testing.T) {
	before := allbindings.Bindings
	defer func() { allbindings.Bindings = before }()
	across := []split.Scheme{{CrossesUnits: true}}
	allbindings.Bindings = append(slices.Clone(before),
		&bindings.Binding{Name: "within", Traits: bindings.Traits{Streams: true}, Schemes: []split.Scheme{{}}},
		&bindings.Binding{Name: "a", Traits: bindings.Traits{Unary: true}, Schemes: across},
		&bindings.Binding{Name: "b", Traits: bindings.Traits{Handles: true, Streams: true}, Schemes: across})
	withoutThem := carried()
	allbindings.Bindings = allbindings.Bindings[len(before):]
	if got := carried(); got != "b=handle,b=stream" || len(withoutThem) < len(got) {
		t.Errorf("got %q, and %q with all others", got, withoutThem)
	}
}
