package unbuilt

import (
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A resolver finds out what the names of one file mean.
type resolver struct {
	*adder
	file    *code.File
	in      *dir
	imports map[string]*types.PkgName // by the name that the file has for them
	dots    []*types.Package          // dot imports
}

// resolve records what the names of a file mean, as far as scopes tell.
func (a *adder) resolve(f *code.File) {
	r := &resolver{adder: a, file: f, in: a.scope(f), imports: map[string]*types.PkgName{}}
	r.readImports()
	open := map[*ast.Ident]bool{} // names that the file alone doesn't explain
	for _, id := range f.AST.Unresolved {
		open[id] = true
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if f.Pkg.Info.Defs[n] == nil && (open[n] || outermost(f, n)) {
				r.name(n)
			}
		case *ast.SelectorExpr:
			r.qualified(n)
		}
		return true
	})
	f.Walk(func(n ast.Node, stack []ast.Node) {
		if lit, ok := n.(*ast.CompositeLit); ok {
			r.keys(lit, stack)
		}
	})
	r.members()
}

// outermost reports a name that the file itself declares outside of functions.
func outermost(f *code.File, id *ast.Ident) bool {
	return id.Obj != nil && f.AST.Scope.Objects[id.Name] == id.Obj
}

var version = regexp.MustCompile(`^v[0-9]+$|\.v[0-9]+$`)

// readImports records what the imports of the file are called. What a package that this
// build doesn't know calls itself is taken from its path.
func (r *resolver) readImports() {
	info, tpkg := r.file.Pkg.Info, r.file.Pkg.Types
	var all []*types.Package
	for _, spec := range r.file.AST.Imports {
		p := source.ImportPath(spec)
		to := r.built[p]
		if to == nil {
			base := path.Base(p)
			if version.MatchString(base) {
				base = version.ReplaceAllString(base, "")
				if base == "" {
					base = path.Base(path.Dir(p))
				}
			}
			to = types.NewPackage(p, base)
		}
		all = append(all, to)
		name := to.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
			continue
		case ".":
			r.dots = append(r.dots, to)
			continue
		}
		obj := types.NewPkgName(spec.Pos(), tpkg, name, to)
		r.imports[name] = obj
		if spec.Name != nil {
			info.Defs[spec.Name] = obj
		} else {
			info.Implicits[spec] = obj
		}
	}
	for _, p := range tpkg.Imports() {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	tpkg.SetImports(all)
}

// name records what a name without a qualifier means.
func (r *resolver) name(id *ast.Ident) {
	if obj := r.lookup(id.Name); obj != nil {
		r.file.Pkg.Info.Uses[id] = obj
	}
}

func (r *resolver) lookup(name string) types.Object {
	if p := r.imports[name]; p != nil {
		return p
	}
	if obj := r.in.lookup(name); obj != nil {
		return obj
	}
	for _, p := range r.dots {
		if obj := r.exported(p, name); obj != nil {
			return obj
		}
	}
	return types.Universe.Lookup(name)
}

// exported returns what a package declares by an exported name, or nil.
func (r *resolver) exported(p *types.Package, name string) types.Object {
	if !ast.IsExported(name) {
		return nil
	}
	if obj := p.Scope().Lookup(name); obj != nil {
		return obj
	}
	return r.dirOf(p.Path(), p.Name(), false).lookup(name)
}

// qualified records what pkg.Name means.
func (r *resolver) qualified(sel *ast.SelectorExpr) {
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return
	}
	if p, ok := r.lookup(x.Name).(*types.PkgName); ok {
		if obj := r.exported(p.Imported(), sel.Sel.Name); obj != nil {
			r.file.Pkg.Info.Uses[sel.Sel] = obj
		}
	}
}

// keys records the keys of a literal of an array or a map. Those of a struct are
// fields.
func (r *resolver) keys(lit *ast.CompositeLit, stack []ast.Node) {
	if IsStruct(r.file, lit, stack) != No {
		return
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && (id.Obj == nil || outermost(r.file, id)) {
				r.name(id)
			}
		}
	}
}

// A Verdict says whether something is so.
type Verdict int

const (
	Unknown Verdict = iota
	Yes
	No
)

// IsStruct reports whether a literal is of a struct; stack leads down to it. Unknown where
// its type isn't written, or isn't known in this build.
func IsStruct(f *code.File, lit *ast.CompositeLit, stack []ast.Node) Verdict {
	typ := lit.Type
	if typ == nil {
		typ = elided(lit, stack)
	}
	switch t := typ.(type) {
	case nil:
		return Unknown
	case *ast.ArrayType, *ast.MapType:
		return No
	case *ast.StructType:
		return Yes
	case *ast.StarExpr:
		typ = t.X
	}
	return ofType(declaredBy(f, typ))
}

// declaredBy returns what a type is declared by, or nil.
func declaredBy(f *code.File, e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		return f.Pkg.Info.Uses[e]
	case *ast.SelectorExpr:
		return f.Pkg.Info.Uses[e.Sel]
	case *ast.IndexExpr:
		return declaredBy(f, e.X)
	case *ast.IndexListExpr:
		return declaredBy(f, e.X)
	}
	return nil
}

func ofType(obj types.Object) Verdict {
	if obj == nil || obj.Type() == nil || obj.Type() == types.Typ[types.Invalid] {
		return Unknown
	}
	switch obj.Type().Underlying().(type) {
	case *types.Struct:
		return Yes
	case *types.Map, *types.Slice, *types.Array:
		return No
	}
	return Unknown
}

// elided returns the type of a literal without one: that of the elements of the literal
// around it, or nil where that isn't written either.
func elided(lit *ast.CompositeLit, stack []ast.Node) ast.Expr {
	i := slices.Index(stack, ast.Node(lit))
	for i--; i >= 0; i-- {
		outer, ok := stack[i].(*ast.CompositeLit)
		if !ok {
			continue
		}
		switch t := outer.Type.(type) {
		case *ast.ArrayType:
			return t.Elt
		case *ast.MapType:
			for _, e := range outer.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key == ast.Expr(lit) {
					return t.Key
				}
			}
			return t.Value
		}
		return nil
	}
	return nil
}
