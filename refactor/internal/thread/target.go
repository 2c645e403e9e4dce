package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// stopAt returns a Stop of a Threader for functions that a request names. flag is
// the name of its parameter.
func stopAt(w *code.World, flag string, specs []string) (func(*types.Func) string, error) {
	stops := map[code.Key]bool{}
	for _, spec := range specs {
		fns, err := code.FindFuncs(w, spec)
		if err != nil {
			return nil, err
		}
		for _, fn := range fns {
			stops[w.Key(fn.Origin())] = true
		}
	}
	return func(fn *types.Func) string {
		if stops[w.Key(fn.Origin())] {
			return "--" + flag + " names it"
		}
		return ""
	}, nil
}

// Unchangeable returns why a function that is asked for can't have another
// signature, or "". note is told what may find a method by its name no more.
func Unchangeable(w *code.World, fn *types.Func, note func(fn *types.Func, message string)) string {
	if d := w.Decl(fn); d != nil && code.IsEntry(d) {
		return "the runtime or the go tool calls it"
	}
	members, frozen := w.Class(fn)
	if frozen != "" {
		return frozen
	}
	for _, m := range members {
		if why := w.Fixed(m); why != "" {
			if m != fn {
				why = m.FullName() + " has to fit it, and " + why
			}
			return why
		}
		if at := w.PassedOutside(m); at != "" {
			note(m, "its type is given to another module ("+at+"): should that call "+m.Name()+" by its name, it no longer finds it")
		}
	}
	return ""
}

// Leave spells the statements by which the function around r returns an error,
// after it released what it holds. The function returns an error, or gains one.
func (t *Threader) Leave(ref *code.Ref, err string) string {
	r := mention{ref}
	sig := t.signatureAt(r)
	n := sig.Results().Len()
	if d := t.declOf(r); d != nil && code.ReturnsError(d.Obj) {
		n--
	}
	var out []string
	for i := range n {
		out = append(out, r.File.Zero(sig.Results().At(i).Type()))
	}
	lines := append(t.pending(r, sink{}), "return "+strings.Join(append(out, err), ", "))
	return strings.Join(lines, "\n")
}

// Dead returns where a statement of a list ends, with what comes after it, if it
// is to become a return: nothing may follow that could run. A return after it goes.
func (t *Threader) Dead(list ast.Node, stmt ast.Stmt) (token.Pos, bool) {
	all := statements(list)
	i := slices.Index(all, stmt)
	switch {
	case i < 0:
		return token.NoPos, false
	case i == len(all)-1:
		t.tails[stmt] = true
		return stmt.End(), true
	case i == len(all)-2:
		switch next := all[i+1].(type) {
		case *ast.ReturnStmt:
			t.returns[next] = true
			t.tails[next] = true
			return next.End(), true
		case *ast.BranchStmt:
			return next.End(), next.Tok != token.FALLTHROUGH
		}
	}
	return token.NoPos, false
}

// LookAt returns the error of a call that nothing looked at so far: of a statement
// f(), or of x, _ := f().
func (t *Threader) LookAt(ref *code.Ref, stmt ast.Stmt) {
	r := mention{ref}
	f := r.File
	leave := func(err string) string { return t.Leave(ref, t.spell(r)(err)) }
	if a, ok := stmt.(*ast.AssignStmt); ok {
		last := a.Lhs[len(a.Lhs)-1]
		if allBlank(a.Lhs[:len(a.Lhs)-1]) {
			return
		}
		err := t.errBeside(r, nil, a.Lhs)
		f.Replace(last.Pos(), last.End(), err)
		f.InsertFunc(afterComment(f, a.End()), func() string { return "\nif " + err + " != nil {\n" + leave(err) + "\n}" })
		return
	}
	blanks := ""
	if tuple, ok := f.Pkg.Info.TypeOf(r.Call).(*types.Tuple); ok {
		blanks = strings.Repeat("_, ", tuple.Len()-1)
	}
	f.Insert(r.Call.Pos(), "if "+blanks+"err := ")
	f.InsertFunc(r.Call.End(), func() string { return "; err != nil {\n" + leave("err") + "\n}" })
}

// LogsBy reports a call of a method or function of a logger.
func LogsBy(f *code.File, call *ast.CallExpr) bool {
	_, _, ok := callee(f, call)
	return ok
}
