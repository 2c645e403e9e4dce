package thread

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A sink says what becomes of an error at a call.
type sink struct {
	thread  *code.Decl // the function that must gain an error result
	refused string     // why nobody can report it, where the choice is to refuse
	drop    bool       // the error goes to the blank identifier
	left    bool       // the call stays as it is
	detach  bool       // of go f() and defer f(): the call goes into a literal
	capture *capture   // of a call in a literal: where the error is looked at
	stmts   func(err string) string
	note    string
	loop    bool                    // the statements go on with the innermost loop
	stays   bool                    // the statements don't leave the function
	isRet   bool                    // the error is returned
	added   bool                    // ... by a result that the function gains
	plain   bool                    // ... as it is
	ends    bool                    // the statements end the test or the program, without a return
	checks  bool                    // the statements test the error themselves: require.NoError
	tests   bool                    // ... and leave the function then: if !ok(err) { return }
	fails   func(err string) string // instead of stmts where the error was tested
	says    func(err string) string // the statements without what leaves the function
}

// sink decides how the function around a call reports the error: as it reports
// others, where it does; it returns it; a test fails; main ends; an HTTP handler
// answers 500. What can do none of these logs it, panics or drops it, as the user
// chose. What must go on logs it and goes on.
func (t *Threader) sink(r mention) sink {
	if stmt := r.detachedCall(); stmt != nil {
		return t.sinkOfDetached(r, stmt)
	}
	if why := t.bestEffort(r); why != "" {
		return t.goOn(r, why, "")
	}
	sig, d := t.signatureAt(r), t.declOf(r)
	if r.worker() && r.tester() == "" {
		return t.goOn(r, "the loop goes on", "continue")
	}
	if lit := r.enclosing(); lit != nil {
		return t.sinkOfLiteral(r, sig)
	}
	if d == nil {
		return t.lastResort(r, "an initializer can't report it")
	}
	c := t.changes[t.World.Key(d.Obj)]
	if s, ok := t.returning(r, sig, c != nil && c.Err && !c.Outside); ok {
		return s
	}
	if s, ok := t.byParameters(r, sig); ok {
		return s
	}
	if code.IsEntry(d) {
		return t.sinkOfEntry(r, d)
	}
	if c == nil && t.Errors == Log && failsClosed(d) {
		return sink{note: r.Fn.Name() + " can fail now: " + d.Func.Name.Name + " logs the error then, and answers false", stmts: func(err string) string {
			return t.report(r, err) + "\nreturn false"
		}}
	}
	if why := t.unchangeable(d); why != "" {
		return t.lastResort(r, d.Func.Name.Name+" can't return it: "+why)
	}
	return sink{thread: d}
}

// sinkOfLiteral is sink in a function literal.
func (t *Threader) sinkOfLiteral(r mention, sig *types.Signature) sink {
	if s, ok := t.returning(r, sig, false); ok {
		return s
	}
	if s, ok := t.byParameters(r, sig); ok {
		return s
	}
	if s, ok := t.captured(r); ok {
		return s
	}
	if s, ok := t.sinkOfLocal(r); ok {
		return s
	}
	return t.lastResort(r, "the function literal has no error result")
}

// sinkOfEntry is sink in what the runtime or the go tool calls.
func (t *Threader) sinkOfEntry(r mention, d *code.Decl) sink {
	switch name := d.Func.Name.Name; {
	case name == "init":
		return t.startingUp(r, "init can't report it")
	case name == "main" || d.File.Test:
		return sink{ends: true, stmts: func(err string) string { return r.File.ImportAt(r.ID.Pos(), "log", "log") + ".Fatal(" + err + ")" }}
	default:
		return t.lastResort(r, name+" can't report it")
	}
}

// goOn is the sink of a call after whose failure the function goes on: the error
// is logged, unless the user chose to drop or to refuse it.
func (t *Threader) goOn(r mention, why, then string) sink {
	name := r.Fn.Name()
	switch t.Errors {
	case Drop:
		return sink{drop: true, note: name + " can fail now, and its error is dropped: " + why}
	case RefuseErrors:
		return sink{refused: why}
	}
	if test := r.tester(); test != "" {
		return sink{stays: true, stmts: func(err string) string { return test + ".Error(" + err + ")" }}
	}
	note := name + " can fail now, and the error is logged: " + why
	if then != "" && t.goesOn(r) {
		note = name + " can fail now: the loop logs the error and goes on, as it does with others"
	}
	return sink{note: note, loop: then != "", stays: then == "", stmts: func(err string) string {
		return strings.TrimSpace(t.report(r, err) + "\n" + then)
	}}
}

// lastResort is the sink of an error that nobody can report.
func (t *Threader) lastResort(r mention, why string) sink {
	name := r.Fn.Name()
	switch t.Errors {
	case Drop:
		return sink{drop: true, note: name + " can fail now, and its error is dropped: " + why}
	case RefuseErrors:
		return sink{refused: why}
	case Log:
		if sig := t.signatureAt(r); sig != nil {
			then := "return"
			if r.inGoroutine() && r.inFiniteLoop() {
				then = "continue"
			}
			says := func(err string) string { return t.report(r, err) }
			return sink{loop: then == "continue", note: name + " can fail now, and the error is logged: " + why, says: says, stmts: func(err string) string {
				if then == "return" {
					return t.report(r, err) + "\n" + bareReturn(r.File, sig)
				}
				return t.report(r, err) + "\n" + then
			}}
		}
	}
	return t.startingUp(r, why)
}

// startingUp is the sink of what a program can't go on without.
func (t *Threader) startingUp(r mention, why string) sink {
	return sink{
		ends:  true,
		note:  r.Fn.Name() + " can fail now, and this panics then: " + why,
		stmts: func(err string) string { return "panic(" + err + ")" },
	}
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
	spell := t.spell(r)
	return sink{isRet: true, added: gains, plain: spell("err") == "err", stmts: func(err string) string {
		err = spell(err)
		var parts []string
		for i := range n {
			parts = append(parts, r.File.Zero(sig.Results().At(i).Type()))
		}
		return "return " + strings.Join(append(parts, err), ", ")
	}}, true
}

// imports reports whether a file imports a package by its own name.
func imports(f *code.File, path string) bool {
	return slices.ContainsFunc(f.AST.Imports, func(s *ast.ImportSpec) bool {
		return s.Path.Value == strconv.Quote(path) && s.Name == nil
	})
}

// byParameters finds someone to report to among what is in scope.
func (t *Threader) byParameters(r mention, sig *types.Signature) (sink, bool) {
	inGo := r.inGoroutine()
	if test := r.tester(); test != "" {
		if inGo {
			return sink{stmts: func(err string) string { return test + ".Error(" + err + ")\n" + bareReturn(r.File, sig) }}, true
		}
		fatal := func(err string) string { return test + ".Fatal(" + err + ")" }
		if imports(r.File, "github.com/stretchr/testify/require") {
			return sink{ends: true, checks: true, stmts: func(err string) string { return "require.NoError(" + test + ", " + err + ")" }, fails: fatal}, true
		}
		if imports(r.File, "github.com/stretchr/testify/assert") {
			return sink{stays: true, checks: true, stmts: func(err string) string { return "assert.NoError(" + test + ", " + err + ")" }, fails: fatal}, true
		}
		return sink{ends: true, stmts: fatal}, true
	}
	if text, ok := t.exit(r, sig); ok {
		return sink{stmts: text}, true
	}
	if s, ok := t.helper(r, sig); ok {
		return s, true
	}
	if sig.Results().Len() > 0 {
		return sink{}, false
	}
	for v := range sig.Params().Variables() {
		if answer := answering(r.File, v); answer != "" {
			return sink{stmts: func(err string) string {
				http := ""
				if strings.Contains(answer, "HTTP") {
					http = r.File.ImportAt(r.ID.Pos(), "net/http", "http")
				}
				return strings.NewReplacer("HTTP", http, "ERR", err).Replace(answer) + "\nreturn"
			}}, true
		}
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

// answering spells how a handler answers a request by one of its parameters that
// the error ERR kept it from its work, with the package HTTP; "" if it can't. A
// file of handlers that doesn't import net/http writes numbers.
func answering(f *code.File, v *types.Var) string {
	switch {
	case v.Name() == "" || v.Name() == "_":
		return ""
	case isNamed(v.Type(), "net/http", "ResponseWriter"):
		return "HTTP.Error(" + v.Name() + ", ERR.Error(), HTTP.StatusInternalServerError)"
	case isNamed(v.Type(), "github.com/gin-gonic/gin", "Context"):
		if !imports(f, "net/http") {
			return v.Name() + ".AbortWithError(500, ERR)"
		}
		return v.Name() + ".AbortWithError(HTTP.StatusInternalServerError, ERR)"
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
