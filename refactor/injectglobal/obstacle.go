package injectglobal

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// errLate says that a variable of a function would be passed before it is set.
var errLate = errors.New("passed before it is set")

// The codes of problems.
const (
	codeBound     = "variable-bound"
	codeUnchanged = "variable-unchanged"
	codeValue     = "no-value-to-pass"
)

const byHand = "change that by hand first"

// obstacles records what stands in the way of each variable.
func (j *job) obstacles() {
	if f := j.foreign(); f != "" {
		j.problem(codeBound, fileStart(f), "the package uses cgo: what refers to its variables isn't known", "do it by hand")
		return
	}
	if !slices.ContainsFunc(j.set.all, (*variable).changes) {
		v := j.set.all[0]
		j.problem(codeUnchanged, v, v.obj.Name()+" never changes, so it can be shared as it is", "name a variable that changes while the program runs")
		return
	}
	for _, v := range j.set.all {
		if why, hint := j.bound(v); why != "" {
			j.problem(codeBound, v, v.obj.Name()+" can't be injected: "+why, hint)
			continue
		}
		j.boundUses(v)
	}
}

// A fileStart is the beginning of a file.
type fileStart string

func (f fileStart) span(*code.World) text.Span { return text.Span{File: string(f), Line: 1, Col: 1} }

// foreign returns a file of the package that uses cgo, or "".
func (j *job) foreign() string {
	for _, file := range j.set.pkg.GoFiles {
		if !slices.ContainsFunc(j.world.Files, func(f *code.File) bool { return f.Rel == file }) {
			return file
		}
	}
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path == j.set.pkg.Pkg.Path && slices.ContainsFunc(f.AST.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` }) {
			return f.Rel
		}
	}
	return ""
}

// bound returns why the declaration of a variable has to stay, and what to do.
func (j *job) bound(v *variable) (why, hint string) {
	name := v.obj.Name()
	switch {
	case v.file.Test:
		return "it is declared in a test", "name a variable of the program"
	case v.file.Generated():
		return "a tool wrote it, and would write it again", "change what writes it"
	case len(v.spec.Values) > 0 && len(v.spec.Values) != len(v.spec.Names):
		return "it is set together with others by one call", "declare it by itself first"
	}
	for _, doc := range []*ast.CommentGroup{v.decl.Doc, v.spec.Doc} {
		if c := directive(doc); c != "" {
			return "a directive ties it to its name: " + c, byHand
		}
	}
	if c := j.linkname(name); c != "" {
		return "the linker knows it by its name: " + c, byHand
	}
	if file := j.assembly(name); file != "" {
		return "assembly mentions it: " + file, byHand
	}
	if file := j.world.IgnoredUse(v.obj); file != "" {
		return file + ", which this build leaves out, mentions it", "do it where that file is built, or change it by hand"
	}
	return j.initial(v)
}

func directive(doc *ast.CommentGroup) string {
	if doc == nil {
		return ""
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ") {
			return c.Text
		}
	}
	return ""
}

// linkname returns a directive by which the linker knows a name of the package.
func (j *job) linkname(name string) string {
	for _, f := range j.world.Files {
		for _, g := range f.AST.Comments {
			for _, c := range g.List {
				words := strings.Fields(c.Text)
				if len(words) < 2 || words[0] != "//go:linkname" {
					continue
				}
				if f.Pkg.Pkg.Path == j.set.pkg.Pkg.Path && words[1] == name || words[len(words)-1] == j.set.pkg.Pkg.Path+"."+name {
					return c.Text
				}
			}
		}
	}
	return ""
}

// assembly returns an assembly file of the package that mentions a name.
func (j *job) assembly(name string) string {
	word := regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(name) + `($|[^\pL\pN_])`)
	for _, file := range j.set.pkg.OtherFiles {
		if ext := path.Ext(file); ext != ".s" && ext != ".S" {
			continue
		}
		if content, _, err := j.world.Snapshot.Content(file); err == nil && word.Match(content) {
			return file
		}
	}
	return ""
}

// initial returns why the initial value of a variable can't be made later than
// where it is: something that it reads may be different by then.
func (j *job) initial(v *variable) (why, hint string) {
	if v.value() == nil {
		return "", ""
	}
	ast.Inspect(v.value(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || why != "" {
			return why == ""
		}
		obj, ok := v.from().Pkg.Info.Uses[id].(*types.Var)
		if !ok || obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			return true
		}
		switch {
		case j.set.keys[j.world.Key(obj)]:
			why, hint = "its initial value is made of "+obj.Name()+", which goes, too", "name "+v.obj.Name()+" alone"
		case j.world.FileOf(obj) != nil && j.assigned(obj):
			why, hint = "its initial value reads "+obj.Name()+", which may have changed by the start of main", "inject "+obj.Name()+" first"
		}
		return why == ""
	})
	return why, hint
}

// assigned reports whether any function assigns a package variable.
func (j *job) assigned(obj *types.Var) bool {
	found := false
	k := j.world.Key(obj)
	for _, f := range j.world.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			id, ok := n.(*ast.Ident)
			if !ok || found || f.Pkg.Info.Uses[id] == nil || j.world.Key(f.Pkg.Info.Uses[id]) != k {
				return
			}
			u := &use{file: f, id: id, path: stack}
			u.classify()
			found = u.write || u.part
		})
	}
	return found
}

// boundUses records the uses of a variable that can't be changed.
func (j *job) boundUses(v *variable) {
	for _, u := range v.uses {
		switch {
		case u.file.Generated():
			j.problem(codeBound, u, v.obj.Name()+" can't be injected: generated code uses it here", "change what writes it")
		case u.decl == nil:
			j.problem(codeValue, u, v.obj.Name()+" can't be injected: an initializer uses it, before main starts", byHand)
		case u.decl.Recv == nil && u.decl.Name.Name == "init":
			j.problem(codeValue, u, v.obj.Name()+" can't be injected: init uses it, before main starts", "do in main, or in a function that it calls, what init does")
		}
	}
}

// changes reports a variable whose value, or what it refers to, may change while
// the program runs.
func (v *variable) changes() bool {
	for _, u := range v.uses {
		if u.write || u.part {
			return true
		}
	}
	if constant(v) {
		return false
	}
	switch t := v.obj.Type().Underlying().(type) {
	case *types.Map, *types.Slice:
		return slices.ContainsFunc(v.uses, func(u *use) bool { return !u.reads })
	case *types.Pointer, *types.Chan:
		return true
	case *types.Interface:
		return !isError(v.obj.Type()) && t.NumMethods() > 0
	}
	return false
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// constant reports an initial value that is known to be made once and never changed.
func constant(v *variable) bool {
	call, ok := v.value().(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := v.from().Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "errors.New", "fmt.Errorf", "regexp.MustCompile", "regexp.MustCompilePOSIX", "strings.NewReplacer", "text/template.Must", "html/template.Must", "unicode/utf8.RuneLen":
		return true
	}
	return false
}

// calls reports an expression whose evaluation runs code: it may see a difference
// when it runs later.
func calls(f *code.File, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			tv := f.Pkg.Info.Types[ast.Unparen(n.Fun)]
			found = found || !tv.IsType() && !tv.IsBuiltin() && !plain(f.Callee(n))
		}
		return !found
	})
	return found
}

// plain reports functions that do nothing but make a value.
func plain(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "errors", "strings", "bytes", "container/list", "sync", "math":
		return true
	}
	return slices.Contains([]string{"log.New", "log.Default", "log/slog.New", "log/slog.Default", "net/http.NewServeMux", "bufio.NewReader", "bufio.NewWriter"}, fn.Pkg().Path()+"."+fn.Name())
}
