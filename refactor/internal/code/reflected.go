package code

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// reflected is what the module's code, and its templates, call by name at run
// time.
type reflected struct {
	uses      bool                 // a template package is imported
	templates map[string]text.Span // by the name of a method or field
	names     map[string]text.Span // given to MethodByName
	dynamic   text.Span            // a call by a name that isn't a constant; the zero Span if there is none
	asAny     map[Key]text.Span    // types whose values go where any value can
	delims    bool                 // templates may have delimiters that aren't constants in the code
	actions   []*regexp.Regexp     // what stands between the delimiters that templates may have
	abroad    map[Key][]passing    // ... to functions of other modules
}

// A passing is a place where a value is given to a function of another module.
type passing struct {
	at  string // the place, and the function
	pkg string // the import path of the function
}

// ByName returns who may find the method at run time by its name, so that no
// compiler would notice another signature, or "".
func (w *World) ByName(fn *types.Func) string { return w.calledByName(fn, true) }

// calledByName is ByName, with templates or without.
func (w *World) calledByName(fn *types.Func, templates bool) string {
	recv := fn.Signature().Recv()
	if recv == nil || !fn.Exported() || types.IsInterface(recv.Type()) {
		return ""
	}
	r, name := w.reflection(), fn.Name()
	if f := w.FileOf(fn); f != nil && f.Test && suiteMethod(name) {
		return "a test suite calls it by its name"
	}
	if at, ok := r.templates[name]; ok && templates {
		return "the template at " + at.String() + " calls a method of this name"
	}
	for _, p := range r.abroad[w.receiverKey(fn)] {
		if p.pkg == "net/rpc" {
			return "it may be called from afar by its name (" + p.at + ")"
		}
	}
	if at, ok := r.names[name]; ok {
		return "it is called by its name at " + at.String()
	}
	if at, ok := r.asAny[w.receiverKey(fn)]; ok && r.dynamic.IsValid() {
		return "methods are called by name at " + r.dynamic.String() + ", and its type goes where any value can at " + at.String()
	}
	return ""
}

// PassedOutside returns where a value of the receiver's type is given to a function of
// another module that takes any value and may call this method: by its name, or by an
// interface of its own; or "".
func (w *World) PassedOutside(fn *types.Func) string {
	if fn.Signature().Recv() == nil || !fn.Exported() {
		return ""
	}
	for _, p := range w.reflection().abroad[w.receiverKey(fn)] {
		if w.foreign(p.pkg).calls(fn.Name()) {
			return p.at
		}
	}
	return ""
}

// FieldByName returns who may find a field of the given name at run time, so that no
// compiler would notice that it is elsewhere, or "".
func (w *World) FieldByName(name string) string {
	if !ast.IsExported(name) {
		return ""
	}
	if at, ok := w.reflection().templates[name]; ok {
		return "the template at " + at.String() + " has a field or a method of this name"
	}
	return ""
}

func (w *World) receiverKey(fn *types.Func) Key {
	if n := namedOf(fn.Signature().Recv().Type()); n != nil {
		return w.Key(n.Obj())
	}
	return Key{}
}

// namedOf returns the declared type that t is or points to, or nil.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	if n != nil {
		n = n.Origin()
	}
	return n
}

// suiteMethod reports the names by which test suites find their methods.
func suiteMethod(name string) bool {
	for _, prefix := range []string{"Test", "Benchmark", "Setup", "SetUp", "TearDown", "Before", "After", "HandleStats"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (w *World) reflection() *reflected {
	if w.byReflection != nil {
		return w.byReflection
	}
	r := *derive(w, "reflection", w.reflectiveCode)
	w.byReflection = &r
	if r.uses {
		r.templates = maps.Clone(r.templates)
		w.templateFiles(&r)
	}
	return &r
}

// reflectiveCode finds what the code of the module calls by name.
func (w *World) reflectiveCode() *reflected {
	r := &reflected{actions: []*regexp.Regexp{action}, templates: map[string]text.Span{}, names: map[string]text.Span{}, asAny: map[Key]text.Span{}, abroad: map[Key][]passing{}}
	for _, f := range w.Files {
		if imports(f, "text/template") || imports(f, "html/template") {
			r.uses = true
			r.delimiters(f)
		}
	}
	for _, f := range w.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.BasicLit:
				if r.uses && n.Kind == token.STRING {
					if s, err := strconv.Unquote(n.Value); err == nil {
						r.addTemplate(s, w.Span(n))
					}
				}
				return
			case *ast.CallExpr:
				w.reflectiveCall(f, n, r)
			}
			if e, ok := n.(ast.Expr); ok && moves(stack) {
				w.escapes(f, e, stack, r)
			}
		})
	}
	return r
}

// moves reports whether what stands around the last node of a path may give its value
// another type.
func moves(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	switch stack[len(stack)-2].(type) {
	case *ast.SelectorExpr, *ast.BinaryExpr, *ast.UnaryExpr, *ast.StarExpr, *ast.Field, *ast.ExprStmt, *ast.IncDecStmt, *ast.IfStmt, *ast.FuncDecl, *ast.TypeSpec:
		return false
	}
	return true
}

func imports(f *File, path string) bool {
	return slices.ContainsFunc(f.AST.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == strconv.Quote(path) })
}

var (
	action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	member = regexp.MustCompile(`\.([\p{Lu}][\pL\p{Nd}_]*)`)
)

// delimiters notes those that a file gives to templates.
func (r *reflected) delimiters(f *File) {
	if !bytes.Contains(f.Before, []byte(".Delims(")) {
		return
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); !ok || sel.Sel.Name != "Delims" {
			return true
		}
		var ends [2]string
		for i, arg := range call.Args {
			v := f.Pkg.Info.Types[arg].Value
			if v == nil || v.Kind() != constant.String {
				r.delims = true
				return true
			}
			ends[i] = constant.StringVal(v)
		}
		if ends[0] != "" && ends[1] != "" { // empty ones stand for those that are usual
			r.actions = append(r.actions, regexp.MustCompile("(?s)"+regexp.QuoteMeta(ends[0])+".*?"+regexp.QuoteMeta(ends[1])))
		}
		return true
	})
}

func (r *reflected) addTemplate(content string, at text.Span) {
	var actions []string
	for _, a := range r.actions {
		actions = append(actions, a.FindAllString(content, -1)...)
	}
	if r.delims {
		actions = []string{content}
	}
	for _, a := range actions {
		for _, m := range member.FindAllStringSubmatch(a, -1) {
			if _, known := r.templates[m[1]]; !known {
				r.templates[m[1]] = at
			}
		}
	}
}

// templateSize is how long a file may be to be looked at as a template.
const templateSize = 1 << 20

// templateFiles reads the module's files that look like templates.
func (w *World) templateFiles(r *reflected) {
	root := w.Snapshot.Root
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what can't be read can't be embedded either
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor") {
				return filepath.SkipDir
			}
			return nil
		}
		switch strings.ToLower(filepath.Ext(name)) {
		case ".tmpl", ".tpl", ".gotmpl", ".gohtml", ".html", ".htm", ".txt", ".md", ".xml", ".yaml", ".yml", ".sql":
		default:
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > templateSize {
			return nil
		}
		rel := w.Snapshot.Rel(path)
		if content, _, err := w.Snapshot.Content(rel); err == nil {
			r.addTemplate(string(content), text.Span{File: rel, Line: 1, Col: 1})
		}
		return nil
	})
}

// reflectiveCall records MethodByName and Method of reflect.
func (w *World) reflectiveCall(f *File, call *ast.CallExpr, r *reflected) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 {
		return
	}
	fn, ok := f.Pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "reflect" {
		return
	}
	switch fn.Name() {
	case "MethodByName":
		if v := f.Pkg.Info.Types[call.Args[0]].Value; v != nil && v.Kind() == constant.String {
			r.names[constant.StringVal(v)] = w.Span(call)
			return
		}
		r.dynamic = w.Span(call)
	case "Method":
		r.dynamic = w.Span(call)
	}
}

// escapes records the declared types whose values go where any value can.
func (w *World) escapes(f *File, e ast.Expr, stack []ast.Node, r *reflected) {
	tv, ok := f.Pkg.Info.Types[e]
	if !ok || !tv.IsValue() {
		return
	}
	n := namedOf(tv.Type)
	if n == nil || types.IsInterface(n) || w.FileOf(n.Obj()) == nil {
		return
	}
	place, t := f.Destination(stack)
	if it, ok := Under(t).(*types.Interface); place != Typed || !ok || !it.Empty() || isTypeParam(t) {
		return
	}
	k := w.Key(n.Obj())
	if !r.asAny[k].IsValid() {
		r.asAny[k] = w.Span(e)
	}
	if call, ok := stack[max(len(stack)-2, 0)].(*ast.CallExpr); ok && !f.Test {
		if fn := f.Callee(call); fn != nil && fn.Pkg() != nil && w.FileOf(fn) == nil && (!isStd(fn.Pkg().Path()) || fn.Pkg().Path() == "net/rpc") {
			if path := fn.Pkg().Path(); !slices.ContainsFunc(r.abroad[k], func(p passing) bool { return p.pkg == path }) {
				r.abroad[k] = append(r.abroad[k], passing{w.Span(e).String() + ", to " + fn.Pkg().Name() + "." + fn.Name(), path})
			}
		}
	}
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}
