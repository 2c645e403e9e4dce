package engine

import (
	"testing"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
)

// TestSolutions: what analyzers name as solutions are refactorings that editors offer.
func TestSolutions(t *testing.T) {
	some := false
	for _, a := range allanalyzers.Analyzers {
		for _, name := range a.Solutions {
			some = true
			if r, err := refactoring(name); err != nil || r.Offer == nil {
				t.Errorf("%s: %s is not offered in editors: %v", a.Name, name, err)
			}
		}
	}
	if !some {
		t.Error("there are no solutions")
	}
}
