package pageresult

import (
	"go/ast"
	"strconv"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/listuse"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// unsound returns why going over pages would make a difference for a caller, or nil.
func (j *job) unsound(u *listuse.Use) *listuse.Reason {
	if why := u.Leaves(); why != nil {
		return why
	}
	if why := u.Counts(); why != nil {
		return why
	}
	args := j.order.Code(reorder.Part{File: u.File, Within: u.Range, Nodes: operands(u.Ref), Skip: func(n ast.Node) bool { return givesContext(u.File, n) }})
	if p := args.Pure(); p != nil {
		return &listuse.Reason{Pos: p.Pos, Text: "its arguments would be computed for each page, and what computes them " + p.What}
	}
	if d := j.world.Decl(u.Ref.Fn); d != nil && d.Func.Pos() < u.Range.Pos() && u.Range.End() <= d.Func.End() {
		return &listuse.Reason{Pos: u.Range.Pos(), Text: "it is the function itself"}
	}
	body := j.order.Code(reorder.Part{File: u.File, Within: u.Range, Nodes: []ast.Node{u.Range.Body}})
	if c := reorder.Between(body, args); c != nil {
		return &listuse.Reason{Pos: c.First, Text: "its arguments may change between pages: " + c.Why}
	}
	c := reorder.Between(body, j.calls)
	if c != nil && !(j.interleave && c.World) {
		text := "the next page may depend on what the loop does: " + c.Why
		if c.World {
			text += " (--" + paramInterleave + " if they have nothing to do with each other)"
		}
		return &listuse.Reason{Pos: c.First, Text: text}
	}
	why, late := u.Late(body)
	if why != nil {
		return why
	}
	if c != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(c.First, c.First), Message: "this happens between two pages of " + j.fn.Name() + " now"})
	}
	if late {
		j.notes = append(j.notes, change.Note{Span: j.world.Span(u.Check), Message: "an error of a later page comes after what the loop did with those before"})
	}
	return nil
}

// operands are what a call evaluates before it is made.
func operands(ref *code.Ref) []ast.Node {
	var out []ast.Node
	if sel, ok := ast.Unparen(ref.Call.Fun).(*ast.SelectorExpr); ok {
		out = append(out, sel.X)
	}
	for _, a := range ref.Call.Args {
		out = append(out, a)
	}
	return out
}

// givesContext reports a call of a method Context, which gives a request's or a test's.
func givesContext(f *code.File, n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return false
	}
	fn := f.Callee(call)
	return fn != nil && fn.Name() == "Context" && crossing.IsContext(f.Pkg.Info.TypeOf(call))
}

// rewrite makes one caller go over pages.
func (j *job) rewrite(u *listuse.Use) {
	f, call := u.File, u.Ref.Call
	fn, _ := u.Loop.Func()
	used := naming.In(f, fn)
	cursor, next := used.Take("cursor", "pageCursor"), used.Take("next", "nextPage")
	head := "for " + cursor + " := \"\"; ; {\n"
	if breaks := u.Breaks(); len(breaks) > 0 {
		label := used.Take("pages", "allPages")
		head = label + ":\n" + head
		for _, b := range breaks {
			f.Insert(b.End(), " "+label)
		}
	}
	f.Replace(u.Ref.ID.Pos(), u.Ref.ID.End(), j.name)
	j.pass(u.Ref, cursor+", "+strconv.Itoa(j.limit))
	for i := len(u.Between) - 1; i >= 0; i-- {
		head = f.Source(u.Between[i]) + "\n" + head
	}
	for _, s := range u.Between {
		start, end := f.Lines(s)
		f.ReplaceRange(start, end, "")
	}
	f.Insert(u.Start(), head)
	if u.Assign == nil {
		page := used.Take("page", "elements")
		f.InsertFunc(u.Start(), func() string { return page + ", " + next + " := " + f.Render(call) + "\n" })
		f.ReplaceFunc(call.Pos(), call.End(), func() string { return page })
	} else {
		f.Insert(u.Assign.Lhs[0].End(), ", "+next)
	}
	f.Insert(u.Range.End(), "\nif "+next+" == \"\" {\nbreak\n}\n"+cursor+" = "+next+"\n}")
}

// pass adds arguments to a call, before those of any number.
func (j *job) pass(ref *code.Ref, args string) {
	f, call := ref.File, ref.Call
	at := len(call.Args)
	if sig := ref.Fn.Signature(); sig.Variadic() {
		at = sig.Params().Len() - 1
	}
	switch {
	case at < len(call.Args):
		f.Insert(call.Args[at].Pos(), args+", ")
	case len(call.Args) == 0:
		f.Insert(call.Lparen+1, args)
	default:
		f.Insert(call.Args[len(call.Args)-1].End(), ", "+args)
	}
}
