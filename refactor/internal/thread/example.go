package thread

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An example is a place where the program handles an error itself:
// if err != nil { ... }, whose statements leave the function.
type example struct {
	file  *code.File
	stmts []ast.Stmt
	err   types.Object
	sig   *types.Signature // of the function that is left
}

// examples returns how the function with the given body handles errors; what
// stands in function literals is theirs.
func examplesIn(f *code.File, body *ast.BlockStmt, sig *types.Signature) []example {
	var out []example
	if body == nil || sig == nil {
		return nil
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		s, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		obj := testedError(f, s.Cond)
		if obj == nil || len(s.Body.List) == 0 || len(s.Body.List) > 3 || !leaves(f, s.Body.List[len(s.Body.List)-1]) {
			return true
		}
		out = append(out, example{f, s.Body.List, obj, sig})
		return true
	})
	return out
}

// testedError returns the variable of a condition err != nil, or nil.
func testedError(f *code.File, cond ast.Expr) types.Object {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return nil
	}
	id, ok := b.X.(*ast.Ident)
	if !ok || !f.Pkg.Info.Types[b.Y].IsNil() {
		return nil
	}
	obj := f.Pkg.Info.Uses[id]
	if obj == nil || !crossing.IsError(obj.Type()) {
		return nil
	}
	return obj
}

// leaves reports a statement after which the function doesn't go on.
func leaves(f *code.File, s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		if b, ok := builtin(f.Pkg.Info, call); ok {
			return b == "panic"
		}
		fn := f.Callee(call)
		return fn != nil && (fn.FullName() == "os.Exit" || strings.HasPrefix(fn.Name(), "Fatal"))
	}
	return false
}

// borrow spells statements or expressions of an example anew at r: err stands for
// its error, and msg for what its messages say. It fails where they speak of more
// than the error, or of what r can't see.
func (r mention) borrow(e example, nodes []ast.Node, msg message) (func(err string) string, bool) {
	b := borrower{r: r, e: e, msg: msg}
	for _, n := range nodes {
		b.visit(n, nil)
	}
	if b.failed || !b.saysErr {
		return nil, false
	}
	b.sort()
	return func(err string) string {
		var out []string
		for _, n := range nodes {
			out = append(out, b.text(n, err))
		}
		return strings.Join(out, "\n")
	}, true
}

// A borrower collects what is spelt differently.
type borrower struct {
	r       mention
	e       example
	msg     message
	given   ast.Expr // stands for the error, beside the example's variable; may be nil
	parts   []part
	saysErr bool
	failed  bool
}

func (b *borrower) sort() {
	slices.SortFunc(b.parts, func(x, y part) int { return cmp.Compare(x.start, y.start) })
}

// A part of a source is replaced by a text, or by the error where that is empty.
type part struct {
	start, end int
	text       string
}

func (b *borrower) visit(n ast.Node, parent ast.Node) {
	ast.Inspect(n, func(c ast.Node) bool {
		if b.failed {
			return false
		}
		if e, ok := c.(ast.Expr); ok && e == b.given {
			b.saysErr = true
			b.parts = append(b.parts, part{b.e.file.Offset(e.Pos()), b.e.file.Offset(e.End()), ""})
			return false
		}
		switch c := c.(type) {
		case *ast.FuncLit, *ast.BlockStmt, *ast.AssignStmt, *ast.DeferStmt, *ast.GoStmt:
			b.failed = true
			return false
		case *ast.SelectorExpr:
			b.visit(c.X, c)
			b.constant(b.e.file.Pkg.Info.Uses[c.Sel])
			return false
		case *ast.KeyValueExpr:
			b.visit(c.Value, c) // the key is one of the program's words
			return false
		case *ast.CallExpr:
			b.call(c)
			return false
		case *ast.Ident:
			b.name(c)
		case *ast.BasicLit:
			b.failed = b.failed || c.Value != `""` && c.Value != "0" && c.Value != "1" && c.Value != "500"
		}
		return true
	})
}

// blames are the names of functions that answer that the failure is the caller's fault.
var blames = regexp.MustCompile(`(?i)badrequest|notfound|unauthori[sz]ed|unauthenticated|forbidden|conflict|invalid|unprocessable|notallowed|gone$`)

// call visits a call: the string among arguments that the error is among is its
// message.
func (b *borrower) call(c *ast.CallExpr) {
	b.visit(c.Fun, c)
	if fn := b.e.file.Callee(c); fn != nil && (b.r.changedName(fn) || blames.MatchString(fn.Name())) {
		b.failed = true
	}
	had := b.saysErr
	var texts []*ast.BasicLit
	for _, a := range c.Args {
		if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			texts = append(texts, lit)
			continue
		}
		b.visit(a, c)
	}
	if len(texts) == 0 {
		return
	}
	if had == b.saysErr { // nothing of this call is about the error
		b.failed = true
		return
	}
	for i, lit := range texts {
		if i > 0 {
			if v, _ := strconv.Unquote(lit.Value); v != "err" && v != "error" {
				b.failed = true
			}
			continue
		}
		b.say(lit)
	}
}

var verbs = regexp.MustCompile(`%[+#]?[a-z]`)

// say puts the message of the mention in the place of that of the example.
func (b *borrower) say(lit *ast.BasicLit) {
	v, err := strconv.Unquote(lit.Value)
	found := verbs.FindAllString(v, -1)
	if err != nil || len(found) > 1 {
		b.failed = true
		return
	}
	f := b.e.file
	text := b.msg.like(v)
	if len(found) == 1 {
		text += ": " + found[0]
	}
	b.parts = append(b.parts, part{f.Offset(lit.Pos()), f.Offset(lit.End()), strconv.Quote(text)})
}

func (b *borrower) name(id *ast.Ident) {
	f := b.e.file
	obj := f.Pkg.Info.Uses[id]
	switch {
	case obj == nil || f.Pkg.Info.Defs[id] != nil:
		b.failed = true
	case obj == b.e.err:
		b.saysErr = true
		b.parts = append(b.parts, part{f.Offset(id.Pos()), f.Offset(id.End()), ""})
	case !b.r.sees(obj):
		b.another(id, obj)
	default:
		b.constant(obj)
	}
}

// another puts a parameter of the function around r in the place of one of the
// example's, by which both answer the same kind of request.
func (b *borrower) another(id *ast.Ident, obj types.Object) {
	v, ok := obj.(*types.Var)
	if !ok || b.given == nil || answering(b.e.file, v) == "" {
		b.failed = true
		return
	}
	mine := b.r.lookup(func(x *types.Var) bool { return isParameter(x) && types.Identical(x.Type(), v.Type()) })
	if mine == nil {
		b.failed = true
		return
	}
	f := b.e.file
	b.parts = append(b.parts, part{f.Offset(id.Pos()), f.Offset(id.End()), mine.Name()})
}

// internal are the names of constants that stand for a failure that isn't the
// caller's fault.
var internal = regexp.MustCompile(`(?i)internal|unknown|unexpected|failure`)

func (b *borrower) constant(obj types.Object) {
	c, ok := obj.(*types.Const)
	if !ok || c.Pkg() == nil {
		return
	}
	if basic, ok := c.Type().Underlying().(*types.Basic); ok && basic.Info()&types.IsBoolean != 0 {
		return
	}
	b.failed = b.failed || !internal.MatchString(c.Name())
}

func (b *borrower) text(n ast.Node, err string) string { return b.span(n.Pos(), n.End(), err) }

// span is text of what stands between two positions.
func (b *borrower) span(from, to token.Pos, err string) string {
	f := b.e.file
	at, end := f.Offset(from), f.Offset(to)
	var out strings.Builder
	for _, p := range b.parts {
		if p.start < at || p.end > end {
			continue
		}
		out.Write(f.Before[at:p.start])
		out.WriteString(cmp.Or(p.text, err))
		at = p.end
	}
	out.Write(f.Before[at:end])
	return out.String()
}

// changedName reports a function whose calls are rewritten: an example with one is
// no example.
func (r mention) changedName(fn *types.Func) bool { return fn.Origin() == r.Fn.Origin() }

// sees reports whether the name of an object means it at r, in r's file.
func (r mention) sees(obj types.Object) bool {
	scope := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos())
	if scope == nil {
		return false
	}
	_, seen := scope.LookupParent(obj.Name(), r.ID.Pos())
	if seen == obj {
		return true
	}
	a, ok := seen.(*types.PkgName)
	b, ok2 := obj.(*types.PkgName)
	return ok && ok2 && a.Imported().Path() == b.Imported().Path()
}

// exit is how the function around r leaves where it failed, if it has results but
// no error among them, or none: as it does elsewhere.
func (t *Threader) exit(r mention, sig *types.Signature) (func(err string) string, bool) {
	body, _ := r.body()
	var found []func(string) string
	var spelt []string
	for _, e := range examplesIn(r.File, body, sig) {
		var nodes []ast.Node
		for _, s := range e.stmts {
			if !givesBack(e.file, s) {
				nodes = append(nodes, s)
			}
		}
		if text, ok := r.borrow(e, nodes, t.messageOf(r)); ok {
			found, spelt = append(found, text), append(spelt, text("err"))
		}
	}
	if len(found) == 0 {
		return t.ownError(r, sig)
	}
	return found[slices.Index(spelt, mostOf(spelt))], true
}

// ownError spells the return of an error of the program's own type, which the
// function around r has as its last result, as other functions of the package make
// one of an error.
func (t *Threader) ownError(r mention, sig *types.Signature) (func(err string) string, bool) {
	n := sig.Results().Len()
	if n == 0 || named(sig.Results().At(n-1).Type()) == nil {
		return nil, false
	}
	last := sig.Results().At(n - 1).Type()
	for _, f := range t.siblings(r.File) {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func)
			if !ok {
				continue
			}
			rs := obj.Signature().Results()
			if rs.Len() == 0 || !types.Identical(rs.At(rs.Len()-1).Type(), last) {
				continue
			}
			for _, e := range examplesIn(f, fn.Body, obj.Signature()) {
				ret, ok := e.stmts[len(e.stmts)-1].(*ast.ReturnStmt)
				if !ok || len(ret.Results) != rs.Len() {
					continue
				}
				if text, ok := r.borrow(e, []ast.Node{ret.Results[rs.Len()-1]}, t.messageOf(r)); ok {
					return func(err string) string {
						var out []string
						for i := range n - 1 {
							out = append(out, r.File.Zero(sig.Results().At(i).Type()))
						}
						return "return " + strings.Join(append(out, text(err)), ", ")
					}, true
				}
			}
		}
	}
	return nil, false
}

// mostOf returns the string that is there most often; of several, the first.
func mostOf(all []string) string {
	counts, best := map[string]int{}, ""
	for _, s := range all {
		counts[s]++
	}
	most := slices.Max(append(slices.Collect(maps.Values(counts)), 0))
	for _, s := range all {
		if counts[s] == most {
			best = s
			break
		}
	}
	return best
}
