package threaderror

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// What in a function becomes an error.
const (
	fromPanic   = "panic"
	fromFatal   = "fatal"
	fromIgnored = "ignored"
)

// A failure is a statement of a function that becomes the return of an error.
type failure struct {
	kind string
	stmt ast.Stmt
	call *ast.CallExpr
	path []ast.Node // from the file down to the name that is called
}

// failures returns the statements of a function that are to return an error. What
// stands in a function literal is the literal's.
func (j *job) failures(d *code.Decl) []failure {
	var out []failure
	if d.Func.Body == nil || recovers(d) {
		return nil
	}
	d.File.Walk(func(n ast.Node, stack []ast.Node) {
		if n.Pos() < d.Func.Body.Pos() || n.Pos() >= d.Func.Body.End() || slices.ContainsFunc(stack, func(n ast.Node) bool { _, lit := n.(*ast.FuncLit); return lit }) {
			return
		}
		call, stmt := statement(n)
		if call == nil {
			return
		}
		kind := j.kind(d, stmt, call, stack)
		if kind == "" || !j.from[kind] {
			return
		}
		out = append(out, failure{kind, stmt, call, append(slices.Clone(stack), call, nameOf(call))})
	})
	return out
}

// statement returns the call that a statement consists of, or whose results it
// assigns.
func statement(n ast.Node) (*ast.CallExpr, ast.Stmt) {
	switch s := n.(type) {
	case *ast.ExprStmt:
		call, _ := s.X.(*ast.CallExpr)
		return call, s
	case *ast.AssignStmt:
		if len(s.Rhs) != 1 || len(s.Lhs) < 2 || s.Tok != token.DEFINE {
			return nil, nil
		}
		id, ok := s.Lhs[len(s.Lhs)-1].(*ast.Ident)
		if !ok || id.Name != "_" {
			return nil, nil
		}
		call, _ := s.Rhs[0].(*ast.CallExpr)
		return call, s
	}
	return nil, nil
}

// nameOf returns the name that is called, or the call where it has none.
func nameOf(call *ast.CallExpr) ast.Node {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	}
	return call
}

// kind says what kind of failure a statement is, or "".
func (j *job) kind(d *code.Decl, stmt ast.Stmt, call *ast.CallExpr, stack []ast.Node) string {
	info := d.File.Pkg.Info
	if _, assigns := stmt.(*ast.AssignStmt); assigns {
		if holder(stack) && fails(d.File, call) {
			return fromIgnored
		}
		return ""
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if _, builtin := info.Uses[id].(*types.Builtin); builtin {
			if id.Name == "panic" && !assertion(d.File, call) {
				return fromPanic
			}
			return ""
		}
	}
	fn := d.File.Callee(call)
	switch {
	case fn == nil || fn.Pkg() == nil:
		return ""
	case fatal.MatchString(fn.Name()) && thread.LogsBy(d.File, call):
		return fromFatal
	case fails(d.File, call) && !harmless(fn) && holder(stack):
		return fromIgnored
	}
	return ""
}

var fatal = regexp.MustCompile(`^(Fatal|Fatalf|Fatalln|Fatalw|Panic|Panicf|Panicln)$`)

// holder reports whether the last node of a path is a statement of a list.
func holder(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	switch p := stack[len(stack)-2].(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	case *ast.CommClause:
		return p.Comm != stack[len(stack)-1]
	}
	return false
}

// fails reports a call whose last result is an error.
func fails(f *code.File, call *ast.CallExpr) bool {
	switch t := f.Pkg.Info.TypeOf(call).(type) {
	case *types.Tuple:
		return t.Len() > 0 && crossing.IsError(t.At(t.Len()-1).Type())
	case nil:
		return false
	default:
		return crossing.IsError(t)
	}
}

// harmless reports functions whose error is hardly ever looked at: they print, or
// write where nothing fails.
func harmless(fn *types.Func) bool {
	if fn.Pkg().Path() == "fmt" || fn.Name() == "Close" {
		return true
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return false
	}
	switch strings.TrimPrefix(types.TypeString(recv.Type(), nil), "*") {
	case "bytes.Buffer", "strings.Builder", "hash.Hash":
		return true
	}
	return false
}

// recovers reports a function that takes care of its own panics.
func recovers(d *code.Decl) bool {
	found := false
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			id, ok := ast.Unparen(call.Fun).(*ast.Ident)
			found = found || ok && id.Name == "recover" && d.File.Pkg.Info.Uses[id].Parent() == types.Universe
		}
		return !found
	})
	return found
}

// impossible matches what programs say where they panic because something can't
// happen, or isn't written yet: such a panic is no error that a caller could handle.
var impossible = regexp.MustCompile(`(?i)unreachable|impossible|can'?t happen|cannot happen|should (not|never)|must not happen|never happens|internal error|\bbug\b|invariant|not implemented|unimplemented|assert|todo`)

// assertion reports a panic that says that something can't happen.
func assertion(f *code.File, call *ast.CallExpr) bool {
	found := false
	ast.Inspect(call, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if v := f.Pkg.Info.Types[e].Value; v != nil && v.Kind() == constant.String {
				found = found || impossible.MatchString(constant.StringVal(v))
			}
		}
		return !found
	})
	return found
}

// convert makes the failures of a function return errors.
func (j *job) convert(t *thread.Threader, fn *types.Func) {
	d := j.world.Decl(fn)
	if d == nil {
		return
	}
	for _, x := range j.failures(d) {
		id, ok := x.path[len(x.path)-1].(*ast.Ident)
		if !ok {
			continue
		}
		ref := &code.Ref{File: d.File, Fn: fn, ID: id, Call: x.call, Path: x.path}
		if x.kind == fromIgnored {
			t.LookAt(ref, x.stmt)
		} else if !j.leave(t, ref, x) {
			continue
		}
		j.notes = append(j.notes, change.Note{Span: j.world.Span(x.stmt), Message: fn.Name() + " returns an error here: " + was[x.kind]})
	}
}

// was says what a failure did before.
var was = map[string]string{
	fromPanic: "it panicked before", fromFatal: "it ended the program before", fromIgnored: "it was ignored before",
}

// leave replaces a statement that never came back by a return.
func (j *job) leave(t *thread.Threader, ref *code.Ref, x failure) bool {
	list := x.path[slices.Index(x.path, ast.Node(x.stmt))-1]
	end, ok := t.Dead(list, x.stmt)
	if !ok {
		j.notes = append(j.notes, change.Note{Span: j.world.Span(x.stmt), Message: ref.Fn.Name() + " still ends the program here: statements follow that would never run"})
		return false
	}
	err := errorOf(ref, x.call)
	ref.File.ReplaceFunc(x.stmt.Pos(), end, func() string { return t.Leave(ref, err()) })
	j.mentions(ref.File, x.call)
	return true
}

// mentions remembers by which names a call and its message mention packages, which
// may be needed no more.
func (j *job) mentions(f *code.File, call *ast.CallExpr) {
	note := func(e ast.Expr) {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			return
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok {
			return
		}
		if p, ok := f.Pkg.Info.Uses[id].(*types.PkgName); ok {
			path := p.Imported().Path()
			if j.gone[f] == nil {
				j.gone[f] = map[string]map[*ast.Ident]bool{}
			}
			if j.gone[f][path] == nil {
				j.gone[f][path] = map[*ast.Ident]bool{}
			}
			j.gone[f][path][id] = true
		}
	}
	note(call.Fun)
	if inner, ok := sprintf(f, call.Args); ok {
		note(inner.Fun)
	}
}

// dropImports takes the imports away that nothing needs any more.
func (j *job) dropImports() {
	for f, paths := range j.gone {
		for path, ids := range paths {
			f.DropImport(path, ids)
		}
	}
}

// errorOf spells the error that a call of panic or of a logger speaks of.
func errorOf(ref *code.Ref, call *ast.CallExpr) func() string {
	f := ref.File
	name := ref.ID.Name
	errors := func() string { return f.ImportAt(call.Pos(), "errors", "errors") }
	fmt := func() string { return f.ImportAt(call.Pos(), "fmt", "fmt") }
	args := call.Args
	if inner, ok := sprintf(f, args); ok && name == "panic" {
		args, name = inner.Args, "Fatalf"
	}
	text, isText := "", false
	if len(args) > 0 {
		if v := f.Pkg.Info.Types[args[0]].Value; v != nil && v.Kind() == constant.String {
			text, isText = constant.StringVal(v), true
		}
	}
	rendered := func(args []ast.Expr) string {
		var out []string
		for _, a := range args {
			out = append(out, f.RenderWhole(a))
		}
		return strings.Join(out, ", ")
	}
	last := len(args) - 1
	failing := last >= 0 && isError(f.Pkg.Info.TypeOf(args[last]))
	formatted := strings.HasSuffix(name, "f")
	switch {
	case len(args) == 0:
		return func() string { return errors() + ".New(" + strconv.Quote(ref.Fn.Name()+" failed") + ")" }
	case last == 0 && failing:
		return func() string { return rendered(args) }
	case formatted && isText && last == 0 && !strings.Contains(text, "%"), !formatted && isText && last == 0:
		return func() string { return errors() + ".New(" + literal(f, args[0], text) + ")" }
	case formatted && isText:
		return func() string {
			return fmt() + ".Errorf(" + wrapVerb(f, args[0], text, failing) + ", " + rendered(args[1:]) + ")"
		}
	case isText && last == 1 && failing:
		return func() string {
			return fmt() + ".Errorf(" + strconv.Quote(strings.TrimRight(text, ": ")+": %w") + ", " + rendered(args[1:]) + ")"
		}
	case last == 0 && isString(f.Pkg.Info.TypeOf(args[0])):
		return func() string { return errors() + ".New(" + rendered(args) + ")" }
	case last == 0:
		return func() string { return fmt() + ".Errorf(\"%v\", " + rendered(args) + ")" }
	}
	return func() string { return errors() + ".New(" + fmt() + ".Sprint(" + rendered(args) + "))" }
}

// sprintf returns the call of fmt.Sprintf that the only argument is.
func sprintf(f *code.File, args []ast.Expr) (*ast.CallExpr, bool) {
	if len(args) != 1 {
		return nil, false
	}
	call, ok := ast.Unparen(args[0]).(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	fn := f.Callee(call)
	return call, fn != nil && fn.FullName() == "fmt.Sprintf" && !call.Ellipsis.IsValid()
}

// literal is a message as it is written, without a line end.
func literal(f *code.File, e ast.Expr, text string) string {
	if t := strings.TrimRight(text, "\n"); t != text {
		return strconv.Quote(t)
	}
	return f.Source(e)
}

// wrapVerb is a format whose last verb wraps the error that it is for.
func wrapVerb(f *code.File, e ast.Expr, text string, failing bool) string {
	t := strings.TrimRight(text, "\n")
	for _, verb := range []string{"%v", "%s"} {
		if rest, ok := strings.CutSuffix(t, verb); ok && failing {
			return strconv.Quote(rest + "%w")
		}
	}
	if t != text {
		return strconv.Quote(t)
	}
	return f.Source(e)
}

func isError(t types.Type) bool {
	return t != nil && types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}
