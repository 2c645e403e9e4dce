package relocate

import (
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Find returns the units that a target names, ./pkg.F or ./pkg.{F,T}, in order,
// and their package. A missing one is a *component.UsageError that names
// candidates.
func Find(w *code.World, spec string) (*Source, []*Unit, error) {
	dir, names, err := code.SplitTarget(spec)
	if err != nil {
		return nil, nil, err
	}
	pkg, rest := code.FindPackage(w, dir)
	if pkg == nil {
		if i := strings.LastIndexByte(dir, '.'); i > 0 {
			if of, typ := code.FindPackage(w, dir[:i]); of != nil && typ != "" {
				return nil, nil, &component.UsageError{Object: spec, Reason: "a method moves with its type", Hint: "name the type: " + dir[:i]}
			}
		}
		return nil, nil, code.MissingPackage(w, spec, dir)
	}
	if rest != "" {
		names = []string{rest}
	}
	if len(names) == 0 {
		return nil, nil, &component.UsageError{Object: spec, Reason: "names no declaration", Hint: "write " + spec + ".Name or '" + spec + ".{F,G}'"}
	}
	s := New(w, pkg)
	var out []*Unit
	for _, name := range names {
		u := s.Unit(name)
		if u == nil {
			return nil, nil, code.NotDeclared(w, pkg, spec, "", name, s.Names())
		}
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *Unit) int { return a.order - b.order })
	return s, out, nil
}
