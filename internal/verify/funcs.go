package verify

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
)

// A Func names a function or method of the module.
type Func struct {
	Dir  string // of its package, from the root: pricing, or "."
	Recv string // the name of its receiver's type, or ""
	Name string
}

func (f Func) String() string {
	name := f.Name
	if f.Recv != "" {
		name = f.Recv + "." + name
	}
	return "./" + strings.TrimSuffix(strings.TrimPrefix(f.Dir, "."), "/") + "." + name
}

// A declared function is one as it is written in one version of a file.
type declared struct {
	Func
	file    string
	text    string // without comments
	decl    *ast.FuncDecl
	results int // the error at the end, too
	fails   bool
}

// A pair is a function before and after a change.
type pair struct {
	old, now *declared
	gained   bool // an error
}

// changed is what a change does to functions and types.
type changed struct {
	pairs []pair
	// other are the fields, as Type.field, that a struct has only in one version, or
	// with another type.
	other []string
	// reshaped are the types that have a field only in one version, and those with a
	// field of such a type.
	reshaped map[string]bool
	// exported are the types that got an exported name, where they are now, with the name
	// that they had: what is printed of a value is held to be the same.
	exported map[typeIn]string
	literals []string // strings and numbers in the changed functions
	gone     []Func
}

// version collects the declarations of one version of the changed files.
type version struct {
	funcs  map[Func]*declared
	types  map[typeIn]bool
	fields map[typeIn]map[string]string // of struct types: the types of fields
	words  map[string]bool
}

// changedFuncs returns the functions outside of tests that differ.
func changedFuncs(results []change.Result) *changed {
	before, after := newVersion(), newVersion()
	for _, r := range results {
		if path.Ext(r.Path) != ".go" || strings.HasSuffix(r.Path, "_test.go") {
			continue
		}
		if r.HadBefore {
			before.add(r.Path, r.Before)
		}
		if r.HasAfter {
			after.add(r.Path, r.After)
		}
	}
	c := &changed{literals: sortedKeys(before.words), exported: exported(before.types, after.types)}
	was, is := before.structs(nil), after.structs(c.exported)
	for _, name := range sortedKeys(was) {
		if fields, ok := is[name]; ok {
			c.other = append(c.other, differing(name, was[name], fields)...)
		}
	}
	slices.Sort(c.other)
	c.reshaped = reshaped(was, is)
	for _, f := range slices.SortedFunc(maps.Keys(before.funcs), func(a, b Func) int { return strings.Compare(a.String(), b.String()) }) {
		old := before.funcs[f]
		now := after.funcs[f]
		if now == nil {
			now = moved(f, before, after)
		}
		switch {
		case now == nil:
			c.gone = append(c.gone, f)
		case now.text != old.text:
			c.pairs = append(c.pairs, pair{old, now, now.fails && now.results == old.results+1})
		}
	}
	return c
}

// takes reports whether the receiver or a parameter is of one of the types.
func (d *declared) takes(names map[string]bool) bool {
	var fields []*ast.Field
	if d.decl.Recv != nil {
		fields = d.decl.Recv.List
	}
	for _, f := range slices.Concat(fields, d.decl.Type.Params.List) {
		var typ bytes.Buffer
		if printer.Fprint(&typ, token.NewFileSet(), f.Type) != nil || mentions(typ.String(), names) {
			return true
		}
	}
	return false
}

// moved returns the one function of another package that has the name and wasn't
// there, or nil.
func moved(f Func, before, after *version) *declared {
	var found *declared
	for other, d := range after.funcs {
		if other.Recv == f.Recv && other.Name == f.Name && before.funcs[other] == nil {
			if found != nil {
				return nil
			}
			found = d
		}
	}
	return found
}

func newVersion() *version {
	return &version{funcs: map[Func]*declared{}, types: map[typeIn]bool{}, fields: map[typeIn]map[string]string{}, words: map[string]bool{}}
}

func (v *version) add(file string, content []byte) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, content, parser.SkipObjectResolution)
	if err != nil {
		return // of another language version; the go command says so
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			v.function(fset, file, d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					in := typeIn{path.Dir(file), ts.Name.Name}
					v.types[in] = true
					v.structType(fset, in, ts)
				}
			}
		}
	}
}

func (v *version) function(fset *token.FileSet, file string, d *ast.FuncDecl) {
	if d.Name.Name == "init" || d.Name.Name == "_" || d.Body == nil {
		return
	}
	var text bytes.Buffer
	if printer.Fprint(&text, fset, d) != nil {
		return
	}
	out := &declared{Func: Func{Dir: path.Dir(file), Recv: receiver(d), Name: d.Name.Name}, file: path.Base(file), text: text.String(), decl: d}
	if r := d.Type.Results; r != nil {
		out.results = r.NumFields()
		if n := len(r.List); n > 0 {
			id, ok := r.List[n-1].Type.(*ast.Ident)
			out.fails = ok && id.Name == "error"
		}
	}
	v.funcs[out.Func] = out
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && len(v.words) < 200 && len(lit.Value) < 100 {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				v.words[s] = true
			} else {
				v.words[lit.Value] = true
			}
		}
		return true
	})
}

// baseName is the name of a type without what it points to or is an instance of.
func baseName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.ParenExpr:
		return baseName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.IndexListExpr:
		return baseName(e.X)
	}
	return ""
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	return baseName(d.Recv.List[0].Type)
}

// generic reports whether a function or its receiver has type parameters.
func (d *declared) generic() bool {
	if d.decl.Type.TypeParams != nil {
		return true
	}
	if d.decl.Recv == nil {
		return false
	}
	t := d.decl.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	switch t.(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
