package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// An Accessor is a field that callers reach by methods.
type Accessor struct {
	Field         *types.Var
	Get, Set, Ptr string // names of the methods; empty where there is no need of one
}

// An accessor is a field with its uses.
type accessor struct {
	field    *types.Var
	name     string
	get, set string
	ptr      string // of the method that returns the address; empty where its name is taken
	uses     []access
}

// An access is one use of a field of a slot.
type access struct {
	FieldUse
	slot *slot
}

// A FieldUse is a use of a field that a method can stand for.
type FieldUse struct {
	File *code.File
	Sel  *ast.SelectorExpr
	stmt ast.Stmt // what sets it; nil where it is read
	at   *address // how its address is used; nil where it isn't
	// before is a call that may change the field before it is read, "" for none: a method
	// reads it first.
	before string
}

// UseOfField returns the use of a field that a path ends with. Its answer is no where
// the field itself is needed, and not its value: why says what for.
func UseOfField(file *code.File, stack []ast.Node) (u FieldUse, why string) {
	sel := stack[len(stack)-1].(*ast.SelectorExpr)
	if why := plain(file, sel, stack); why != "" {
		return u, why
	}
	if locks(file.Pkg.Info.Selections[sel].Obj().Type(), 0) {
		return u, "it must not be copied"
	}
	stmt, _ := setter(sel, stack)
	return FieldUse{File: file, Sel: sel, stmt: stmt}, ""
}

// Reads reports whether the use needs the value of the field.
func (u FieldUse) Reads() bool {
	p, ok := u.stmt.(*ast.AssignStmt)
	return u.at == nil && (u.stmt == nil || !ok || p.Tok != token.ASSIGN)
}

// Sets reports whether the use sets the field.
func (u FieldUse) Sets() bool { return u.stmt != nil }

// An address is a use of a field that needs the field itself and no copy of it.
type address struct {
	taken *ast.UnaryExpr // &x.F; nil elsewhere
	deref bool           // the field itself is wanted, and not a part of it
}

// fieldUse handles a field that is selected of a slot.
func (f *Flow) fieldUse(file *code.File, src *slot, sel *ast.SelectorExpr, stack []ast.Node) {
	at0 := f.World.Span(sel.X)
	field := file.Pkg.Info.Selections[sel].Obj().(*types.Var).Origin()
	if f.getsBy(file, src, field, stack) {
		return
	}
	if why := f.unreachable(file, sel, stack); why != "" {
		if !f.reachesIn(file, src, sel.X, why, at0) {
			src.keep(why, at0)
		}
		return
	}
	a := f.accessor(field)
	if a == nil {
		src.keep("its field "+field.Name()+" is used, and the names of its accessors are taken", at0)
		return
	}
	if at := addressed(file, sel, stack); at != nil {
		if a.ptr == "" || f.holds(field.Type()) {
			src.keep("its field "+field.Name()+" is used, and "+plain(file, sel, stack), at0)
			return
		}
		a.uses = append(a.uses, access{FieldUse{File: file, Sel: sel, at: at}, src})
		return
	}
	before, why := f.overtaken(file, stack)
	if why != "" {
		src.keep(why, at0)
		return
	}
	stmt, _ := setter(sel, stack)
	a.uses = append(a.uses, access{FieldUse{File: file, Sel: sel, stmt: stmt, before: before}, src})
}

// overtaken returns why a method can't read the field at the end of a path: a call in the
// same statement changes it first. Where one may, behind an interface or a function value,
// before is what is called.
func (f *Flow) overtaken(file *code.File, stack []ast.Node) (before, why string) {
	if f.orders == nil {
		f.orders = reorder.New(f.World)
	}
	o := f.orders.OvertakenBy(file, stack)
	if o == nil {
		return "", ""
	}
	called := file.Source(o.Call.Fun)
	if o.Sure {
		return "", "its field " + stack[len(stack)-1].(*ast.SelectorExpr).Sel.Name + " is used, which " + called + " in the same statement may change before it is read"
	}
	return called, ""
}

// addressed returns how the use of a field at the end of stack needs the field
// itself; nil where a copy does.
func addressed(file *code.File, sel *ast.SelectorExpr, stack []ast.Node) *address {
	lock := locks(file.Pkg.Info.Selections[sel].Obj().Type(), 0)
	if plain(file, sel, stack) == "" && !lock {
		return nil
	}
	i := len(stack) - 1
	for i > 1 {
		if _, ok := stack[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	switch p := stack[i-1].(type) {
	case *ast.UnaryExpr:
		return &address{taken: p}
	case *ast.SelectorExpr, *ast.SliceExpr:
		return &address{}
	case *ast.IndexExpr:
		return &address{}
	}
	return &address{deref: true}
}

// unreachable returns why a method can't stand for the use of a field, or "".
func (f *Flow) unreachable(file *code.File, sel *ast.SelectorExpr, stack []ast.Node) string {
	name := sel.Sel.Name
	field := file.Pkg.Info.Selections[sel].Obj().(*types.Var).Origin()
	if !f.Accessors || !field.Exported() {
		return "its " + name + " is used, which the contract doesn't have"
	}
	if file.Generated() || f.World.FileOf(f.Type.Obj()).Generated() {
		return "its field " + name + " is used, and a tool writes the code"
	}
	if f.hiddenType(field.Type(), 0) != "" {
		return "its field " + name + " is used, " + f.hiddenType(field.Type(), 0)
	}
	if at := addressed(file, sel, stack); at != nil && at.deref && locks(field.Type(), 0) {
		return "its field " + name + " is used, which must not be copied"
	}
	return ""
}

// accessor returns the accessor of a field, or nil where its names are taken.
func (f *Flow) accessor(field *types.Var) *accessor {
	name := field.Name()
	if a := f.gets[name]; a != nil {
		return a
	}
	taken := func(n string) bool {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.Type), true, f.Type.Obj().Pkg(), n)
		return obj != nil || f.World.IgnoredName(f.Type.Obj().Pkg(), n) != "" || f.wouldFit(n)
	}
	a := &accessor{field: field, name: name, get: "Get" + name, set: "Set" + name}
	if taken(a.get) || taken(a.set) {
		a.get, a.set = name+"Value", "Set"+name+"Value"
		if taken(a.get) || taken(a.set) {
			return nil
		}
	}
	if a.ptr = name + "Ptr"; taken(a.ptr) {
		a.ptr = ""
	}
	f.gets[name] = a
	return a
}

// setter returns the statement that sets the field at the end of stack, or nil.
func setter(sel *ast.SelectorExpr, stack []ast.Node) (ast.Stmt, ast.Expr) {
	switch p := stack[len(stack)-2].(type) {
	case *ast.AssignStmt:
		if slices.Contains(p.Lhs, ast.Expr(sel)) && p.Tok != token.DEFINE {
			return p, p.Rhs[0]
		}
	case *ast.IncDecStmt:
		return p, nil
	}
	return nil, nil
}

// plain returns why the use of a field at the end of stack is more than reading or
// setting it, or "". The stack ends with the selector.
func plain(file *code.File, sel *ast.SelectorExpr, stack []ast.Node) string {
	if stmt, _ := setter(sel, stack); stmt != nil {
		return plainSetter(sel, stmt)
	}
	info := file.Pkg.Info
	for i := len(stack) - 1; i > 0; i-- {
		e, ok := stack[i].(ast.Expr)
		if !ok {
			return ""
		}
		switch p := stack[i-1].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.UnaryExpr:
			if p.Op == token.AND {
				return "its address is taken"
			}
			return ""
		case *ast.SelectorExpr:
			s := info.Selections[p]
			if s == nil || isPtr(info.TypeOf(e)) {
				return ""
			}
			if fn, ok := s.Obj().(*types.Func); ok {
				if recv := fn.Signature().Recv(); recv != nil && isPtr(recv.Type()) && !s.Indirect() {
					return "a method changes it in place"
				}
				return ""
			}
			if s.Indirect() {
				return ""
			}
		case *ast.IndexExpr:
			if _, array := info.TypeOf(e).Underlying().(*types.Array); !array || p.X != e {
				return ""
			}
		case *ast.SliceExpr:
			if _, array := info.TypeOf(e).Underlying().(*types.Array); array {
				return "it is sliced in place"
			}
			return ""
		case *ast.AssignStmt:
			if slices.Contains(p.Lhs, e) {
				return "a part of it is set"
			}
			return ""
		case *ast.IncDecStmt:
			return "a part of it is set"
		case *ast.RangeStmt:
			if p.X != e {
				return "a loop sets it"
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

func plainSetter(sel *ast.SelectorExpr, stmt ast.Stmt) string {
	switch p := stmt.(type) {
	case *ast.AssignStmt:
		if len(p.Lhs) != 1 || len(p.Rhs) != 1 {
			return "it is set together with others"
		}
		if p.Tok == token.ASSIGN {
			return ""
		}
	}
	if _, ok := sel.X.(*ast.Ident); !ok {
		return "it is changed in place"
	}
	return ""
}

func isPtr(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// locks reports a type that must not be copied.
func locks(t types.Type, depth int) bool {
	if depth > 6 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		set := types.NewMethodSet(types.NewPointer(t))
		if set.Lookup(nil, "Lock") != nil && set.Lookup(nil, "Unlock") != nil {
			return true
		}
		for v := range u.Fields() {
			if locks(v.Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return locks(u.Elem(), depth+1)
	}
	return false
}

// Accessors returns the fields that callers reach by methods, by place.
func (f *Flow) AccessorsNeeded() []Accessor {
	var out []Accessor
	for _, a := range f.gets {
		n := Accessor{Field: a.field}
		if f.tells(a) {
			n.Get = a.get
		}
		for _, u := range a.uses {
			if !u.slot.reached {
				continue
			}
			if u.at != nil {
				n.Ptr = a.ptr
			} else if u.Reads() {
				n.Get = a.get
			}
			if u.Sets() {
				n.Set = a.set
			}
		}
		if n.Get+n.Set+n.Ptr != "" {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b Accessor) int {
		return f.World.Before(a.Field, b.Field)
	})
	return out
}

// access rewrites the uses of fields.
func (f *Flow) access() {
	for _, a := range f.gets {
		for _, u := range a.uses {
			if u.slot.reached {
				f.noteOrder(u.FieldUse)
				u.Rewrite(a.get, a.set, a.ptr)
			}
		}
	}
}

// noteOrder says that a method reads a field before a call that may change it.
func (f *Flow) noteOrder(u FieldUse) {
	if u.before != "" {
		f.Note(f.World.Span(u.Sel), OrderNote(u.Sel.Sel.Name, u.before))
	}
}

// OrderNote says that a method reads a field before a call that may change it.
func OrderNote(field, called string) string {
	return field + " is read before " + called + " is called here, and was read after it: what " + called + " calls by an interface or a function value may change it"
}

// Rewrite makes the use a call of one of the methods that return the field, set it, and
// return its address.
func (u FieldUse) Rewrite(get, set, ptr string) {
	name := u.Sel.Sel
	if u.at != nil {
		if u.at.taken != nil {
			u.File.Replace(u.at.taken.OpPos, u.at.taken.OpPos+1, "")
		} else if u.at.deref {
			u.File.Insert(u.Sel.Pos(), "*")
		}
		u.File.Replace(name.Pos(), name.End(), ptr+"()")
		return
	}
	switch p := u.stmt.(type) {
	case nil:
		u.File.Replace(name.Pos(), name.End(), get+"()")
	case *ast.IncDecStmt:
		u.File.Replace(name.Pos(), p.End(), set+"("+u.File.Source(u.Sel.X)+"."+get+"() "+p.Tok.String()[:1]+" 1)")
	case *ast.AssignStmt:
		if p.Tok == token.ASSIGN {
			u.File.Replace(name.Pos(), p.Rhs[0].Pos(), set+"(")
			u.File.Insert(p.End(), ")")
			return
		}
		open, end := "", ")"
		if _, binary := p.Rhs[0].(*ast.BinaryExpr); binary {
			open, end = "(", "))"
		}
		op := p.Tok.String()
		u.File.Replace(name.Pos(), p.Rhs[0].Pos(), set+"("+u.File.Source(u.Sel.X)+"."+get+"() "+op[:len(op)-1]+" "+open)
		u.File.Insert(p.End(), end)
	}
}
