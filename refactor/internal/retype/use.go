package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// use records what happens to the value of a slot at the end of stack.
func (f *Flow) use(file *code.File, e ast.Expr, stack []ast.Node) {
	i := len(stack) - 1
	for i > 0 {
		if _, ok := stack[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	if i == 0 {
		return
	}
	src, at := f.slotOf(file, e), f.World.Span(stack[i])
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		src.elided = append(src.elided, elided{file, lit})
	}
	value := stack[i].(ast.Expr)
	switch p := stack[i-1].(type) {
	case *ast.SelectorExpr:
		f.selected(file, src, p, stack[:i])
	case *ast.StarExpr:
		if !f.reachesIn(file, src, value, "its value is copied or set here", at) {
			src.keep("its value is copied or set here", at)
		}
	case *ast.UnaryExpr:
		if p.Op != token.AND {
			src.keep("it is used here in a way that needs the type", at)
			return
		}
		f.address(file, src, p)
	case *ast.BinaryExpr:
		f.compared(file, src, p, value, stack[:i+1])
	case *ast.SwitchStmt:
		f.sameness(src, at)
	case *ast.CaseClause:
		f.sameness(src, at)
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt, *ast.RangeStmt:
	case *ast.AssignStmt:
		f.assigned(file, src, p, value, stack)
	case *ast.ValueSpec:
		f.specified(file, src, p, value, stack[:i+1])
	case *ast.IndexExpr:
		if p.Index == value && !f.Local {
			src.keep("it is the key of a map", at)
		}
		f.destined(file, src, stack[:i+1])
	case *ast.CallExpr:
		if p.Fun == value || f.befriend(file, src, p, stack[:i+1]) {
			return
		}
		f.destined(file, src, stack[:i+1])
	default:
		f.destined(file, src, stack[:i+1])
	}
}

// destined sends src to where the value at the end of stack goes.
func (f *Flow) destined(file *code.File, src *slot, stack []ast.Node) {
	at := stack[len(stack)-1]
	place, t := file.Destination(stack)
	if place != code.Typed {
		src.keep("it is used here in a way that needs the type", f.World.Span(at))
		return
	}
	if ret, ok := stack[len(stack)-2].(*ast.ReturnStmt); ok {
		if dst := f.pointerSlot(file, t, at); dst != nil {
			f.returned(file, src, dst, ret, stack)
			return
		}
	}
	if f.held(file, src, stack) {
		return
	}
	if f.blindToNil(file, stack) {
		f.into(file, src, nil, t, f.reason(file, stack), at, false)
		return
	}
	f.passOn(file, src, f.pointerSlot(file, t, at), stack)
	n := len(src.nilTo)
	f.becomes(file, src, nil, t, f.reason(file, stack), at, !f.nonNil(file, stack), f.setBy(file, stack))
	if _, ok := stack[len(stack)-2].(*ast.ReturnStmt); ok && len(src.nilTo) > n {
		src.nilTo[n].in = returnsFrom(file, stack)
	}
}

// returnsFrom returns the declared function that a statement in stack returns from; nil
// for a literal.
func returnsFrom(file *code.File, stack []ast.Node) *types.Func {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.FuncLit:
			return nil
		case *ast.FuncDecl:
			fn, _ := file.Pkg.Info.Defs[n.Name].(*types.Func)
			return fn
		}
	}
	return nil
}

// returned sends src to the result that a function returns it as.
func (f *Flow) returned(file *code.File, src, dst *slot, ret *ast.ReturnStmt, stack []ast.Node) {
	at := stack[len(stack)-1]
	i := slices.Index(ret.Results, at.(ast.Expr))
	f.passOn(file, src, dst, stack)
	switch {
	case f.nonNil(file, stack):
	case fails(file, ret):
		dst.failing = append(dst.failing, src)
	case f.guardable(file, ret, i, stack):
		dst.guards = append(dst.guards, guard{src: src, file: file, ret: ret, i: i})
	default:
		dst.nilFrom = append(dst.nilFrom, src)
	}
	f.edge(src, dst, f.reason(file, stack), at, false)
}

// reason says why the type is needed where the value at the end of stack goes.
func (f *Flow) reason(file *code.File, stack []ast.Node) string {
	switch p := stack[len(stack)-2].(type) {
	case *ast.CallExpr:
		if file.Pkg.Info.Types[ast.Unparen(p.Fun)].IsType() {
			return "it is converted"
		}
		if fn := file.Callee(p); fn != nil {
			if fn.Signature().Variadic() && slices.Index(p.Args, stack[len(stack)-1].(ast.Expr)) >= fn.Signature().Params().Len()-1 {
				return "it is passed to a variadic parameter"
			}
			return "it is passed to " + fn.Name() + ", which wants the type"
		}
		return "it is passed to a function that wants the type"
	case *ast.ReturnStmt:
		for k := len(stack) - 1; k >= 0; k-- {
			switch fn := stack[k].(type) {
			case *ast.FuncLit:
				return "a function literal returns it"
			case *ast.FuncDecl:
				return fn.Name.Name + " returns it as another type"
			}
		}
	case *ast.KeyValueExpr:
		if _, ok := p.Key.(*ast.Ident); !ok {
			return "it is kept in a map or list of the type"
		}
		return "it is kept where the type is needed"
	case *ast.CompositeLit:
		return "it is kept in a list of the type"
	}
	return "it is stored where the type is needed"
}

// pointerSlot returns the slot of t, where that is *T.
func (f *Flow) pointerSlot(file *code.File, t types.Type, at ast.Node) *slot {
	if !f.isPointer(t) {
		return nil
	}
	return f.slotOfType(file, t, at)
}

// into sends the value of src to a place of type t, whose slot is dst if that is
// known. nils says that the value may be nil.
func (f *Flow) into(file *code.File, src, dst *slot, t types.Type, why string, at ast.Node, nils bool) {
	f.becomes(file, src, dst, t, why, at, nils, nil)
}

// becomes is into for a value that src has from another slot there, if that is known.
func (f *Flow) becomes(file *code.File, src, dst *slot, t types.Type, why string, at ast.Node, nils bool, from *slot) {
	if dst == nil {
		dst = f.pointerSlot(file, t, at)
	}
	if dst != nil {
		f.edge(src, dst, why, at, nils)
		return
	}
	span := f.World.Span(at)
	it, ok := t.Underlying().(*types.Interface)
	if _, param := types.Unalias(t).(*types.TypeParam); !ok || param {
		src.keep(why, span)
		return
	}
	if nils {
		f.boxed = append(f.boxed, src)
		src.nilTo = append(src.nilTo, demand{name: types.TypeString(t, (*types.Package).Name), at: span, from: from, typ: t})
	}
	for m := range it.Methods() {
		if _, has := f.fixed[m.Name()]; !has && !f.Grow {
			src.keep("it is passed as "+types.TypeString(t, (*types.Package).Name), span)
			return
		}
		f.need(src, m, span)
	}
}

func (f *Flow) edge(src, dst *slot, why string, at ast.Node, nils bool) {
	if src == dst {
		return
	}
	if dst.fixed() {
		src.keep(why, f.World.Span(at))
	}
	addEdge(src, dst)
	if nils {
		dst.nilFrom = append(dst.nilFrom, src)
	}
}

// target returns the slot of a variable that is assigned to, or nil.
func (f *Flow) target(file *code.File, lhs ast.Expr) *slot {
	id, ok := ast.Unparen(lhs).(*ast.Ident)
	if !ok {
		return nil
	}
	obj := file.Pkg.Info.Defs[id]
	if obj == nil {
		obj = file.Pkg.Info.Uses[id]
	}
	return f.variable(obj)
}

func (f *Flow) assigned(file *code.File, src *slot, p *ast.AssignStmt, e ast.Expr, stack []ast.Node) {
	i := slices.Index(p.Rhs, e)
	if i < 0 || len(p.Lhs) != len(p.Rhs) || blank(p.Lhs[i]) {
		return
	}
	const why = "it is stored where the type is needed"
	dst, t := f.target(file, p.Lhs[i]), file.Pkg.Info.TypeOf(p.Lhs[i])
	if dst == nil {
		dst = f.pointerSlot(file, t, p.Lhs[i])
	}
	f.passOn(file, src, dst, stack)
	if dst != nil && dst != src && f.nonNil(file, stack) {
		f.edge(src, dst, why, p.Lhs[i], false)
		return
	}
	if dst != nil && dst != src && dst.like != src && f.settable(file, p, stack) {
		dst.guards = append(dst.guards, guard{src: src, file: file, assign: p, unset: unset(file.Pkg.Info, p, stack)})
		f.edge(src, dst, why, p.Lhs[i], false)
		return
	}
	f.becomes(file, src, dst, t, why, p.Lhs[i], !f.nonNil(file, stack), f.setBy(file, stack))
}

func (f *Flow) specified(file *code.File, src *slot, p *ast.ValueSpec, e ast.Expr, stack []ast.Node) {
	i := slices.Index(p.Values, e)
	if i < 0 || len(p.Names) != len(p.Values) {
		return
	}
	obj := file.Pkg.Info.Defs[p.Names[i]]
	if obj == nil {
		return // the blank name, without a type
	}
	dst := f.variable(obj)
	if dst == nil {
		dst = f.pointerSlot(file, obj.Type(), e)
	}
	f.passOn(file, src, dst, stack)
	seen := !blank(p.Names[i]) // nobody can look at what has no name
	f.becomes(file, src, f.variable(obj), obj.Type(), "it is stored where the type is needed", p.Names[i], seen && !f.nonNil(file, stack), f.setBy(file, stack))
}

// address joins a variable to what a pointer to it points to.
func (f *Flow) address(file *code.File, src *slot, p *ast.UnaryExpr) {
	ptr, ok := types.Unalias(file.Pkg.Info.TypeOf(p)).(*types.Pointer)
	if !ok {
		return
	}
	elem := f.slotOfPointer(ptr.Elem())
	if elem.value && elem.why != "" && !src.value {
		src.keep("its address is taken", f.World.Span(p))
	}
	addEdge(src, elem)
	addEdge(elem, src)
	src.zero = true // who has the address may set it
}

func (f *Flow) compared(file *code.File, src *slot, p *ast.BinaryExpr, e ast.Expr, stack []ast.Node) {
	other := p.X
	if other == e {
		other = p.Y
	}
	info := file.Pkg.Info
	if info.Types[other].IsNil() {
		src.nilTest = append(src.nilTest, demand{at: f.World.Span(e)})
		return
	}
	t := info.TypeOf(other)
	if f.isPointer(t) {
		f.equalPointers(file, src, other, append(slices.Clip(stack[:len(stack)-1]), other), f.pointed(file, stack), f.World.Span(e))
		return
	}
	known := f.nonNil(file, stack)
	if !f.Local || !known {
		f.sameness(src, f.World.Span(e))
	}
	if types.IsInterface(t) {
		f.into(file, src, nil, t, "it is compared with another", e, !known)
	}
}

// equalPointers is a comparison with another pointer to T, the last one of stack. Where
// both may be nil, they have to be nil in the same way.
func (f *Flow) equalPointers(file *code.File, src *slot, other ast.Expr, stack []ast.Node, known bool, at text.Span) {
	known = known || made(ast.Unparen(other), file.Pkg.Info) || f.pointed(file, stack)
	if f.Local && known {
		return
	}
	f.compare(src, f.slotOf(file, other), at)
}

// compare records a comparison of two values of the type, which are nil in the same way as long
// as not one is a nil pointer and another no value.
func (f *Flow) compare(src, other *slot, at text.Span) {
	if !f.Local {
		src.keep("it is compared with another", at)
		return
	}
	src.same = append(src.same, comparison{other, at})
}

// sameness is a comparison with another value, which may be nil as well.
func (f *Flow) sameness(src *slot, at text.Span) {
	if !f.Local {
		src.keep("it is compared with another", at)
		return
	}
	src.nilTest = append(src.nilTest, demand{at: at})
}

// comparedInside compares a value that has the type inside of its own.
func (f *Flow) comparedInside(file *code.File, t types.Type, p *ast.BinaryExpr, e ast.Expr) {
	other := p.X
	if other == e {
		other = p.Y
	}
	if file.Pkg.Info.Types[other].IsNil() {
		return
	}
	f.inside(t, func(s *slot) { f.compare(s, s, f.World.Span(e)) })
	f.equal(t, file.Pkg.Info.TypeOf(other), nil)
}

// moves handles a value that has the type inside of its own: a list, a function.
func (f *Flow) moves(file *code.File, e ast.Expr, t types.Type, stack []ast.Node) {
	info := file.Pkg.Info
	if call, ok := stack[len(stack)-2].(*ast.CallExpr); ok && info.Types[ast.Unparen(call.Fun)].IsBuiltin() && len(call.Args) > 1 && call.Args[0] != e {
		if last := call.Args[len(call.Args)-1]; last == e && (call.Ellipsis.IsValid() || builtin(call) == "copy") {
			f.flows(file, t, info.TypeOf(call.Args[0]), e, "it is kept in a list of the type")
			return
		}
	}
	switch p := stack[len(stack)-2].(type) {
	case *ast.AssignStmt:
		if slices.Contains(p.Lhs, e) {
			return
		}
	case *ast.BinaryExpr:
		f.comparedInside(file, t, p, e)
		return
	}
	if place, dst := file.Destination(stack); place == code.Typed {
		if types.IsInterface(dst) && f.harmless(file, stack) {
			return
		}
		if types.IsInterface(dst) && f.sought(file, e, stack) || f.closes(file, e, dst) || f.heldInside(file, e, t, stack) {
			return
		}
		f.flows(file, t, dst, e, f.reason(file, stack))
	}
}

func builtin(call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// harmless reports an argument of a function that does the same with elements of
// the interface: it sorts, or it prints and T has no method that prints nil in words of its own.
func (f *Flow) harmless(file *code.File, stack []ast.Node) bool {
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := file.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.FullName() {
	case "sort.Slice", "sort.SliceStable", "sort.SliceIsSorted":
		return true
	case "fmt.Print", "fmt.Println", "fmt.Sprint", "fmt.Sprintln", "log.Print", "log.Println":
		return !slices.ContainsFunc(printers, func(name string) bool {
			m := f.method(name, f.Type.Obj().Pkg())
			return m != nil && f.worksOnNil(m, 0)
		})
	}
	return false
}

// flows joins the slots inside of a value's type to those of the place that it
// goes to.
func (f *Flow) flows(file *code.File, src, dst types.Type, at ast.Node, why string) {
	span := f.World.Span(at)
	if types.IsInterface(dst) {
		f.inside(src, func(s *slot) {
			s.zero = true // what gets it may store anything in it
			s.keep("it is part of what is passed as "+types.TypeString(dst, (*types.Package).Name), span)
		})
		return
	}
	f.equal(src, dst, func(from, to *slot) {
		if to.fixed() {
			from.keep(why, span)
		}
	})
}

// selected handles a method or field of a slot.
func (f *Flow) selected(file *code.File, src *slot, sel *ast.SelectorExpr, stack []ast.Node) {
	at := f.World.Span(sel.X)
	s := file.Pkg.Info.Selections[sel]
	if s == nil {
		src.keep("it is used here in a way that needs the type", at)
		return
	}
	user := f.Role(file) == User && !file.Test
	if user {
		f.uses = append(f.uses, use{src, f.World.Span(sel.Sel), sel.Sel.Name})
		src.wanted = true
	}
	fn, ok := s.Obj().(*types.Func)
	if !ok {
		f.fieldUse(file, src, sel, stack)
		return
	}
	if fn.Exported() || f.seals(file, src, fn) || !f.reachesIn(file, src, sel.X, "its unexported "+fn.Name()+" is used", at) {
		f.need(src, fn, at)
	}
	if f.nonNil(file, append(slices.Clip(stack), sel.X)) {
		return
	}
	from := f.setBy(file, append(slices.Clip(stack), sel.X))
	made := f.madeForNil(fn)
	works := f.worksOnNil(fn, 0)
	unmeant := !made && isField(file, sel.X) // a field that nobody has set isn't meant for the method
	taken := !calledAtOnce(stack, sel) && isPtr(fn.Signature().Recv().Type()) && (works && !unmeant || !f.goes(stack, fn) && !f.diesNext(file, stack, sel.X))
	if !made && works {
		src.chance = append(src.chance, demand{name: fn.Name(), at: f.World.Span(sel.Sel), from: from, chance: true})
	}
	var leftOut *skip
	if made {
		leftOut = f.skipOf(file, fn, sel, stack)
	}
	if works && !unmeant {
		src.nilCall = append(src.nilCall, demand{name: fn.Name(), at: at, from: from, chance: !made, skip: leftOut})
	}
	if taken {
		src.bound = append(src.bound, demand{name: fn.Name(), at: at, from: from, skip: leftOut})
	}
	if recv := fn.Origin().Signature().Recv(); recv != nil && f.isPointer(recv.Type()) {
		r := f.slotOfPointer(recv.Type())
		r.nilFrom = append(r.nilFrom, src)
	}
}

// isField reports an expression that selects a field.
func isField(file *code.File, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := file.Pkg.Info.Selections[sel]
	return s != nil && s.Kind() == types.FieldVal
}

// calledAtOnce reports whether the method that is selected at the end of stack is
// called where it is selected.
func calledAtOnce(stack []ast.Node, sel *ast.SelectorExpr) bool {
	i := len(stack) - 1
	for i > 0 && stack[i] != ast.Node(sel) {
		i--
	}
	var e ast.Expr = sel
	for ; i > 0; i-- {
		switch p := stack[i-1].(type) {
		case *ast.ParenExpr:
			e = p
		case *ast.CallExpr:
			if p.Fun != e || i < 2 {
				return false
			}
			switch stack[i-2].(type) {
			case *ast.DeferStmt, *ast.GoStmt:
				return false
			}
			return true
		default:
			return false
		}
	}
	return false
}

// need says that what src holds must have a method. An unexported one is had only
// where another interface has it already, which keeps other packages from having it,
// or where the interface may be one that no other package can implement.
func (f *Flow) need(src *slot, m *types.Func, at text.Span) {
	name := m.Name()
	if _, has := f.fixed[name]; has {
		return
	}
	if !f.Grow {
		src.keep("its "+name+" is used, which the contract doesn't have", at)
		return
	}
	own := f.method(name, m.Pkg())
	switch {
	case own == nil:
		src.keep("its "+name+" is used, which it has from nowhere", at)
	case !m.Exported() && (f.Path != f.Type.Obj().Pkg().Path() || !f.Inner && !types.IsInterface(m.Signature().Recv().Type())):
		src.keep("its unexported "+name+" is used", at)
	case f.hidden(own) != "":
		src.keep("its "+name+" is used, "+f.hidden(own), at)
	default:
		if src.needs == nil {
			src.needs = map[string]*types.Func{}
		}
		src.needs[name] = own
	}
}

// method returns the method of *T with a name, or nil.
func (f *Flow) method(name string, pkg *types.Package) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.Type), true, f.Type.Obj().Pkg(), name)
	if obj == nil {
		obj, _, _ = types.LookupFieldOrMethod(types.NewPointer(f.Type), true, pkg, name)
	}
	fn, _ := obj.(*types.Func)
	return fn
}
