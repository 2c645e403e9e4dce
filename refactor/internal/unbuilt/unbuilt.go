package unbuilt

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Add adds the files of the module that this build leaves out to w.Files. It returns
// problems with those that don't parse: what these mention isn't known. Adding them again
// changes nothing.
func Add(w *code.World) []component.Problem {
	a := &adder{world: w, dirs: map[string]*dir{}, known: map[string]bool{}, twice: map[typeKey]bool{}, methods: map[methodKey]bool{}}
	for _, f := range w.Files {
		a.known[f.Rel] = f.Unbuilt
	}
	a.readBuilt()
	var problems []component.Problem
	for _, p := range w.Packages {
		if p.ForTest != "" {
			continue
		}
		for _, rel := range p.IgnoredFiles {
			problems = append(problems, a.add(p, rel)...)
		}
	}
	for _, f := range a.files {
		a.declare(f)
		a.declaredThere(f)
	}
	for _, f := range a.files {
		a.resolve(f)
	}
	return problems
}

// An adder adds files to a world.
type adder struct {
	world *code.World
	files []*code.File
	known map[string]bool           // files that were added before, by path
	built map[string]*types.Package // of the module and of what it imports, by path
	dirs  map[string]*dir           // by the path of the package

	twice   map[typeKey]bool   // types that such a file declares
	methods map[methodKey]bool // methods that such a file declares
}

// A dir is a package as all builds together declare it.
type dir struct {
	built []*types.Package // of this build; with its tests where it is known from tests
	extra *types.Package   // what only other builds declare
	base  *dir             // the package without its tests; nil where this is that
}

// lookup returns what a name means at the outermost level of the package, or nil.
func (d *dir) lookup(name string) types.Object {
	for _, p := range d.built {
		if obj := p.Scope().Lookup(name); obj != nil {
			return obj
		}
	}
	if obj := d.extra.Scope().Lookup(name); obj != nil || d.base == nil {
		return obj
	}
	return d.base.lookup(name)
}

// readBuilt collects the packages of this build.
func (a *adder) readBuilt() {
	a.built = map[string]*types.Package{}
	var visit func(p *types.Package)
	visit = func(p *types.Package) {
		if a.built[p.Path()] == nil {
			a.built[p.Path()] = p
			for _, q := range p.Imports() {
				visit(q)
			}
		}
	}
	for _, p := range a.world.Packages {
		if p.ForTest == "" {
			a.built[p.Pkg.Path] = p.Types
		}
	}
	for _, p := range a.world.Packages {
		for _, q := range p.Types.Imports() {
			visit(q)
		}
	}
}

// dirOf returns the package of a path, with its tests or without them.
func (a *adder) dirOf(path, name string, test bool) *dir {
	key := path
	if test {
		key += " test"
	}
	d := a.dirs[key]
	if d != nil {
		return d
	}
	d = &dir{extra: types.NewPackage(path, name)}
	if test {
		d.base = a.dirOf(path, name, false)
	}
	for _, p := range a.world.Packages {
		if p.Types.Path() == path && (p.ForTest == "" || test) {
			d.built = append(d.built, p.Types)
		}
	}
	a.dirs[key] = d
	return d
}

// add parses a file and adds it to the package of its folder that it names, or to a package
// of its own.
func (a *adder) add(p *source.Package, rel string) []component.Problem {
	content, _, err := a.world.Snapshot.Content(rel)
	if err != nil || a.known[rel] || !strings.HasSuffix(rel, ".go") {
		return nil
	}
	a.known[rel] = true
	syntax, err := source.ParseFile(a.world.Fset, a.world.Snapshot.Abs(rel), content, parser.ParseComments)
	if err != nil {
		return []component.Problem{{Code: "other-builds", Severity: component.Error, Span: text.Span{File: rel, Line: 1, Col: 1},
			Message: "this file, which this build leaves out, doesn't parse: " + firstLine(err), Hint: "repair it first"}}
	}
	own, pkgPath := *p, p.Pkg.Path
	switch syntax.Name.Name {
	case p.Pkg.Name:
	case p.Pkg.Name + "_test":
		pkgPath += "_test"
	default:
		pkgPath += "/" + strings.TrimSuffix(path.Base(rel), ".go") // a program of its own, as tools often are
	}
	own.Pkg.Path = pkgPath
	own.Types = a.dirOf(pkgPath, syntax.Name.Name, strings.HasSuffix(rel, "_test.go")).extra
	own.Info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{}}
	own.Syntax, own.Problems = []*ast.File{syntax}, nil
	a.files = append(a.files, a.world.AddUnbuilt(rel, content, syntax, &own))
	return nil
}

func firstLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

func (a *adder) scope(f *code.File) *dir {
	return a.dirOf(f.Pkg.Types.Path(), f.Pkg.Types.Name(), f.Test)
}

// declare records what a file declares: the object of this build where there is one.
func (a *adder) declare(f *code.File) {
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				a.declareMethod(f, d)
			} else if d.Name.Name != "init" {
				a.declareName(f, d.Name, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					a.declareName(f, spec.Name, spec)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						a.declareName(f, id, d)
					}
				}
			}
		}
	}
}

// declareName records a name; as is its declaration.
func (a *adder) declareName(f *code.File, id *ast.Ident, as ast.Node) {
	if id.Name == "_" {
		return
	}
	in := a.scope(f)
	obj := in.lookup(id.Name)
	if obj == nil {
		switch as := as.(type) {
		case *ast.TypeSpec:
			tn := types.NewTypeName(id.Pos(), in.extra, id.Name, nil)
			types.NewNamed(tn, types.NewStruct(nil, nil), nil)
			obj = tn
		case *ast.GenDecl:
			if as.Tok == token.CONST {
				obj = types.NewConst(id.Pos(), in.extra, id.Name, types.Typ[types.Invalid], nil)
			} else {
				obj = types.NewVar(id.Pos(), in.extra, id.Name, types.Typ[types.Invalid])
			}
		default:
			obj = types.NewFunc(id.Pos(), in.extra, id.Name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
		}
		in.extra.Scope().Insert(obj)
	}
	f.Pkg.Info.Defs[id] = obj
}

// declareMethod records a method: this build's where it has one.
func (a *adder) declareMethod(f *code.File, d *ast.FuncDecl) {
	tn, ok := a.scope(f).lookup(source.Receiver(d)).(*types.TypeName)
	if !ok {
		return
	}
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok {
		return
	}
	for m := range named.Methods() {
		if m.Name() == d.Name.Name {
			f.Pkg.Info.Defs[d.Name] = m
			return
		}
	}
	recv := types.NewVar(d.Name.Pos(), tn.Pkg(), "", types.NewPointer(named))
	f.Pkg.Info.Defs[d.Name] = types.NewFunc(d.Name.Pos(), tn.Pkg(), d.Name.Name, types.NewSignatureType(recv, nil, nil, nil, nil, false))
}

// Local reports whether something inside the declaration that a place of an unbuilt file
// lies in has a name.
func Local(f *code.File, pos token.Pos, name string) bool {
	i := slices.IndexFunc(f.AST.Decls, func(d ast.Decl) bool { return d.Pos() <= pos && pos < d.End() })
	if i < 0 {
		return false
	}
	found := false
	ast.Inspect(f.AST.Decls[i], func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name && id.Obj != nil && f.AST.Scope.Objects[name] != id.Obj
		return !found
	})
	return found
}
