package argument

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// found is a Fact without what is said of it, which is worked out once nothing
// more is found.
type found struct {
	kind   string
	ref    ref
	callee *component.Subject
	arg    int
	held   string
}

// description says what is done: an expression, which may be nil, between two texts.
type description struct {
	before string
	expr   ast.Expr
	after  string
}

func (w description) String() string {
	if w.expr == nil {
		return w.before + w.after
	}
	return w.before + types.ExprString(w.expr) + w.after
}

// A recorded fact is what was found first of its kind, and where.
type recorded struct {
	found
	what description
	late bool // it is done after the function returned
	at   token.Pos
}

// writes records that what v points to is changed.
func (b *body) writes(v *value, w description, at ast.Node) {
	for _, r := range v.refs {
		b.record(found{kind: Writes, ref: r}, w, at)
	}
}

const maxWhat = 80 // bytes of what a fact says

func (b *body) record(f found, w description, at ast.Node) {
	f.ref.part = false // makes no difference to a fact
	late := b.later > 0 && f.kind == Writes
	if late {
		f.kind = May
	}
	if !b.recorded(f) {
		b.facts = append(b.facts, recorded{f, w, late, at.Pos()})
	}
}

// maxLinearFacts is how many facts are searched linearly: most functions have no more.
const maxLinearFacts = 16

// recorded reports whether f is among the facts; where it isn't, it is about to be.
func (b *body) recorded(f found) bool {
	if len(b.facts) < maxLinearFacts {
		return slices.ContainsFunc(b.facts, func(r recorded) bool { return r.found == f })
	}
	if len(b.seen) == 0 {
		for _, r := range b.facts {
			b.seen[r.found] = true
		}
	}
	was := b.seen[f]
	b.seen[f] = true
	return was
}

// fact says what was found.
func (b *body) fact(r recorded) Fact {
	f := Fact{Kind: r.kind, Place: r.ref.Place, Name: b.names[r.ref.Param], Arg: r.arg, Held: r.held, What: r.what.String(), Span: b.Span(r.at, r.at)}
	if r.callee != nil {
		f.Callee = *r.callee
	}
	if r.ref.callee != nil {
		f.Result = &Result{Callee: *r.ref.callee, Arg: r.ref.arg, Held: r.ref.held, Path: r.ref.path}
	}
	f.What = f.What[:min(len(f.What), maxWhat)]
	if r.late {
		f.What = "after it returned " + f.What
	}
	return f
}
