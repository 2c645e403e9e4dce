// Package code is what refactorings share: the files of a module with their
// types, an index of who refers to which function, edits that may nest, and the
// check that the outcome builds.
//
// Architecture Invariant: it never writes. What leaves it is a change.Set that
// has been type-checked.
package code

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generators"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// A World is a whole module, test files included, each file once.
type World struct {
	Snapshot *source.Snapshot
	Fset     *token.FileSet
	Packages []*source.Package
	Files    []*File // sorted by path

	once       bool // what a change would lead to
	byName     map[string]*File
	refs       map[Key][]*Ref
	decls      map[Key]*Decl
	specs      map[Key]*Spec
	interfaces *interfaces
	withMethod typesByMethod // the module's types that aren't interfaces, in every variant

	classes map[classKey]class // what Class found out
	ignored map[Key]string     // what IgnoredUse found out
	unbuilt []*unbuilt         // the files that this build leaves out; nil: not read yet

	builds *otherBuilds                          // nil: not asked for yet
	relied map[*otherBuild]map[types.Object]bool // whose word about what a decision rests on

	runs     bool                    // generators may run
	writers  map[*File]generated     // what generated found out
	declared []*types.TypeName       // what ownInterfaces returns; nil: not asked for yet
	written  []*generators.Directive // what directives returns
	read     bool                    // it was asked for
	stale    map[*File]bool          // the files to write anew

	converted    *conversions // nil: not asked for yet
	byReflection *reflected   // nil: not asked for yet
	decoded      *filling     // what Decoded reports; nil: not asked for yet

	unembedded []component.Problem // directives go:embed that find nothing
}

// A File is one Go file of the module.
type File struct {
	Rel    string
	Before []byte
	AST    *ast.File
	Pkg    *source.Package
	Test   bool
	// Unbuilt says that this build leaves the file out. Such files are in a World only
	// where package unbuilt added them.
	Unbuilt bool

	world *World
	edits []*edit
	args  map[*ast.Ident][]ast.Expr // what TypeArguments found out

	rewritten map[*ast.Comment]bool // comments that edits write anew

	deleted     bool // it goes
	unformatted bool // gofmt would change it, so nothing formats the outcome

	added   map[string]string // the paths of imports to add
	asked   map[string]bool   // the paths of imports that edits want
	aliases map[string]string // import path -> name, where it isn't the package's
	removed map[ast.Spec]bool // imports that go with their declaration, unless an edit asks for them
}

// A Key identifies a declaration across the variants of a package that one load
// type-checks, whose objects differ: the place of its name.
type Key struct {
	file   string
	offset int
}

// A Decl is a function or method declaration.
type Decl struct {
	File *File
	Func *ast.FuncDecl
	Obj  *types.Func
}

// A Spec is the declaration of a method in an interface.
type Spec struct {
	File *File
	Type *ast.FuncType
}

// A Ref is a mention of a function.
type Ref struct {
	File *File
	Fn   *types.Func
	ID   *ast.Ident
	Call *ast.CallExpr // nil where the function is used as a value
	Path []ast.Node    // from the file down to ID

	// Wrap changes the text of the call, if not nil.
	Wrap func(call string) string
	// As is the type that a wrapped call has, if it isn't the function's.
	As types.Type
	// Name is what to call the result where it needs a variable; empty for a
	// name made from the function's.
	Name string
}

// Load loads the module that a refactoring works on. Code that doesn't type-check is refused with
// its errors, since nothing could be promised about changes to it.
func Load(ctx context.Context, in refactor.Input, what string) (*World, error) {
	w, err := load(ctx, in.Snapshot, what, false)
	if err != nil {
		return nil, err
	}
	w.runs = in.RunGenerators
	return w, nil
}

// LoadOnce is Load for what a change would lead to.
func LoadOnce(ctx context.Context, snap *source.Snapshot, what string) (*World, error) {
	return load(ctx, snap, what, true)
}

func load(ctx context.Context, snap *source.Snapshot, what string, once bool) (*World, error) {
	pkgs, err := refactor.LoadModule(ctx, snap, once)
	if err != nil {
		return nil, err
	}
	var problems []component.Problem
	for _, p := range pkgs {
		problems = append(problems, p.Problems...)
	}
	problems, unembedded := withoutEmbeds(problems)
	if len(problems) > 0 {
		return nil, &component.LoadError{Object: what, Reason: "the module doesn't type-check", Hint: "make it build first: go vet ./...", Problems: component.SortProblems(problems)}
	}
	w := &World{Snapshot: snap, Packages: pkgs, once: once, unembedded: unembedded, byName: map[string]*File{}, refs: map[Key][]*Ref{}, decls: map[Key]*Decl{}, specs: map[Key]*Spec{}, classes: map[classKey]class{}, ignored: map[Key]string{}, withMethod: typesByMethod{}, writers: map[*File]generated{}, stale: map[*File]bool{}}
	if err := w.addFiles(); err != nil {
		return nil, err
	}
	w.index()
	w.interfaces = derive(w, "interfaces", w.collectInterfaces)
	w.collectTypes()
	return w, nil
}

// derive returns what make finds out of the packages of w, and nothing else. Unless
// they are what a change would lead to, it is found out once for all requests.
func derive[T any](w *World, what string, make func() T) T {
	if w.once {
		return make()
	}
	found, err := source.Derive(context.Background(), w.Snapshot, what, w.Packages, func() (T, error) { return make(), nil })
	if err != nil {
		return make() // who began with it panicked
	}
	return found
}

// addFiles takes each file from one package: plain packages first, so that
// only test files come from test variants.
func (w *World) addFiles() error {
	pkgs := slices.Clone(w.Packages)
	slices.SortStableFunc(pkgs, func(a, b *source.Package) int {
		return strings.Compare(a.ForTest, b.ForTest)
	})
	for _, p := range pkgs {
		w.Fset = p.Fset
		for _, syntax := range p.Syntax {
			abs := p.Fset.PositionFor(syntax.FileStart, false).Filename
			rel := w.Snapshot.Rel(abs)
			if w.byName[abs] != nil || strings.HasPrefix(rel, "/") {
				continue
			}
			before, _, err := w.Snapshot.Content(rel)
			if err != nil {
				return err
			}
			f := &File{Rel: rel, Before: before, AST: syntax, Pkg: p, Test: strings.HasSuffix(rel, "_test.go"), world: w, added: map[string]string{}, aliases: map[string]string{}}
			w.byName[abs] = f
			w.Files = append(w.Files, f)
		}
	}
	slices.SortFunc(w.Files, func(a, b *File) int { return strings.Compare(a.Rel, b.Rel) })
	return nil
}

// AddUnbuilt adds a file that this build leaves out, unless it is known. Its syntax is in
// the world's Fset.
func (w *World) AddUnbuilt(rel string, before []byte, syntax *ast.File, pkg *source.Package) *File {
	abs := w.Snapshot.Abs(rel)
	if f := w.byName[abs]; f != nil {
		return f
	}
	f := &File{Rel: rel, Before: before, AST: syntax, Pkg: pkg, Test: strings.HasSuffix(rel, "_test.go"), Unbuilt: true, world: w, added: map[string]string{}, aliases: map[string]string{}}
	w.byName[abs] = f
	at, _ := slices.BinarySearchFunc(w.Files, rel, func(f *File, rel string) int { return strings.Compare(f.Rel, rel) })
	w.Files = slices.Insert(w.Files, at, f)
	return f
}

// Key returns the identity of obj.
func (w *World) Key(obj types.Object) Key {
	p := w.Fset.PositionFor(obj.Pos(), false)
	return Key{p.Filename, p.Offset}
}

// Span returns the range of a node.
func (w *World) Span(n ast.Node) text.Span { return w.Snapshot.Span(w.Fset, n.Pos(), n.End()) }

// SpanAt returns the range between two positions.
func (w *World) SpanAt(pos, end token.Pos) text.Span { return w.Snapshot.Span(w.Fset, pos, end) }

// Refs returns the mentions of a function.
func (w *World) Refs(fn *types.Func) []*Ref { return w.refs[w.Key(fn.Origin())] }

// Decl returns the declaration of a function of the module, or nil.
func (w *World) Decl(fn *types.Func) *Decl { return w.decls[w.Key(fn.Origin())] }

// Spec returns the declaration of a method in an interface of the module, or nil.
func (w *World) Spec(fn *types.Func) *Spec { return w.specs[w.Key(fn.Origin())] }

// FileOf returns the file that declares obj, or nil.
func (w *World) FileOf(obj types.Object) *File {
	return w.byName[w.Fset.PositionFor(obj.Pos(), false).Filename]
}

// FileAt returns the file that pos lies in, or nil.
func (w *World) FileAt(pos token.Pos) *File { return w.byName[w.Fset.PositionFor(pos, false).Filename] }

// index records each function declaration and each mention of a function.
func (w *World) index() {
	for _, f := range w.Files {
		var stack []ast.Node
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			switch n := n.(type) {
			case *ast.FuncDecl:
				if fn, ok := f.Pkg.Info.Defs[n.Name].(*types.Func); ok {
					w.decls[w.Key(fn)] = &Decl{f, n, fn}
				}
			case *ast.InterfaceType:
				w.specify(f, n)
			case *ast.Ident:
				w.mention(f, n, stack)
			}
			return true
		})
	}
}

// specify records the methods that an interface declares.
func (w *World) specify(f *File, n *ast.InterfaceType) {
	for _, m := range n.Methods.List {
		ft, ok := m.Type.(*ast.FuncType)
		if !ok || len(m.Names) != 1 {
			continue
		}
		if fn, ok := f.Pkg.Info.Defs[m.Names[0]].(*types.Func); ok {
			w.specs[w.Key(fn)] = &Spec{f, ft}
		}
	}
}

func (w *World) mention(f *File, id *ast.Ident, stack []ast.Node) {
	fn, ok := f.Pkg.Info.Uses[id].(*types.Func)
	if !ok || w.FileOf(fn.Origin()) == nil {
		return
	}
	path := slices.Clone(stack)
	k := w.Key(fn.Origin())
	w.refs[k] = append(w.refs[k], &Ref{File: f, Fn: fn, ID: id, Call: callOf(path), Path: path})
}

// callOf returns the call whose function the last node of path is, or nil.
func callOf(path []ast.Node) *ast.CallExpr {
	n := path[len(path)-1]
	for i := len(path) - 2; i >= 0; i-- {
		switch p := path[i].(type) {
		case *ast.SelectorExpr:
			if p.Sel != n {
				return nil
			}
		case *ast.ParenExpr:
		case *ast.IndexExpr:
			if p.X != n {
				return nil
			}
		case *ast.IndexListExpr:
			if p.X != n {
				return nil
			}
		case *ast.CallExpr:
			if p.Fun == n {
				return p
			}
			return nil
		default:
			return nil
		}
		n = path[i]
	}
	return nil
}

// Generated reports whether a tool wrote the file.
func (f *File) Generated() bool { return ast.IsGenerated(f.AST) }

// Offset returns the byte offset of pos, which must lie in f.
func (f *File) Offset(pos token.Pos) int { return f.world.Fset.PositionFor(pos, false).Offset }

// Has reports whether a node stands in the file. The Info of its package is about all files
// of that.
func (f *File) Has(n ast.Node) bool { return f.AST.FileStart <= n.Pos() && n.Pos() < f.AST.FileEnd }

// Source returns the bytes of a node as they were.
func (f *File) Source(n ast.Node) string {
	return string(f.Before[f.Offset(n.Pos()):f.Offset(n.End())])
}

// KeyAt returns the identity of what is declared or written at pos.
func (w *World) KeyAt(pos token.Pos) Key {
	p := w.Fset.PositionFor(pos, false)
	return Key{p.Filename, p.Offset}
}

// TypeArguments returns the type arguments that are written after a mention of a
// generic function or type; none where they are inferred.
func (f *File) TypeArguments(id *ast.Ident) []ast.Expr {
	if f.args == nil {
		f.args = map[*ast.Ident][]ast.Expr{}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			var x ast.Expr
			var args []ast.Expr
			switch n := n.(type) {
			case *ast.IndexExpr:
				x, args = n.X, []ast.Expr{n.Index}
			case *ast.IndexListExpr:
				x, args = n.X, n.Indices
			}
			switch x := ast.Unparen(x).(type) {
			case *ast.Ident:
				f.args[x] = args
			case *ast.SelectorExpr:
				f.args[x.Sel] = args
			}
			return true
		})
	}
	return f.args[id]
}

// Owns reports whether fn is a function or method of the module, an interface's
// included.
func (f *File) Owns(fn *types.Func) bool { return f.world.FileOf(fn.Origin()) != nil }

// Decl returns the declaration of a function or method of the module, or nil.
func (f *File) Decl(fn *types.Func) *Decl { return f.world.Decl(fn) }
