package thread

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A style is how a function returns an error that it got from another one.
type style int

const (
	plain    style = iota // return err
	wrapped               // fmt.Errorf("...: %w", err)
	opaque                // fmt.Errorf("...: %v", err)
	packaged              // errors.Wrap(err, "...")
	borrowed              // some other call: errs.New(errs.Internal, err)
)

// A returned error is one that the program returns, in the style that it has.
type returnedError struct {
	style style
	e     example
	expr  ast.Expr
	wrap  *types.Func // of packaged
	text  string      // what the message says
}

// returnedErrors sorts the examples of functions that return errors.
func returnedErrors(examples []example) []returnedError {
	var out []returnedError
	for _, e := range examples {
		ret, ok := e.stmts[len(e.stmts)-1].(*ast.ReturnStmt)
		n := e.sig.Results().Len()
		if !ok || n == 0 || len(ret.Results) != n || !crossing.IsError(e.sig.Results().At(n-1).Type()) {
			continue
		}
		if x, ok := styleOf(e, ast.Unparen(ret.Results[n-1])); ok {
			out = append(out, x)
		}
	}
	return out
}

func styleOf(e example, expr ast.Expr) (returnedError, bool) {
	out := returnedError{e: e, expr: expr}
	info := e.file.Pkg.Info
	if id, ok := expr.(*ast.Ident); ok {
		return out, info.Uses[id] == e.err
	}
	call, ok := expr.(*ast.CallExpr)
	fn := (*types.Func)(nil)
	if ok {
		fn = e.file.Callee(call)
	}
	if fn == nil || fn.Pkg() == nil {
		return out, false
	}
	has := slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
		id, ok := ast.Unparen(a).(*ast.Ident)
		return ok && info.Uses[id] == e.err
	})
	for _, a := range call.Args {
		if v := info.Types[a].Value; v != nil && v.Kind() == constant.String {
			out.text = constant.StringVal(v)
			break
		}
	}
	switch {
	case fn.FullName() == "fmt.Errorf" && has && strings.Contains(out.text, "%w"):
		out.style = wrapped
	case fn.FullName() == "fmt.Errorf" && has:
		out.style = opaque
	case strings.HasPrefix(fn.Name(), "Wrap") && has && out.text != "" && fn.Signature().Recv() == nil && fn.Exported():
		out.style, out.wrap = packaged, fn
	default:
		out.style = borrowed
	}
	return out, true
}

// spell returns how the function around r returns an error: as it does itself or,
// where it returns none yet, as the functions of its file or its package mostly do.
func (t *Threader) spell(r mention) func(err string) string {
	body, _ := r.body()
	sig := t.signatureAt(r)
	for _, all := range [][]returnedError{
		returnedErrors(examplesIn(r.File, body, sig)),
		t.styles(r.File.Rel, []*code.File{r.File}),
		t.styles(r.File.Pkg.Pkg.Path, t.siblings(r.File)),
	} {
		if spell := t.spellLike(r, all); spell != nil {
			return spell
		}
	}
	return func(err string) string { return err }
}

// spellLike is spell after given examples, or nil.
func (t *Threader) spellLike(r mention, all []returnedError) func(err string) string {
	counts := map[style]int{}
	for _, x := range all {
		counts[x.style]++
	}
	best := plain
	for _, s := range []style{wrapped, packaged, borrowed, opaque} {
		if counts[s] > counts[best] {
			best = s
		}
	}
	if counts[best] == 0 {
		return nil
	}
	var texts []string
	var first returnedError
	for _, x := range all {
		if x.style == best {
			texts = append(texts, x.text)
			if first.expr == nil {
				first = x
			}
		}
	}
	msg := t.messageOf(r).in(texts)
	switch best {
	case wrapped, opaque:
		verb := map[style]string{wrapped: "%w", opaque: "%v"}[best]
		return func(err string) string {
			return r.File.ImportAt(r.ID.Pos(), "fmt", "fmt") + ".Errorf(" + quote(msg.text+": "+verb) + ", " + err + ")"
		}
	case packaged:
		fn := first.wrap
		return func(err string) string {
			q := ""
			if fn.Pkg() != r.File.Pkg.Types {
				q = r.File.ImportAt(r.ID.Pos(), fn.Pkg().Path(), fn.Pkg().Name()) + "."
			}
			return q + fn.Name() + "(" + err + ", " + quote(msg.text) + ")"
		}
	case borrowed:
		for _, x := range all {
			if x.style != borrowed {
				continue
			}
			if text, ok := r.borrow(x.e, []ast.Node{x.expr}, msg); ok {
				return text
			}
		}
	}
	return func(err string) string { return err }
}

// siblings returns the files of the package of f that aren't tests, or are.
func (t *Threader) siblings(f *code.File) []*code.File {
	var out []*code.File
	for _, g := range t.World.Files {
		if g.Pkg.Pkg.Path == f.Pkg.Pkg.Path && g.Test == f.Test {
			out = append(out, g)
		}
	}
	return out
}

// styles returns the errors that the functions of some files return. key is what
// they are remembered by.
func (t *Threader) styles(key string, files []*code.File) []returnedError {
	if known, ok := t.stylesOf[key]; ok {
		return known
	}
	var out []returnedError
	for _, f := range files {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func); ok {
				out = append(out, returnedErrors(examplesIn(f, fn.Body, obj.Signature()))...)
			}
		}
	}
	t.stylesOf[key] = out
	return out
}

// signatureAt returns the signature of the innermost function around r, or nil.
func (t *Threader) signatureAt(r mention) *types.Signature {
	if lit := r.enclosing(); lit != nil {
		sig, _ := code.Under(r.File.Pkg.Info.TypeOf(lit)).(*types.Signature)
		return sig
	}
	if d := t.declOf(r); d != nil {
		return d.Obj.Signature()
	}
	return nil
}
