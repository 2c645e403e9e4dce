package thread

import (
	"cmp"
	"go/types"
	"strconv"
	"strings"
)

// rewriteMention edits one call of a changed function, or one use as a value.
func (t *Threader) rewriteMention(r mention) {
	c := t.changed(r)
	if t.byReceiver(c) {
		t.callMethod(r)
		return
	}
	if r.Call == nil {
		t.adapt(r)
		return
	}
	if _, tuple := r.tupleArgument(); tuple && c.Ctx {
		t.adapt(r)
		return
	}
	switch {
	case c.Ctx && t.Value != nil:
		t.valueArgument(r)
	case c.Ctx:
		t.passContext(r)
	}
	if c.Err {
		t.handleError(r)
	}
}

// tupleArgument reports a call whose only argument is a call with many results.
func (r mention) tupleArgument() (*types.Tuple, bool) {
	if r.Call == nil || len(r.Call.Args) != 1 {
		return nil, false
	}
	tuple, ok := r.File.Pkg.Info.TypeOf(r.Call.Args[0]).(*types.Tuple)
	return tuple, ok
}

func (t *Threader) passContext(r mention) {
	expr, comma := t.pass(r, false), ""
	if len(r.Call.Args) > 0 {
		comma = ", "
	}
	r.File.InsertFunc(r.Call.Lparen+1, func() string { return expr() + comma })
}

// pass returns what spells the context to pass at r when the file is rendered, and
// makes the edits that it needs. kept says that the call is made later than r is
// evaluated.
func (t *Threader) pass(r mention, kept bool) func() string {
	s := t.context(r)
	switch {
	case !kept || s.expr == "" || s.lone || s.detached:
	case t.canDetach(r):
		name := s.name
		s = t.withoutCancel(r, s.expr)
		s.name = name
	default:
		s = t.root(r, "")
	}
	cut := s.expr == ""
	if cut {
		s = t.root(r, "the change ends here, "+plural(t.Depth, "call")+" away")
	}
	if s.name != nil {
		s.name()
	}
	switch {
	case s.root && t.Context == RefuseContexts:
		t.problem(r, "no-context-to-pass", r.Fn.Name()+" has no context to get here: "+cmp.Or(s.why, t.whyNoContext(r)), "pass one by hand, or allow one to be made: --context background")
	case s.registered && !r.File.Test:
		t.note(t.World.Span(r.ID), r.Fn.Name()+" begins with a context of its own here: what an initializer registers is called without one")
	case s.root && r.File.Test && !cut:
		// Work of tests starts there: nobody has to look for a context.
	case s.why != "":
		t.note(t.World.Span(r.ID), r.Fn.Name()+" gets "+s.expr+": "+s.why+t.way(r, s))
	case s.root:
		t.note(t.World.Span(r.ID), r.Fn.Name()+" gets "+s.expr+": "+t.whyNoContext(r)+t.way(r, s))
	}
	if s.detached {
		return t.detachedContext(r, s.expr)
	}
	return func() string {
		if !s.lone {
			return s.expr
		}
		return r.File.ImportAt(r.ID.Pos(), "context", "context") + strings.TrimPrefix(s.expr, "context")
	}
}

// whyNoContext says why a call has no context to pass where that is plain to see.
func (t *Threader) whyNoContext(r mention) string {
	if t.declOf(r) == nil {
		return "an initializer has none"
	}
	return "it may run after the function around it has returned"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
