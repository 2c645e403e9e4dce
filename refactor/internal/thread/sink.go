package thread

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A sink says what becomes of an error at a call.
type sink struct {
	thread *code.Decl // the function that must gain an error result
	drop   bool       // go and defer: nobody looks at results
	stmts  func(err string) string
	note   string
	loop   bool // the statements go on with the innermost loop
	isRet  bool // the error is returned
	added  bool // ... by a result that the function gains
}

// sink decides how the function around a call reports the error: it returns
// it; a test fails; main ends with log.Fatal; an HTTP handler answers 500; a
// goroutine logs it; and what can do none of these panics, with a note.
func (t *Threader) sink(r mention) sink {
	if r.parentStmtDrops() {
		return sink{drop: true, note: r.Fn.Name() + " can fail now; " + "a go or defer statement drops its error"}
	}
	lit, d := r.enclosing(), t.declOf(r)
	if lit != nil {
		sig, _ := r.File.Pkg.Info.TypeOf(lit).(*types.Signature)
		if s, ok := t.returning(r, sig, false); ok {
			return s
		}
		if s, ok := t.byParameters(r, sig); ok {
			return s
		}
		return t.lastResort(r, "the function literal has no error result")
	}
	if d == nil {
		return t.lastResort(r, "an initializer can't report it")
	}
	c := t.changes[t.World.Key(d.Obj)]
	if s, ok := t.returning(r, d.Obj.Signature(), c != nil && c.Err && !c.Outside); ok {
		return s
	}
	if s, ok := t.byParameters(r, d.Obj.Signature()); ok {
		return s
	}
	if code.IsEntry(d) {
		if d.Func.Name.Name == "main" {
			return sink{stmts: func(err string) string { return r.File.ImportAt(r.ID.Pos(), "log", "log") + ".Fatal(" + err + ")" }}
		}
		return t.lastResort(r, d.Func.Name.Name+" can't report it")
	}
	if why := t.unchangeable(d); why != "" {
		return t.lastResort(r, d.Func.Name.Name+" can't return it: "+why)
	}
	return sink{thread: d}
}

// parentStmtDrops reports `go f()` and `defer f()`.
func (r mention) parentStmtDrops() bool {
	for i, n := range r.Path {
		switch n := n.(type) {
		case *ast.GoStmt:
			if n.Call == r.Call {
				return true
			}
		case *ast.DeferStmt:
			if n.Call == r.Call {
				return true
			}
		}
		_ = i
	}
	return false
}

// inLoop reports whether r stands in the body of a loop of the innermost
// function.
func (r mention) inLoop() bool {
	for i := len(r.Path) - 1; i > 0; i-- {
		switch p := r.Path[i-1].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.ForStmt:
			if r.Path[i] == ast.Node(p.Body) {
				return true
			}
		case *ast.RangeStmt:
			if r.Path[i] == ast.Node(p.Body) {
				return true
			}
		}
	}
	return false
}

// enclosing returns the innermost function literal around r, or nil.
func (r mention) enclosing() *ast.FuncLit {
	for i := len(r.Path) - 1; i >= 0; i-- {
		if lit, ok := r.Path[i].(*ast.FuncLit); ok {
			return lit
		}
	}
	return nil
}

// returning is the sink of a function that returns an error, or will.
func (t *Threader) returning(r mention, sig *types.Signature, gains bool) (sink, bool) {
	n := sig.Results().Len()
	has := n > 0 && crossing.IsError(sig.Results().At(n-1).Type())
	if !has && !gains {
		return sink{}, false
	}
	if has && !gains {
		n--
	}
	return sink{isRet: true, added: gains, stmts: func(err string) string {
		var parts []string
		for i := range n {
			parts = append(parts, r.File.Zero(sig.Results().At(i).Type()))
		}
		return "return " + strings.Join(append(parts, err), ", ")
	}}, true
}

// byParameters finds someone to report to among what is in scope.
func (t *Threader) byParameters(r mention, sig *types.Signature) (sink, bool) {
	inGo := r.inGoroutine()
	if v := r.lookup(isTesting); v != nil {
		if inGo {
			return sink{stmts: func(err string) string { return v.Name() + ".Error(" + err + ")\n" + bareReturn(r.File, sig) }}, true
		}
		return sink{stmts: func(err string) string { return v.Name() + ".Fatal(" + err + ")" }}, true
	}
	if sig.Results().Len() > 0 {
		return sink{}, false
	}
	if w := handlerWriter(sig); w != "" {
		return sink{stmts: func(err string) string {
			http := r.File.ImportAt(r.ID.Pos(), "net/http", "http")
			return http + ".Error(" + w + ", " + err + ".Error(), " + http + ".StatusInternalServerError)\nreturn"
		}}, true
	}
	if inGo && r.enclosing() != nil {
		note, then := "the goroutine logs the error and ends", "return"
		if r.inLoop() {
			note, then = "the goroutine logs the error and goes on with its loop", "continue"
		}
		return sink{loop: then == "continue", note: r.Fn.Name() + " can fail now; " + note, stmts: func(err string) string {
			return r.File.ImportAt(r.ID.Pos(), "log", "log") + ".Print(" + err + ")\n" + then
		}}, true
	}
	return sink{}, false
}

func bareReturn(f *code.File, sig *types.Signature) string {
	var zeros []string
	for v := range sig.Results().Variables() {
		zeros = append(zeros, f.Zero(v.Type()))
	}
	return strings.TrimSpace("return " + strings.Join(zeros, ", "))
}

// handlerWriter returns the name of the http.ResponseWriter of a handler.
func handlerWriter(sig *types.Signature) string {
	for v := range sig.Params().Variables() {
		if isNamed(v.Type(), "net/http", "ResponseWriter") && v.Name() != "_" {
			return v.Name()
		}
	}
	return ""
}

// inGoroutine reports whether the innermost function literal is started by go.
func (r mention) inGoroutine() bool {
	for i := len(r.Path) - 1; i >= 0; i-- {
		if _, ok := r.Path[i].(*ast.GoStmt); ok {
			return true
		}
	}
	return false
}

func (t *Threader) lastResort(r mention, why string) sink {
	return sink{
		note:  r.Fn.Name() + " can fail now, and this panics then: " + why,
		stmts: func(err string) string { return "panic(" + err + ")" },
	}
}
