package engine

import (
	"cmp"
	"slices"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// Codes returns every code that an operation can report, sorted by name: those
// of internal/codes and those of the analyzers. The slice is the caller's.
func Codes() []codes.Code {
	all := codes.All()
	for _, a := range allanalyzers.Analyzers {
		if a.Severity != "" {
			all = append(all, a.Code())
		}
	}
	slices.SortFunc(all, func(a, b codes.Code) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// ExplainCode returns what is to be known of a code. The error of an unknown one
// names the nearest that exists.
func ExplainCode(name string) (codes.Code, error) {
	var names []string
	for _, c := range Codes() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	hint := "they are listed in " + codes.Page
	if near := split.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return codes.Code{}, &component.UsageError{Object: "--code", Reason: "no code " + name + " is known", Hint: hint}
}
