package refactor

import (
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// Matching reports which of some packages a pattern such as ./orders/... covers; root is
// the absolute path of the module. A pattern that says nothing is a
// *component.UsageError.
func Matching(root, pattern string, pkgs []component.Package) (map[string]bool, error) {
	p, err := split.ParsePattern(root, pattern)
	if err == nil {
		var found map[string]bool
		if found, err = p.In(pkgs); err == nil {
			return found, nil
		}
	}
	return nil, &component.UsageError{Object: pattern, Reason: err.Error(), Hint: "for example: ./orders/..."}
}
