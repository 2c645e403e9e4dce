package contract

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// behindOf says what the program puts behind the interfaces that were met.
func behindOf(decision crossing.Decision) []component.Behind {
	var out []component.Behind
	for _, b := range decision.Behind {
		x := component.Behind{Path: b.Path, Type: Ref(b.Type), Types: []component.StoredType{}}
		for _, r := range b.Types {
			x.Types = append(x.Types, component.StoredType{Type: r.Ref, Span: r.Span, Test: r.Test, Why: r.Why})
		}
		for _, u := range b.Unknown {
			x.Open = append(x.Open, component.UnknownSource{What: u.What, Span: u.Span, Test: u.Test})
		}
		out = append(out, x)
	}
	return out
}

// registered are the types that may be behind an open interface.
func registered(s *crossing.Step) []component.Field {
	out := []component.Field{}
	for _, p := range s.Parts {
		ref := Ref(p.Type)
		out = append(out, component.Field{Name: ref.Short(), Type: ref.ID()})
	}
	return sortedFields(out)
}

func sortedFields(list []component.Field) []component.Field {
	slices.SortFunc(list, func(a, b component.Field) int {
		return cmp.Or(strings.Compare(string(a.Type), string(b.Type)), strings.Compare(a.Name, b.Name))
	})
	return slices.Compact(list)
}

// unite adds the types behind the same interface, met elsewhere in the contract:
// who sends one of them may send any.
func unite(a, b *component.Type) {
	a.Fields = sortedFields(append(slices.Clone(a.Fields), b.Fields...))
}
