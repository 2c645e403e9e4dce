package breakcycle

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/holder"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// An inverter turns a dependency around: functions are passed in, types become
// interfaces.
type inverter struct {
	*job
	funcs    []*types.Func
	typs     []*types.Named
	bundle   string // the struct type of the functions where there are several; empty for one
	problems []component.Problem
	notes    []change.Note
	thread   *thread.Threader
	holders  *holder.Types
}

// inverted is the way "invert".
func inverted(ctx context.Context, j *job) (change.Set, error) {
	v := &inverter{job: j}
	v.sort()
	if len(v.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, v.problems...)
	}
	if len(v.funcs) > 0 {
		v.carry()
	}
	if len(v.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, v.problems...)
	}
	for _, t := range v.typs {
		if err := v.boundary(t); err != nil {
			return change.Set{}, err
		}
	}
	return j.world.Result(ctx, j.what, "end the dependency of "+j.from.spec+" on "+j.on.spec, nil, v.notes)
}

// sort divides what is used into functions and types, and refuses the rest.
func (v *inverter) sort() {
	for _, u := range v.uses {
		switch obj := u.obj.(type) {
		case *types.Func:
			v.function(u, obj)
		case *types.TypeName:
			named, ok := types.Unalias(obj.Type()).(*types.Named)
			switch {
			case !ok || types.IsInterface(obj.Type()) || obj.IsAlias() || named.TypeParams().Len() > 0 || named.NumMethods() == 0 || len(v.from.names) > 0:
				v.refuse(u, "the type "+obj.Name()+" is used, which can't be passed in")
			case !slices.Contains(v.typs, named):
				v.typs = append(v.typs, named)
			}
		case *types.Const:
			v.refuse(u, "the constant "+obj.Name()+" is used, which can't be passed in")
		default:
			v.refuse(u, "the variable "+obj.Name()+" is used, which can't be passed in")
		}
	}
	if len(v.funcs) > 0 && len(v.typs) > 0 {
		u := v.uses[slices.IndexFunc(v.uses, func(u *use) bool { _, fn := u.obj.(*types.Func); return fn })]
		v.refuse(u, "functions are used, and methods of "+v.typs[0].Obj().Name()+", too")
	}
}

func (v *inverter) refuse(u *use, message string) {
	v.problems = append(v.problems, v.problem(u.id, "cant-invert", message, "move it to a package that both may import: --by move"))
}

// function takes a function that is called.
func (v *inverter) function(u *use, fn *types.Func) {
	if slices.Contains(v.funcs, fn) {
		return
	}
	switch sig := fn.Signature(); {
	case sig.TypeParams().Len() > 0:
		v.refuse(u, "the function "+fn.Name()+" has type parameters, so it is no value")
	case v.mentions(sig):
		v.refuse(u, "the signature of "+fn.Name()+" has types of "+v.on.spec+" in it")
	default:
		v.funcs = append(v.funcs, fn)
	}
}

// mentions reports a type of the other side in a signature.
func (v *inverter) mentions(t types.Type) bool {
	found := false
	types.TypeString(t, func(p *types.Package) string {
		found = found || v.on.has(p) && len(v.on.names) == 0
		return p.Name()
	})
	return found
}

// carry passes the functions in.
func (v *inverter) carry() {
	if len(v.funcs) > 1 && !v.named() {
		return
	}
	t := thread.NewThreader(v.world)
	t.Limit, t.Value = math.MaxInt, v.value()
	v.thread = t
	v.holders = &holder.Types{World: v.world, Thread: t, Field: t.Value.Name[0], Type: v.typ}
	for _, u := range v.uses {
		t.Carry(u.file, u.id, u.path)
	}
	t.Rewrite()
	gone := map[*code.File]map[*ast.Ident]bool{}
	for _, u := range v.uses {
		v.replace(u, t.Carried(u.file, u.id, u.path), gone)
	}
	v.holders.Rewrite()
	v.problems = append(v.problems, t.Problems...)
	v.notes = append(v.notes, t.Notes...)
	for _, f := range v.world.Files {
		if len(gone[f]) > 0 {
			f.DropImport(v.funcs[0].Pkg().Path(), gone[f])
			for _, fn := range v.funcs[1:] {
				f.DropImport(fn.Pkg().Path(), gone[f])
			}
		}
	}
	if v.bundle != "" {
		v.declare()
	}
}

// named chooses the name of the struct type that holds several functions, or refuses.
func (v *inverter) named() bool {
	if len(v.from.pkgs) > 1 {
		v.problems = append(v.problems, v.problem(v.uses[0].id, "cant-invert", "several functions are used by several packages, and none of these could declare their type", "name one package after the other"))
		return false
	}
	scope := v.from.pkgs[0].Types.Scope()
	name := naming.Exported(v.funcs[0].Pkg().Name())
	for _, n := range []string{name, name + "Funcs", name + "Calls", name + "Functions"} {
		if scope.Lookup(n) == nil && !v.fileNames(n) {
			v.bundle = n
			return true
		}
	}
	v.problems = append(v.problems, v.problem(v.uses[0].id, "cant-invert", "the names for the type of the functions are taken: "+name, "rename one"))
	return false
}

// fileNames reports an import of that name.
func (v *inverter) fileNames(name string) bool {
	for _, f := range v.world.Files {
		if !v.from.has(f.Pkg.Types) {
			continue
		}
		for _, s := range f.AST.Imports {
			if p := f.Pkg.Info.PkgNameOf(s); p != nil && p.Name() == name {
				return true
			}
		}
	}
	return false
}

// replace writes what is passed in the place of a use.
func (v *inverter) replace(u *use, value string, gone map[*code.File]map[*ast.Ident]bool) {
	if v.bundle != "" {
		value += "." + u.obj.Name()
	}
	sel, ok := u.path[len(u.path)-2].(*ast.SelectorExpr)
	if !ok || sel.Sel != u.id {
		u.file.Replace(u.id.Pos(), u.id.End(), value)
		return
	}
	if gone[u.file] == nil {
		gone[u.file] = map[*ast.Ident]bool{}
	}
	if x, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
		gone[u.file][x] = true
	}
	if value != u.file.Source(sel) {
		u.file.Replace(sel.Pos(), sel.End(), value)
	}
}

// value describes what is passed: a function, or a struct of several.
func (v *inverter) value() *thread.Value {
	fn := v.funcs[0]
	names := []string{naming.Unexported(fn.Name()), naming.Unexported(fn.Name()) + "Func"}
	if v.bundle != "" {
		names = []string{naming.Unexported(fn.Pkg().Name()), naming.Unexported(fn.Pkg().Name()) + "Funcs"}
	}
	return &thread.Value{
		What: "what is used of " + v.on.spec, Hint: "pass it in by hand, or move what is used: --by move",
		Name: names, Recv: names, Replaces: v.replaced(), Type: v.typ, Source: v.source,
	}
}

// replaced are the declarations whose names are free once the uses are gone: the
// imports of the other side, and the functions.
func (v *inverter) replaced() map[code.Key]bool {
	out := map[code.Key]bool{}
	for _, f := range v.world.Files {
		for _, s := range f.AST.Imports {
			if p := f.Pkg.Info.PkgNameOf(s); p != nil && v.on.has(p.Imported()) && v.from.has(f.Pkg.Types) {
				out[v.world.Key(p)] = true
			}
		}
	}
	for _, fn := range v.funcs {
		out[v.world.Key(fn)] = true
	}
	return out
}

// typ spells the type of what is passed.
func (v *inverter) typ(f *code.File) string {
	if v.bundle == "" {
		return f.Type(v.funcs[0].Signature())
	}
	if home := v.from.pkgs[0]; f.Pkg.Types.Path() != home.Pkg.Path {
		return f.Import(home.Pkg.Path, home.Pkg.Name) + "." + v.bundle
	}
	return v.bundle
}

// source spells the functions where code may know both sides.
func (v *inverter) source(d *code.Decl, pos token.Pos) string {
	if v.from.contains(d) || v.from.has(d.File.Pkg.Types) && !d.File.Test && len(v.from.names) == 0 {
		return v.holders.Of(d, pos)
	}
	var parts []string
	for _, fn := range v.funcs {
		at := v.reach(d, pos, fn)
		if at == "" {
			return ""
		}
		parts = append(parts, fn.Name()+": "+at)
	}
	if v.bundle == "" {
		return strings.TrimPrefix(parts[0], v.funcs[0].Name()+": ")
	}
	home := v.from.pkgs[0]
	typ := v.bundle
	if d.File.Pkg.Types.Path() != home.Pkg.Path {
		if !v.may(d.File, home.Types) {
			return ""
		}
		typ = d.File.ImportAt(pos, home.Pkg.Path, home.Pkg.Name) + "." + typ
	}
	return typ + "{" + strings.Join(parts, ", ") + "}"
}

// reach spells a function at a place, or returns "" where its package can't be
// imported, or a variable has its name.
func (v *inverter) reach(d *code.Decl, pos token.Pos, fn *types.Func) string {
	f := d.File
	if f.Pkg.Types.Path() == fn.Pkg().Path() {
		scope := f.Pkg.Types.Scope().Innermost(pos)
		if scope == nil {
			return fn.Name()
		}
		if _, obj := scope.LookupParent(fn.Name(), pos); obj == nil || obj.Parent() == f.Pkg.Types.Scope() {
			return fn.Name()
		}
		return ""
	}
	if !v.may(f, fn.Pkg()) || !fn.Exported() {
		return ""
	}
	return f.ImportAt(pos, fn.Pkg().Path(), fn.Pkg().Name()) + "." + fn.Name()
}

// may reports whether a file may import a package: it does already, or no import comes
// back to it.
func (v *inverter) may(f *code.File, p *types.Package) bool {
	own := strings.TrimSuffix(f.Pkg.Types.Path(), "_test")
	if p.Name() == "main" || !code.Visible(p.Path(), own) {
		return false
	}
	if f.Pkg.Types.Name() != "main" && strings.HasSuffix(f.Pkg.Types.Name(), "_test") {
		return true // an external test may import what imports its package
	}
	return !code.Imports(p, own)
}

// declare writes the struct type before the first function that uses it.
func (v *inverter) declare() {
	u := v.uses[0]
	f := u.file
	var b strings.Builder
	b.WriteString("// " + v.bundle + " is what this package calls and doesn't know.\ntype " + v.bundle + " struct {\n")
	for _, fn := range v.funcs {
		b.WriteString("\t" + fn.Name() + " " + f.Type(fn.Signature()) + "\n")
	}
	b.WriteString("}\n\n")
	for _, n := range u.path {
		if d, ok := n.(ast.Decl); ok {
			f.InsertFirst(start(d), b.String())
			return
		}
	}
}

// start is where a declaration begins, with its documentation.
func start(d ast.Decl) token.Pos {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	}
	return d.Pos()
}

// boundary lets the one side hold an interface of its own instead of a type.
func (v *inverter) boundary(t *types.Named) error {
	var pkg *source.Package
	for _, p := range v.on.pkgs {
		if p.Pkg.Path == t.Obj().Pkg().Path() {
			pkg = p
		}
	}
	var users []*source.Package
	for _, u := range v.uses {
		if u.obj == types.Object(t.Obj()) && !slices.Contains(users, u.file.Pkg) {
			users = append(users, u.file.Pkg)
		}
	}
	if len(users) != 1 {
		u := v.uses[0]
		return component.Refuse(v.what, v.problem(u.id, "cant-invert", "several packages use "+t.Obj().Name(), "name one package after the other"))
	}
	out, err := boundary.Make(boundary.Request{What: v.what, World: v.world, Type: t, Package: pkg, Consumers: users, Home: users[0], Accessors: true})
	if err != nil {
		return err
	}
	v.notes = append(v.notes, out.Notes...)
	return nil
}
