package listuse

import (
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Callers returns the callers of fn, and of the methods that change with it, that only
// go over its list, and as problems of the given code those that go over it but have to
// keep the whole of it. unsound returns why one of the first has to, too, or nil.
func Callers(w *code.World, fn *types.Func, problem string, unsound func(*Use) *Reason) (out []*Use, problems []component.Problem) {
	members, _ := w.Class(fn)
	for _, m := range members {
		for _, ref := range w.Refs(m) {
			if ref.File.Test {
				continue // it says what the function returns
			}
			u, why := Of(ref)
			if u != nil {
				why = unsound(u)
			}
			switch {
			case why != nil:
				problems = append(problems, component.Problem{Code: problem, Severity: component.Error, Span: w.SpanAt(why.Pos, why.Pos),
					Message: "this caller keeps the whole list of " + fn.Name() + ": " + why.Text, Hint: "take that out of the loop, or leave the caller as it is"})
			case u != nil:
				out = append(out, u)
			}
		}
	}
	slices.SortFunc(problems, func(a, b component.Problem) int { return a.Span.Compare(b.Span) })
	return out, problems
}

// Unfit returns why what a function returns is no list, alone or with an error; or "".
func Unfit(sig *types.Signature) string {
	rs := sig.Results()
	if rs.Len() == 0 {
		return "it returns nothing"
	}
	if rs.Len() > 2 || rs.Len() == 2 && !types.Identical(rs.At(1).Type(), types.Universe.Lookup("error").Type()) {
		return "it returns more than a list and an error"
	}
	slice, ok := rs.At(0).Type().Underlying().(*types.Slice)
	if !ok {
		return "its result is no slice"
	}
	if b, ok := slice.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
		return "its result is data, not a list"
	}
	return ""
}
