package code

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/source"
)

// An unbuilt is a Go file that this build leaves out, with the names in it.
type unbuilt struct {
	rel     string
	pkg     string            // the name of its package
	imports map[string]string // by path: the name that it is given; "" for the package's own
	plain   map[string]bool   // names that stand by themselves
	members map[string]bool   // of methods and fields
	after   map[string]bool   // a.B: both
	nils    map[string]bool   // of functions that are called with the word nil
	broken  bool              // it doesn't parse: it may mention anything
}

// IgnoredUse returns a Go file that this build leaves out and that mentions a
// function, a method, a type, a variable or a field of the module, or "". Of a
// method or a field any with its name counts, in files that can know its type, unless
// a build that has the file says that another one is meant.
func (w *World) IgnoredUse(obj types.Object) string {
	if obj.Pkg() == nil || w.FileOf(obj) == nil {
		return ""
	}
	key := w.Key(obj)
	file, known := w.ignored[key]
	if !known {
		file = w.ignoredUse(obj)
		w.ignored[key] = file
	}
	return file
}

// IgnoredName returns a Go file of a package that this build leaves out and that has a
// name, declared or used, or "".
func (w *World) IgnoredName(p *types.Package, name string) string {
	for _, u := range w.leftOut() {
		for _, q := range w.Packages {
			if q.Pkg.Path == p.Path() && slices.Contains(q.IgnoredFiles, u.rel) && (u.broken || u.plain[name] || u.members[name]) {
				return u.rel
			}
		}
	}
	return ""
}

func (w *World) ignoredUse(obj types.Object) string {
	dir, pkg := path.Dir(w.FileOf(obj).Rel), w.FileOf(obj).Pkg
	for _, u := range w.leftOut() {
		if same, mine := w.mayMean(u, obj, dir, pkg); mine && (u.broken || u.mentions(obj, same) && !w.meansOther(u.rel, obj)) {
			return u.rel
		}
	}
	return ""
}

// mayMean reports whether a file may mean an object of a folder and a package if it has the
// name, and whether it is of the object's package.
func (w *World) mayMean(u *unbuilt, obj types.Object, dir string, pkg *source.Package) (same, may bool) {
	same = path.Dir(u.rel) == dir && (u.broken || u.pkg == obj.Pkg().Name())
	if u.broken {
		return same, same || slices.Contains(pkg.IgnoredFiles, u.rel)
	}
	return same, same || w.knows(u, strings.TrimSuffix(obj.Pkg().Path(), "_test"))
}

// mentions reports whether a file has the name of an object in a way in which it
// can mean it; same says that it is of the object's package.
func (u *unbuilt) mentions(obj types.Object, same bool) bool {
	switch v := obj.(type) {
	case *types.Func:
		if v.Signature().Recv() != nil {
			return u.members[v.Name()] && (same || v.Exported())
		}
	case *types.Var:
		if v.IsField() {
			return u.members[v.Name()] && (same || v.Exported())
		}
	}
	if same {
		return u.plain[obj.Name()]
	}
	name, imported := u.imports[strings.TrimSuffix(obj.Pkg().Path(), "_test")]
	switch {
	case !imported || !obj.Exported():
		return false
	case name == ".":
		return u.plain[obj.Name()]
	case name == "":
		name = obj.Pkg().Name()
	}
	return u.after[name+"."+obj.Name()]
}

// calledName is the name of what is called, without what stands before it.
func calledName(call *ast.CallExpr) string {
	switch fn := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		return fn.Sel.Name
	}
	return ""
}

// IgnoredNil reports whether a file that this build leaves out calls a function of the name
// of one with the word nil.
func (w *World) IgnoredNil(fn *types.Func) bool {
	return slices.ContainsFunc(w.leftOut(), func(u *unbuilt) bool { return u.broken || u.nils[fn.Name()] })
}

// knows reports whether a file imports a package of the module, by way of others
// too.
func (w *World) knows(u *unbuilt, path string) bool {
	for _, p := range w.Packages {
		if _, ok := u.imports[p.Pkg.Path]; ok && (p.Pkg.Path == path || Imports(p.Types, path)) {
			return true
		}
	}
	return false
}

// leftOut reads the files that this build leaves out.
func (w *World) leftOut() []*unbuilt {
	if w.unbuilt != nil {
		return w.unbuilt
	}
	w.unbuilt = []*unbuilt{}
	seen := map[string]bool{}
	for _, p := range w.Packages {
		for _, rel := range p.IgnoredFiles {
			if seen[rel] || !strings.HasSuffix(rel, ".go") {
				continue
			}
			seen[rel] = true
			if content, _, err := w.Snapshot.Content(rel); err == nil {
				w.unbuilt = append(w.unbuilt, readUnbuilt(rel, content))
			}
		}
	}
	slices.SortFunc(w.unbuilt, func(a, b *unbuilt) int { return strings.Compare(a.rel, b.rel) })
	return w.unbuilt
}

func readUnbuilt(rel string, content []byte) *unbuilt {
	u := &unbuilt{rel: rel, imports: map[string]string{}, plain: map[string]bool{}, members: map[string]bool{}, after: map[string]bool{}, nils: map[string]bool{}}
	f, err := parser.ParseFile(token.NewFileSet(), rel, content, parser.SkipObjectResolution)
	if err != nil {
		u.broken = true
		return u
	}
	u.pkg = f.Name.Name
	for _, s := range f.Imports {
		if p, err := strconv.Unquote(s.Path.Value); err == nil {
			u.imports[p] = ""
			if s.Name != nil {
				u.imports[p] = s.Name.Name
			}
		}
	}
	ast.Inspect(f, u.visit)
	return u
}

func (u *unbuilt) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Ident:
		u.plain[n.Name] = true
	case *ast.CallExpr:
		if slices.ContainsFunc(n.Args, func(e ast.Expr) bool { id, ok := ast.Unparen(e).(*ast.Ident); return ok && id.Name == "nil" }) {
			u.nils[calledName(n)] = true
		}
	case *ast.SelectorExpr:
		u.members[n.Sel.Name] = true
		if x, ok := n.X.(*ast.Ident); ok {
			u.after[x.Name+"."+n.Sel.Name] = true
		}
		ast.Inspect(n.X, u.visit)
		return false
	case *ast.FuncDecl:
		if n.Recv == nil {
			return true
		}
		u.members[n.Name.Name] = true
		ast.Inspect(n.Recv, u.visit)
		ast.Inspect(n.Type, u.visit)
		if n.Body != nil {
			ast.Inspect(n.Body, u.visit)
		}
		return false
	case *ast.Field: // of a struct, an interface, or a parameter
		for _, id := range n.Names {
			u.members[id.Name] = true
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok {
			u.members[id.Name] = true
		}
	}
	return true
}
