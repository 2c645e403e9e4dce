package streamresult

import (
	"go/ast"
	"go/token"
	"go/version"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/listuse"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// unsound returns why going over the iterator would make a difference for a caller, or
// nil.
func (j *job) unsound(u *listuse.Use) *listuse.Reason {
	if why := u.Leaves(); why != nil {
		return why
	}
	if why := u.Counts(); why != nil && declaresAtTop(u.Range.Body, u.Index.Name) {
		return why
	}
	if v := u.File.Pkg.Types.GoVersion(); v != "" && version.Compare(v, iterators) < 0 {
		return &listuse.Reason{Pos: u.Range.Pos(), Text: "its go.mod says " + v + ", and iterators need " + iterators}
	}
	if d := j.world.Decl(u.Ref.Fn); d != nil && d.Func.Pos() < u.Range.Pos() && u.Range.End() <= d.Func.End() {
		return &listuse.Reason{Pos: u.Range.Pos(), Text: "it is the function itself"}
	}
	body := j.order.Code(reorder.Part{File: u.File, Within: u.Range, Nodes: []ast.Node{u.Range.Body}})
	c := reorder.Between(body, j.calls)
	if c != nil && !(j.interleave && c.World) {
		text := "it would run between the steps of " + j.fn.Name() + ": " + c.Why
		if c.World {
			text += " (--" + paramInterleave + " if they have nothing to do with each other)"
		}
		return &listuse.Reason{Pos: c.First, Text: text}
	}
	if exit := u.Loop.Exit(u.Range.Body, nil); exit != nil {
		for _, s := range []*reorder.Site{j.calls.Writes(), j.calls.Prints(), j.calls.Acts()} {
			if s != nil {
				return &listuse.Reason{Pos: exit.Pos(), Text: "it may end early, and " + j.fn.Name() + " " + s.What}
			}
		}
		if u.Check != nil && !j.early {
			return &listuse.Reason{Pos: exit.Pos(), Text: "it may end here, before " + j.fn.Name() + " fails: it wouldn't get that error any more (--" + paramEarly + ")"}
		}
	}
	why, late := u.Late(body)
	if why != nil {
		return why
	}
	if c != nil {
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(c.First, c.First), Message: "this happens between the steps of " + j.fn.Name() + " now"})
	}
	if late {
		j.notes = append(j.notes, change.Note{Span: j.world.Span(u.Check), Message: "an error comes after what the loop did with the elements before it now"})
	}
	return nil
}

// rewrite makes one caller go over the iterator.
func (j *job) rewrite(u *listuse.Use) {
	f := u.File
	fn, _ := u.Loop.Func()
	used := naming.In(f, fn)
	f.Replace(u.Ref.ID.Pos(), u.Ref.ID.End(), j.name)
	value := u.Value()
	vars := ""
	switch {
	case u.Check != nil && value == "":
		vars = "_, " + u.Err.Name() + " := "
	case u.Check != nil:
		vars = value + ", " + u.Err.Name() + " := "
	case value != "":
		vars = value + " := "
	}
	if u.Check != nil && value == u.Err.Name() {
		vars = used.Take("one") + ", " + u.Err.Name() + " := "
	}
	counter, count := "", ""
	if u.Index != nil {
		counter = used.Take("next", "index")
		count = "\n" + u.Index.Name + " := " + counter + "\n" + counter + "++"
	}
	call := u.Ref.Call
	f.ReplaceFunc(u.Range.For, u.Range.Body.Lbrace, func() string {
		head := "for " + vars + "range " + f.Render(call) + " "
		if counter != "" {
			return counter + " := 0\n" + head
		}
		return head
	})
	if u.Check != nil {
		f.InsertFunc(u.Range.Body.Lbrace+1, func() string { return "\n" + f.Render(u.Check) + count })
		start, end := f.Lines(u.Check)
		f.ReplaceRange(start, end, "")
	} else if count != "" {
		f.Insert(u.Range.Body.Lbrace+1, count)
	}
	if u.Assign != nil {
		start, end := f.Lines(u.Assign)
		f.ReplaceRange(start, end, "")
	}
}

// declaresAtTop reports a block that declares a name itself.
func declaresAtTop(body *ast.BlockStmt, name string) bool {
	return slices.ContainsFunc(body.List, func(stmt ast.Stmt) bool {
		switch s := stmt.(type) {
		case *ast.AssignStmt:
			return s.Tok == token.DEFINE && slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
				id, ok := e.(*ast.Ident)
				return ok && id.Name == name
			})
		case *ast.DeclStmt:
			return code.Mentions(s, name)
		}
		return false
	})
}
