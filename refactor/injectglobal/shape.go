package injectglobal

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A kind is what is carried in the place of a variable.
type kind int

const (
	byValue   kind = iota // the value itself: nothing sets the variable once it is passed
	byPointer             // a pointer to it: its type is a struct or an array
	byStruct              // a pointer to a struct that holds it, and maybe others
)

// A shape is how the value is carried.
type shape struct {
	kind   kind
	local  *ast.FuncDecl             // what sets the variable before it passes it, and runs once; or nil
	named  string                    // the type that is made, or ""
	params []string                  // names for parameters, the best first
	recv   []string                  // names for receivers
	field  string                    // name for fields
	typ    func(f *code.File) string // the type of parameters and fields
	make   string                    // the function that makes the value, or ""
	plain  bool                      // its fields can be compared, so a struct with it can be, too
}

// choose finds the shape.
func (j *job) choose(local bool) {
	first := j.set.all[0]
	s := &j.shape
	if local {
		s.local = j.setter()
	}
	s.kind = j.kindOf(first)
	if s.local != nil {
		s.kind = byValue
	}
	main := j.set.pkg.Pkg.Name == "main"
	subject := j.subject()
	if s.kind == byStruct || s.kind == byPointer && anonymous(first) {
		s.named = j.typeName(subject, main)
	}
	name := cmp.Or(j.req.Text(paramName), naming.Unexported(subject.obj.Name()))
	switch s.kind {
	case byStruct:
		s.recv = []string{naming.Unexported(s.named)[:1], naming.Unexported(s.named)}
		s.params = []string{naming.Unexported(s.named), naming.Unexported(s.named)[:1], name}
		if naming.Unexported(s.named) == s.named { // which would hide the type
			s.params[0] = "state"
		}
		if n := j.req.Text(paramName); n != "" {
			s.params, s.recv = []string{n}, []string{n}
		}
		s.plain = true
	case byPointer:
		s.params, s.plain = []string{name}, true
	default:
		s.params, s.plain = []string{name}, types.Comparable(first.obj.Type())
	}
	s.params = slices.DeleteFunc(s.params, token.IsKeyword)
	s.params = append(s.params, "the"+cmp.Or(naming.Exported(subject.obj.Name()), "State"))
	s.field = s.params[0]
	s.typ = func(f *code.File) string { return j.typeIn(f) }
	if s.kind == byStruct || s.named != "" || first.value() != nil {
		s.make = j.maker(cmp.Or(s.named, naming.Exported(subject.obj.Name()), "State"), main)
	}
	for _, v := range j.set.all {
		v.field = v.obj.Name()
	}
}

// subject is the variable that the value is named after: the first that is no lock.
func (j *job) subject() *variable {
	for _, v := range j.set.all {
		if !isLock(v.obj.Type()) {
			return v
		}
	}
	return j.set.all[0]
}

// isLock reports sync.Mutex, sync.RWMutex and sync.Once.
func isLock(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && slices.Contains([]string{"Mutex", "RWMutex", "Once"}, n.Obj().Name())
}

func (j *job) kindOf(v *variable) kind {
	written := slices.ContainsFunc(v.uses, func(u *use) bool { return u.write })
	part := slices.ContainsFunc(v.uses, func(u *use) bool { return u.part })
	switch {
	case len(j.set.all) > 1:
		return byStruct
	case inPlace(v.obj.Type()) && (anonymous(v) || j.spellable(v.obj.Type())):
		return byPointer
	case written || part || !j.spellable(v.obj.Type()):
		return byStruct
	}
	return byValue
}

// anonymous reports a variable whose type is a struct without a name.
func anonymous(v *variable) bool {
	_, ok := types.Unalias(v.obj.Type()).(*types.Struct)
	return ok
}

// spellable reports whether every package that gets a value can write its type.
func (j *job) spellable(t types.Type) bool {
	return j.set.pkg.Pkg.Name == "main" || !hidden(t, 0)
}

// hidden reports a type with a name in it that isn't exported.
func hidden(t types.Type, depth int) bool {
	if depth > 8 {
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return t.Obj().Pkg() != nil && !t.Obj().Exported()
	case *types.Named:
		return t.Obj().Pkg() != nil && !t.Obj().Exported() || slices.ContainsFunc(slices.Collect(t.TypeArgs().Types()), func(a types.Type) bool { return hidden(a, depth+1) })
	case *types.Pointer:
		return hidden(t.Elem(), depth+1)
	case *types.Slice:
		return hidden(t.Elem(), depth+1)
	case *types.Array:
		return hidden(t.Elem(), depth+1)
	case *types.Chan:
		return hidden(t.Elem(), depth+1)
	case *types.Map:
		return hidden(t.Key(), depth+1) || hidden(t.Elem(), depth+1)
	case *types.Signature:
		for v := range t.Params().Variables() {
			if hidden(v.Type(), depth+1) {
				return true
			}
		}
		for v := range t.Results().Variables() {
			if hidden(v.Type(), depth+1) {
				return true
			}
		}
		return false
	case *types.Struct, *types.Interface:
		return t != nil && !types.Identical(t, types.Universe.Lookup("any").Type())
	}
	return false
}

// setter returns the function that alone sets the variable, in statements that run
// once, in order, if that function runs once: main, or one that only such a function
// calls, in one place; nil where there is none.
func (j *job) setter() *ast.FuncDecl {
	if len(j.set.all) > 1 || j.set.all[0].value() != nil || inPlace(j.set.all[0].obj.Type()) || !j.spellable(j.set.all[0].obj.Type()) {
		return nil
	}
	var found *ast.FuncDecl
	for _, u := range j.set.all[0].uses {
		switch {
		case u.part:
			return nil
		case !u.write:
			continue
		case u.decl == nil || found != nil && u.decl != found || repeated(u.path) || !j.runsOnce(u.file, u.decl, 0):
			return nil
		}
		found = u.decl
	}
	return found
}

// runsOnce reports main, and functions that main calls in one place, at most once, or
// such functions do.
func (j *job) runsOnce(f *code.File, d *ast.FuncDecl, depth int) bool {
	if isMain(f, d) {
		return true
	}
	fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok || d.Recv != nil || depth > 5 || f.Test || fn.Signature().TypeParams().Len() > 0 {
		return false
	}
	refs := j.world.Refs(fn)
	if len(refs) != 1 || refs[0].Call == nil || repeated(refs[0].Path) {
		return false
	}
	caller := code.FuncAround(refs[0].Path)
	return caller != nil && caller != d && j.runsOnce(refs[0].File, caller, depth+1)
}

func isMain(f *code.File, d *ast.FuncDecl) bool {
	return d != nil && d.Recv == nil && d.Name.Name == "main" && f.Pkg.Pkg.Name == "main" && !f.Test
}

// repeated reports a place that may run more than once, or later than what stands
// after it.
func repeated(path []ast.Node) bool {
	for i, n := range path {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.LabeledStmt:
			return true
		case *ast.FuncDecl:
			if i < len(path)-1 && hasGoto(n.Body) {
				return true
			}
		}
	}
	return false
}

func hasGoto(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		s, ok := n.(*ast.BranchStmt)
		found = found || ok && s.Tok == token.GOTO
		return !found
	})
	return found
}

// typeName names the struct that is made.
func (j *job) typeName(v *variable, main bool) string {
	if n := j.req.Text(paramInto); n != "" {
		return n
	}
	name := cmp.Or(naming.Exported(v.obj.Name()), "State")
	if main {
		name = naming.Unexported(name) + "State"
	}
	scope := j.set.pkg.Types.Scope()
	if scope.Lookup(name) != nil && !main && scope.Lookup(name) != types.Object(v.obj) {
		name += "State"
	}
	return j.free(name)
}

// free returns name or, where the package has it already, one like it.
func (j *job) free(name string) string {
	scope, out := j.set.pkg.Types.Scope(), name
	for i := 2; ; i++ {
		obj := scope.Lookup(out)
		if (obj == nil || j.set.keys[j.world.Key(obj)]) && !j.imported(out) {
			return out
		}
		out = name + strconv.Itoa(i)
	}
}

// imported reports a name by which a file of the package knows another package.
func (j *job) imported(name string) bool {
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path != j.set.pkg.Pkg.Path {
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

// maker names the function that makes the value.
func (j *job) maker(name string, main bool) string {
	if main {
		return j.free("new" + naming.Exported(name))
	}
	return j.free("New" + naming.Exported(name))
}

// typeIn spells the type of the value in a file.
func (j *job) typeIn(f *code.File) string {
	v := j.set.all[0]
	j.reachable(f)
	switch {
	case j.shape.named != "":
		return "*" + j.qualified(f, j.shape.named)
	case j.shape.kind == byPointer:
		return "*" + f.Type(v.obj.Type())
	}
	return f.Type(v.obj.Type())
}

// reachable records where a file can't import the package that the type of the value
// is of: it would be a cycle, or a folder called internal is in between.
func (j *job) reachable(f *code.File) {
	p := j.set.pkg.Types
	if n := named(j.set.all[0].obj.Type()); j.shape.named == "" {
		if n == nil || n.Obj().Pkg() == nil || j.world.FileOf(n.Obj()) == nil {
			return
		}
		p = n.Obj().Pkg()
	}
	here := f.Pkg.Types.Path()
	if p.Path() == here {
		return
	}
	why := ""
	switch {
	case code.Imports(p, here):
		why = p.Path() + " imports " + here
	case !code.Visible(p.Path(), here):
		why = p.Path() + " is internal to another folder"
	default:
		return
	}
	j.problem(codeValue, fileStart(f.Rel), "the value of "+j.target+" can't be had here: "+why+", so its type can't be named", byHand)
}

// named returns the declared type that t is or points to, or nil.
func named(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// qualified spells a name of the variables' package in a file.
func (j *job) qualified(f *code.File, name string) string {
	p := j.set.pkg.Types
	if f.Pkg.Types.Path() == p.Path() {
		return name
	}
	return f.Import(p.Path(), p.Name()) + "." + name
}

// spell writes a use of a variable, given what the value is called there.
func (j *job) spell(u *use, value string) string {
	switch j.shape.kind {
	case byStruct:
		return value + "." + u.v.field
	case byPointer:
		if u.selected() {
			return value
		}
		return "*" + value
	}
	return value
}

// selected reports a use of which a field, a method or an element is selected.
func (u *use) selected() bool {
	i := u.at
	for i > 0 {
		if _, ok := u.path[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	switch p := u.path[i-1].(type) {
	case *ast.SelectorExpr:
		return p.X == u.path[i]
	case *ast.IndexExpr:
		return p.X == u.path[i]
	case *ast.SliceExpr:
		return p.X == u.path[i]
	case *ast.RangeStmt:
		_, array := code.Under(u.v.obj.Type()).(*types.Array)
		return array && p.X == u.path[i]
	}
	return false
}

// method reports a function that becomes a method of the struct: one of its
// package that uses the variables itself.
func (j *job) method(fn *types.Func) bool {
	if j.shape.kind != byStruct || j.req.Text(paramAs) == asParam || fn.Pkg() == nil || fn.Pkg().Path() != j.set.pkg.Pkg.Path {
		return false
	}
	d := j.world.Decl(fn)
	if d == nil || d.File.Test || d.Func.Recv != nil || fn.Signature().TypeParams().Len() > 0 || fn.Name() == "_" {
		return false
	}
	if slices.ContainsFunc(j.set.all, func(v *variable) bool { return v.field == fn.Name() }) {
		return false
	}
	return slices.ContainsFunc(j.set.uses, func(u *use) bool { return u.decl == d.Func })
}
