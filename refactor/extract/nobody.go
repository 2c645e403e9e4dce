package extract

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// nobody refuses a contract that no code of the program would hold, tests left out.
// Where the program holds another interface, which the type satisfies, that is said
// before anything else instead.
func (j *job) nobody(flow *retype.Flow, c retype.Config, iface string) error {
	if flow.Held() > 0 {
		return nil
	}
	c.Annotate, c.Note = true, nil // variables that get their type from a value hold it, too
	local := retype.Solve(c)
	name := j.target.pkg.Pkg.Name + "." + iface
	if n := local.Held(); n > 0 {
		places := "a variable gets"
		if n > 1 {
			places = fmt.Sprintf("%d variables get", n)
		}
		j.summary = append(j.summary, "no place that is written holds "+name+": "+places+" a "+j.typeName()+" from functions that go on returning it; --step boundary has these return an interface")
		return nil
	}
	left, steps := local.Left(), ""
	if slices.ContainsFunc(left, func(l retype.Left) bool { return !l.Made() }) {
		steps = "; --step boundary makes a contract of all methods that are used, which more places can hold"
	}
	held := slices.DeleteFunc(slices.Clone(j.heldAs()), func(h holding) bool { return j.world.FileOf(h.as) == nil }) // of the module
	if len(held) > 0 {
		as, expr := held[0].as, held[0].expr
		j.summary = append(j.summary, "nobody holds "+name+" itself: what uses "+j.typeName()+" holds "+as.Pkg().Name()+"."+as.Name()+" ("+j.world.SpanAt(expr.Pos(), expr.End()).String()+"), which has methods of it already"+steps)
		return nil
	}
	if len(left) == 0 && local.Fresh() > 0 || len(left) > 0 && !slices.ContainsFunc(left, func(l retype.Left) bool { return !l.Made() }) {
		j.summary = append(j.summary, "nobody holds "+name+": what uses "+j.typeName()+" calls it where it is made")
		return nil
	}
	first := problem("nobody-holds", j.world.SpanAt(j.target.typ.Obj().Pos(), 0), "nobody would hold the contract of "+j.typeName(), "change what needs the type itself first, or see how far an interface in this process goes: --step "+stepBoundary)
	if len(left) == 0 {
		first.Hint = "no code of the program outside of its package uses it; name another type"
	}
	var reasons []component.Problem
	for _, l := range left[:min(len(left), 10)] {
		reasons = append(reasons, problem("keeps-type", l.Span, l.Name+" keeps "+j.typeName()+": "+l.Why, "change this first"))
	}
	refusal := component.Refuse(j.what, reasons...)
	refusal.Problems = slices.Insert(refusal.Problems, 0, first) // before its reasons
	return refusal
}

// A holding is an expression of the type that becomes an interface.
type holding struct {
	expr ast.Expr
	as   *types.TypeName // of the interface
}

// heldAs returns where the program's code outside of the package, tests left out,
// makes an interface from the type.
func (j *job) heldAs() []holding {
	if j.held == nil {
		j.held = sync.OnceValue(j.findHoldings)
	}
	return j.held()
}

func (j *job) findHoldings() []holding {
	var out []holding
	for _, f := range j.world.Files {
		if f.Test || f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			e, ok := n.(ast.Expr)
			if !ok || len(stack) < 2 || f.Pkg.Info.TypeOf(e) == nil || !j.isPointer(f.Pkg.Info.TypeOf(e)) {
				return
			}
			place, t := f.Destination(stack)
			if n, ok := types.Unalias(t).(*types.Named); place == code.Typed && ok && types.IsInterface(n) && n.Obj().Pkg() != nil {
				out = append(out, holding{e, n.Obj()})
			}
		})
	}
	return out
}
