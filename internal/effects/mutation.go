package effects

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A Mutation is a parameter, counted as in Method.Changes, and where its memory
// is changed.
type Mutation struct {
	Param int
	At    *Reason
}

func (p *Program) mutations(receiver bool, writes map[object]site) []Mutation {
	seen := map[object]site{}
	for o, s := range writes {
		if !s.faint {
			seen[o] = s
		}
	}
	var out []Mutation
	for _, param := range changedParams(receiver, seen) {
		at := map[int]site{}
		for o, s := range seen {
			if o.param == param+boolInt(receiver) {
				record(at, 0, s)
			}
		}
		out = append(out, Mutation{param, p.reason(at[0])})
	}
	return slices.Clip(out)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wholeSlice reports whether v is a slice as it came in, or what append made of
// one, and no part of it: an append to a part writes over the rest.
func wholeSlice(v ssa.Value, seen []ssa.Value) bool {
	if slices.Contains(seen, v) {
		return true
	}
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.Const:
		return true
	case *ssa.Phi:
		return !slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return !wholeSlice(e, append(seen, v)) })
	case *ssa.ChangeType:
		return wholeSlice(v.X, seen)
	case *ssa.Slice:
		return v.High == nil && v.Max == nil && wholeSlice(v.X, seen)
	case *ssa.Call:
		builtin, ok := v.Call.Value.(*ssa.Builtin)
		return ok && builtin.Name() == "append" && wholeSlice(v.Call.Args[0], append(seen, v))
	}
	return false
}
