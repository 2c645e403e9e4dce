package extract

import (
	"cmp"
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A handled is the extraction of a type that keeps its signatures. The type is
// renamed to an unexported one, which does the work; a façade of its old name
// holds a handle, and its methods and constructors call the contract with it.
// So the contract has functions and plain data only.
type handled struct {
	*service
	typ      string // exported name: the façade
	impl     string // unexported name: the type that does the work
	methods  []*endpoint
	makers   []*endpoint // exported functions that take or return the type
	resident []*endpoint // methods that can't cross: they need the value in this process
	locals   []*endpoint // makers that can't cross: what they make is in this process
	tests    bool        // the package's tests look inside the type, or do what no façade can: they use what does the work
	testsDo  string      // what they do with the type, as "look inside"
	friends  []*endpoint // methods of other types that take or return the type

	fields   []*fieldMethods   // that are used where only the façade is known
	literals []literal         // that make the type there
	made     *made             // what stands for them; nil where there are none
	facades  map[code.Key]bool // variables and fields that only code which knows the façade uses

	lent  []lent                    // the streams that values keep
	quiet map[*endpoint]bool        // methods that use no stream
	keeps map[*endpoint]map[int]int // by endpoint: which of its parameters has which place in lent
}

// reserved are the names that parameters of generated code don't have.
func (h *handled) reserved() []string {
	names := []string{h.variable, "runtime", "resident", "handle", "f", "l", "v", "loans"}
	for i := range maxLent {
		names = append(names, lentName(i))
	}
	return names
}

// facing reports a file that will know the façade only.
func (j *job) facing(h *handled, f *code.File) bool {
	return j.outsideFile(f) && !(h.tests && f.Test && f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path)
}

// handles extracts a type and keeps its signatures.
func (j *job) handles(ctx context.Context) error {
	s := &service{iface: j.serviceName(nil), variable: j.freeName("service", naming.Unexported(j.name())+"Service")}
	s.impl = j.freeName("local", "localService")
	noted := len(j.notes)
	h := j.newHandled(s, slices.ContainsFunc(j.files(), func(f *code.File) bool {
		return f.Test && (len(j.insideUses(nil, f)) > 0 || j.hiddenUse(f))
	}))
	h.testsDo = "look inside"
	if why := j.heldElsewhere(j.target.typ.Obj()); why != "" {
		return j.refuse(problem("other-builds", j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), why, "extract on that platform, or by hand"))
	}
	problems := j.handleable(h)
	if len(problems) > 0 && !h.tests && slices.ContainsFunc(j.files(), func(f *code.File) bool { return f.Test }) {
		j.notes = j.notes[:noted]
		h = j.newHandled(s, true)
		h.testsDo = "do what no façade can with"
		if len(j.handleable(h)) == 0 {
			problems = nil
		}
	}
	if len(problems) > 0 {
		return j.refuse(problems...)
	}
	if problems := j.handleMethods(h); len(problems) > 0 {
		return j.refuse(problems...)
	}
	if len(h.methods) == 0 {
		problems := []component.Problem{problem("no-endpoints", j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), j.typeName()+" has no exported method that can cross a process", "extract another type")}
		for _, n := range j.notes {
			problems = append(problems, problem("stays-local", n.Span, n.Message, "change its signature"))
		}
		return j.refuse(problems...)
	}
	j.fieldEndpoints(h)
	if err := j.handleMakers(h); err != nil {
		return err
	}
	h.resets()
	j.quieten(h)
	j.renameType(h)
	j.renameElsewhere(h)
	j.writeMade(h)
	j.writeHandles(h)
	return nil
}

// newHandled begins the extraction; tests says that the package's tests use what does the work.
func (j *job) newHandled(s *service, tests bool) *handled {
	return &handled{service: s, typ: j.target.typ.Obj().Name(), tests: tests, facades: map[code.Key]bool{}, keeps: map[*endpoint]map[int]int{}, quiet: map[*endpoint]bool{}}
}

// handleable returns what rules handles out: anything outside the type's own
// code that looks inside it, copies it or makes it without a constructor.
func (j *job) handleable(h *handled) []component.Problem {
	var ps []component.Problem
	at := j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos)
	if j.target.typ.TypeParams().Len() > 0 {
		return []component.Problem{problem("generic-contract", at, h.typ+" has type parameters", "extract a type without them")}
	}
	st, ok := j.target.typ.Underlying().(*types.Struct)
	if !ok {
		return []component.Problem{problem("not-a-struct", at, h.typ+" isn't a struct: a copy of it has no handle", "extract it without --keep-signatures")}
	}
	for _, f := range j.world.Files {
		if j.facing(h, f) {
			ps = append(ps, j.insideUses(h, f)...)
		}
	}
	j.noteFields(h, st)
	j.opaqueTypes(h)
	ps = append(ps, j.ways(h)...)
	ps = append(ps, j.sameness(h)...)
	if h.tests {
		ps = append(ps, j.testsLeak()...)
	}
	return ps
}

// noteFields notes the fields that the façade doesn't have. Where nothing of this
// module uses them from outside of the package, code of other modules may.
func (j *job) noteFields(h *handled, st *types.Struct) {
	if j.unseen() {
		return
	}
	var names []string
	first := token.NoPos
	for f := range st.Fields() {
		if f.Exported() && !slices.ContainsFunc(h.fields, func(m *fieldMethods) bool { return m.field == f }) {
			names = append(names, f.Name())
			first = cmp.Or(first, f.Pos())
		}
	}
	if len(names) > 0 {
		j.note(j.world.SpanAt(first, token.NoPos), h.typ+" has no "+strings.Join(names, ", ")+" any more: the module doesn't use that outside of the package, other modules could")
	}
}

// unseen reports whether no code but the module's own can use the type.
func (j *job) unseen() bool { return strings.Contains("/"+j.target.pkg.Pkg.Path+"/", "/internal/") }

// testsLeak finds what the package's own tests give to tests of other packages,
// where the type would be another from now on.
func (j *job) testsLeak() []component.Problem {
	var ps []component.Problem
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			continue
		}
		for id, obj := range f.Pkg.Info.Uses {
			if from := j.world.FileOf(obj); from != nil && from.Test && from.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
				ps = append(ps, problem("needs-the-type", j.world.Span(id), id.Name+" is declared by tests that look inside "+j.typeName()+", and used by tests that don't", "move these tests into one package, or extract without --keep-signatures"))
			}
		}
	}
	slices.SortFunc(ps, func(a, b component.Problem) int { return a.Span.Compare(b.Span) })
	return ps
}

// insideUses finds fields, literals, values and declarations of the type in a file that
// will only know its façade. Those that methods and a constructor can stand for go into h,
// if there is one; the others are problems.
func (j *job) insideUses(h *handled, f *code.File) []component.Problem {
	var ps []component.Problem
	bad := func(n ast.Node, what string) {
		ps = append(ps, problem("needs-the-type", j.world.Span(n), what, "use a constructor and methods, or extract without --keep-signatures"))
	}
	made := func(n ast.Node, stack []ast.Node) {
		why := "a literal makes a " + j.target.typ.Obj().Name() + " without a constructor"
		if h != nil {
			why = h.literal(j, f, stack)
		}
		if why != "" {
			bad(n, why)
		}
	}
	f.Walk(func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			sel := f.Pkg.Info.Selections[n]
			if sel == nil || !j.isTarget(sel.Recv()) && !j.isPointer(sel.Recv()) {
				break
			}
			if sel.Kind() == types.FieldVal && sel.Obj().Exported() {
				why := ", whose value stays where the component is hosted"
				if h != nil {
					why = j.fieldUse(h, f, stack)
				}
				if why != "" {
					ps = append(ps, problem("exported-field", j.world.Span(n.Sel), "this uses the field "+n.Sel.Name+" of "+j.typeName()+why, "give "+j.target.typ.Obj().Name()+" a method for it"))
				}
			} else if !sel.Obj().Exported() {
				bad(n.Sel, "this looks inside "+j.typeName()+": "+n.Sel.Name)
			}
		case *ast.CompositeLit:
			if t := f.Pkg.Info.TypeOf(n); t != nil && (j.isTarget(t) || j.isPointer(t)) {
				made(n, stack)
			}
		case *ast.CallExpr:
			if j.newOf(f, n) {
				made(n, stack)
			}
		case *ast.StarExpr:
			if f.Pkg.Info.Types[n].IsValue() && j.isTarget(f.Pkg.Info.TypeOf(n)) {
				bad(n, "the value, and not a pointer to it, is used here")
			}
		case *ast.Ident:
			if tn, ok := f.Pkg.Info.Uses[n].(*types.TypeName); ok && j.isTarget(tn.Type()) && !j.pointed(f, stack) {
				bad(n, "the value, and not a pointer to it, is declared here")
			}
		}
	})
	return ps
}

// newOf reports a call of new with the type.
func (j *job) newOf(f *code.File, n *ast.CallExpr) bool {
	id, ok := ast.Unparen(n.Fun).(*ast.Ident)
	if !ok || len(n.Args) != 1 {
		return false
	}
	b, ok := f.Pkg.Info.Uses[id].(*types.Builtin)
	return ok && b.Name() == "new" && f.Pkg.Info.Types[n.Args[0]].IsType() && j.isTarget(f.Pkg.Info.TypeOf(n.Args[0]))
}

// pointed reports whether the type name at the end of stack stands behind a
// star, or in a literal or a call of new, which are looked at by themselves.
func (j *job) pointed(f *code.File, stack []ast.Node) bool {
	i := len(stack) - 2
	if sel, ok := stack[i].(*ast.SelectorExpr); ok && sel.Sel == stack[len(stack)-1] {
		i--
	}
	switch n := stack[i].(type) {
	case *ast.StarExpr:
		return true
	case *ast.CompositeLit:
		return n.Type == stack[i+1]
	case *ast.CallExpr:
		return j.newOf(f, n)
	}
	return false
}

// handleMethods divides the exported methods into endpoints and residents. It returns
// what is in the way of methods that are used and that no façade can have.
func (j *job) handleMethods(h *handled) (ps []component.Problem) {
	for _, m := range j.allMethods() {
		decl := j.world.Decl(m)
		if decl == nil {
			if j.wanted(h, m) {
				j.embedded(h, m)
			}
			continue
		}
		e := newEndpoint(decl, h.reserved()...)
		if why := j.unreachable(e); why != "" {
			if j.wanted(h, m) {
				ps = append(ps, problem("stays-local", j.world.Span(decl.Func.Name), m.Name()+" hands a "+h.typ+" over and can't cross a process: "+why, "change its signature, or extract without --keep-signatures"))
			} else {
				j.note(j.world.Span(decl.Func.Name), h.typ+" has no "+m.Name()+" any more: "+why+"; the module doesn't use that outside of the package, other modules could")
			}
			continue
		}
		e.impl = e.name
		e.name = h.typ + m.Name()
		why := j.crossable(h, decl, e)
		if why != "" && j.unseen() && !j.wanted(h, m) {
			j.note(j.world.Span(decl.Func.Name), h.typ+" has no "+m.Name()+" any more, which nothing outside of the package uses, and which can't cross a process: "+why)
			continue
		}
		if why != "" {
			e.name = m.Name()
			h.resident = append(h.resident, e)
			j.note(j.world.Span(decl.Func.Name), m.Name()+" can't cross a process, so the component is pinned to the process that calls it: "+why)
			continue
		}
		h.methods = append(h.methods, e)
	}
	j.sortEndpoints(h.methods)
	j.sortEndpoints(h.resident)
	return ps
}

// wanted reports whether code that will only know the façade calls a method, or may.
func (j *job) wanted(h *handled, m *types.Func) bool {
	return slices.ContainsFunc(j.world.Files, func(f *code.File) bool { return j.facing(h, f) && (j.calls(f, m) || j.intoInterface(f)) })
}

// intoInterface reports a file in which a pointer to the type becomes a value of an
// interface: whoever gets that may ask for any method.
func (j *job) intoInterface(f *code.File) bool {
	found := false
	f.Walk(func(n ast.Node, stack []ast.Node) {
		e, ok := n.(ast.Expr)
		if !ok || found {
			return
		}
		if tv := f.Pkg.Info.Types[e]; tv.IsValue() && j.reaches(tv.Type, 0) {
			_, t := f.Destination(stack)
			found = t != nil && types.IsInterface(t)
		}
	})
	return found
}

// embedded makes a resident of a method that the type has by embedding one of
// another module.
func (j *job) embedded(h *handled, m *types.Func) {
	e := endpointOf(m, h.reserved()...)
	e.impl = m.Name()
	h.resident = append(h.resident, e)
	j.note(j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), m.Name()+" can't cross a process, so the component is pinned to the process that calls it: a type of another module declares it")
}

// allMethods returns the exported methods of the type, those that it has by
// embedding included.
func (j *job) allMethods() []*types.Func {
	var out []*types.Func
	set := types.NewMethodSet(types.NewPointer(j.target.typ))
	for m := range set.Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() {
			out = append(out, fn)
		}
	}
	return out
}

func (j *job) sortEndpoints(es []*endpoint) {
	slices.SortFunc(es, func(a, b *endpoint) int { return j.world.Before(a.fn, b.fn) })
}

// handleMakers finds the exported functions that take or return the type.
func (j *job) handleMakers(h *handled) error {
	var problems []component.Problem
	for _, fn := range exportedFuncs(j.world, j.target.pkg) {
		if !j.mentions(fn) {
			continue
		}
		decl := j.world.Decl(fn)
		e := newEndpoint(decl, h.reserved()...)
		why := cmp.Or(j.cantRename(decl), j.unreachable(e), j.heldElsewhere(fn))
		if why != "" {
			problems = append(problems, problem("stays-local", j.world.Span(decl.Func.Name), fn.Name()+" hands a "+h.typ+" over and can't cross a process: "+why, "change its signature, or extract without --keep-signatures"))
			continue
		}
		if why := j.crossable(h, decl, e); why != "" {
			h.locals = append(h.locals, e)
			j.note(j.world.Span(decl.Func.Name), fn.Name()+" can't cross a process, so the component is pinned to the process that calls it: "+why)
			continue
		}
		h.makers = append(h.makers, e)
	}
	if len(problems) > 0 {
		return j.refuse(problems...)
	}
	j.constructor(h)
	if len(h.makers)+len(h.locals)+len(h.friends) == 0 {
		return j.refuse(problem("no-constructor", j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), "no exported function or method of the package makes a "+h.typ, "add a constructor, or extract without --keep-signatures"))
	}
	for _, e := range slices.Concat(h.makers, h.locals) {
		if e.decl != nil {
			e.impl = j.implName(e)
		}
	}
	return nil
}

// mentions reports whether the type is part of a signature.
func (j *job) mentions(fn *types.Func) bool {
	return j.holds(fn.Signature())
}

// holds reports whether t is made of the type, but for structs, which need a
// look of their own.
func (j *job) holds(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		return j.isTarget(u)
	case *types.Pointer:
		return j.holds(u.Elem())
	case *types.Slice:
		return j.holds(u.Elem())
	case *types.Array:
		return j.holds(u.Elem())
	case *types.Map:
		return j.holds(u.Key()) || j.holds(u.Elem())
	case *types.Chan:
		return j.holds(u.Elem())
	case *types.Signature:
		return j.holds(u.Params()) || j.holds(u.Results())
	case *types.Tuple:
		return slices.ContainsFunc(slices.Collect(u.Variables()), func(v *types.Var) bool { return j.holds(v.Type()) })
	}
	return false
}

// crossable returns why an endpoint can't cross, pointers to the type itself
// left out: those cross as handles.
func (j *job) crossable(h *handled, decl *code.Decl, e *endpoint) string {
	if why := cmp.Or(j.cantCross(decl, e), j.mutates(decl.Obj)); why != "" {
		return why
	}
	if why := j.outlived(h, decl.Obj, e); why != "" {
		return why
	}
	j.noteLent(h, decl, e)
	return ""
}

// outlived returns why what returns the type can't cross that is given a stream, or "":
// the stream ends with the call, and the value may use it later. One that can be lent to
// the value again is no reason.
func (j *job) outlived(h *handled, fn *types.Func, e *endpoint) string {
	at, why := j.keepsStreams(h, fn, e)
	if at == nil {
		return ""
	}
	if why != "" {
		why = ", and it can't be lent: " + why
	}
	return at.Path + ": (" + types.TypeString(at.Var.Type(), (*types.Package).Name) + ") ends with the call, and the " + j.target.typ.Obj().Name() + " that is returned may use it later" + why
}

// cantRename returns why what a façade calls can't get another name.
func (j *job) cantRename(decl *code.Decl) string {
	if code.Directive(decl.Func) || decl.File.Constrained() || decl.File.Generated() || decl.Func.Body == nil {
		return "it can't be renamed: " + j.staysLocalFor(decl)
	}
	if why := frame(decl); why != "" {
		return why
	}
	if decl.Obj.Signature().TypeParams().Len() > 0 {
		return "it has type parameters"
	}
	return ""
}

// unreachable returns why no façade can stand in the signature of a function that takes or
// returns the type, in this process either, or "".
func (j *job) unreachable(e *endpoint) string {
	own := *e
	own.params = slices.DeleteFunc(slices.Clone(e.params), func(p param) bool { return j.callback(p.typ) })
	own.variadic = e.variadic && len(own.params) == len(e.params)
	return j.within(&own)
}

// callback reports a function that takes the type, and for which another can stand that
// gives it façades.
func (j *job) callback(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Variadic() || j.holds(sig.Results()) {
		return false
	}
	for v := range sig.Params().Variables() {
		if j.holds(v.Type()) && !j.isPointer(v.Type()) {
			return false
		}
	}
	return true
}

// within returns where the type is part of another in a signature: no façade can
// stand there.
func (j *job) within(e *endpoint) string {
	why := func(t types.Type, name string) string {
		if !j.isPointer(t) && j.holds(t) {
			return name + ": " + j.target.typ.Obj().Name() + " crosses by itself only, not inside another type"
		}
		return ""
	}
	for i, p := range e.params {
		if e.variadic && i == len(e.params)-1 && j.isPointer(p.typ.(*types.Slice).Elem()) {
			return p.name + ": a list of handles"
		}
		if w := why(p.typ, p.name); w != "" {
			return w
		}
	}
	for _, r := range e.results {
		if w := why(r, "result"); w != "" {
			return w
		}
	}
	return ""
}

// cantCross returns why the parameters or results of an endpoint can't cross.
func (j *job) cantCross(decl *code.Decl, e *endpoint) string {
	if why := cmp.Or(j.cantRename(decl), j.within(e)); why != "" {
		return why
	}
	return j.typesCross(decl.Obj, e)
}

// typesCross returns why the parameters or results of an endpoint can't cross, pointers
// to the type itself left out.
func (j *job) typesCross(fn *types.Func, e *endpoint) string {
	first := 0
	if e.context {
		first = 1
	}
	for _, followed := range []bool{false, true} { // a look at all function bodies only where all else crosses
		opts := j.crossingOptions(component.FormFuncs, followed)
		check := func(t types.Type, i int, result bool, name string) string {
			if j.isPointer(t) {
				return ""
			}
			if ps := contract.Passed(fn, i, result, name, opts); len(ps) > 0 {
				return ps[0].Path + ": " + ps[0].Message
			}
			return ""
		}
		for i, p := range e.params {
			if why := check(p.typ, i+first, false, p.name); why != "" {
				return why
			}
		}
		for i, r := range e.results {
			if why := check(r, i, true, "result"); why != "" {
				return why
			}
		}
	}
	return j.typeBehind(fn)
}

func (j *job) staysLocalFor(decl *code.Decl) string {
	switch {
	case decl.Func.Body == nil:
		return "it has no Go body"
	case code.Directive(decl.Func):
		return "a directive ties it to its name"
	case decl.File.Generated():
		return "it stands in a generated file"
	}
	return "its file is left out of some builds"
}
