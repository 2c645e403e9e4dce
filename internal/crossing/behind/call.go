package behind

import (
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/text"
)

// A method is one method of an interface that the program calls or that was asked
// about.
type method struct {
	*function
	name string
	want map[string]bool // name and signature of all methods of the interface
}

// methodOf returns the places of a method of an interface.
func (g *graph) methodOf(iface types.Type, name string) *method {
	key := typeref.Of(iface).String() + "." + name
	m := g.methods[key]
	if m == nil {
		m = &method{newFunction(), name, methodNames(iface.Underlying().(*types.Interface))}
		g.methods[key] = m
	}
	return m
}

// methodNames are the methods of an interface, with their signatures: they mean
// the same in every load of the program.
func methodNames(u *types.Interface) map[string]bool {
	names := map[string]bool{}
	for m := range u.Methods() {
		names[nameOf(m)] = true
	}
	return names
}

func nameOf(m *types.Func) string {
	name := m.Name()
	if !m.Exported() && m.Pkg() != nil {
		name = m.Pkg().Path() + "." + name
	}
	return name + signatureOf(m.Signature())
}

func signatureOf(sig *types.Signature) string {
	return typeref.Of(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())).String()
}

// implement leads calls through interfaces to the methods of the program, and
// those of function values to the functions whose value is taken.
func (g *graph) implement(fns []*ssa.Function) {
	values := map[string][]node{} // behind interfaces, by the spelling of their type
	for _, o := range g.objects {
		if o.kind == boxed && o.payload != none {
			values[o.spelled] = append(values[o.spelled], o.payload)
		}
	}
	sets := map[string]map[string]bool{} // methods of a type, by its spelling
	for _, fn := range fns {
		recv := fn.Signature.Recv()
		obj, ok := fn.Object().(*types.Func)
		if recv == nil || !ok || types.IsInterface(recv.Type()) {
			continue
		}
		key := typeref.Of(recv.Type()).String()
		set := sets[key]
		if set == nil {
			set = methodSet(recv.Type())
			sets[key] = set
		}
		g.implements(fn, obj, set)
		if g.tracked(recv.Type()) {
			for _, n := range values[key] {
				g.flow(n, g.param(g.functionOf(fn), -1))
			}
		}
	}
	for fn := range g.taken {
		f := g.functionOf(fn)
		g.link(g.signed(fn.Signature), f, fn.Signature)
		if g.bodies[g.keyOf(fn)] {
			continue
		}
		for i := range fn.Signature.Results().Len() {
			if g.tracked(fn.Signature.Results().At(i).Type()) {
				g.put(g.result(f, i), g.unknownAt("it comes from "+fn.String(), text.Span{}, false))
			}
		}
	}
}

// methodSet lists the methods of a pointer to a type: its value may be behind an
// interface as well as the pointer.
func methodSet(t types.Type) map[string]bool {
	if _, pointer := types.Unalias(t).(*types.Pointer); !pointer {
		t = types.NewPointer(t)
	}
	names := map[string]bool{}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		names[nameOf(set.At(i).Obj().(*types.Func))] = true
	}
	return names
}

func (g *graph) implements(fn *ssa.Function, obj *types.Func, set map[string]bool) {
	for _, key := range slices.Sorted(maps.Keys(g.methods)) {
		m := g.methods[key]
		if m.name != obj.Name() || !contains(set, m.want) {
			continue
		}
		g.link(m.function, g.functionOf(fn), fn.Signature)
	}
	for _, f := range g.foreign[nameOf(obj)] {
		if contains(set, f.want) {
			g.callsBack(fn, "is a method of "+f.name+", which other modules call")
			break
		}
	}
}

func contains(set, all map[string]bool) bool {
	for name := range all {
		if !set[name] {
			return false
		}
	}
	return true
}

// link leads what is passed for the parameters of one to the other, and results
// back.
func (g *graph) link(from, to *function, sig *types.Signature) {
	for i := range sig.Params().Len() {
		if g.tracked(sig.Params().At(i).Type()) {
			g.flow(g.param(from, i), g.param(to, i))
		}
	}
	for i := range sig.Results().Len() {
		if g.tracked(sig.Results().At(i).Type()) {
			g.flow(g.result(to, i), g.result(from, i))
		}
	}
}

// signed returns the places of function values with a signature.
func (g *graph) signed(sig *types.Signature) *function {
	key := signatureOf(sig)
	f := g.signature[key]
	if f == nil {
		f = newFunction()
		g.signature[key] = f
	}
	return f
}

// functionValues notes the functions whose value is taken by an instruction.
func (g *graph) functionValues(instr ssa.Instruction) {
	call, isCall := instr.(ssa.CallInstruction)
	for _, op := range instr.Operands(nil) {
		fn, ok := (*op).(*ssa.Function)
		if !ok || isCall && op == &call.Common().Value {
			continue
		}
		g.taken[fn] = true
	}
}

// resultsOf returns the places of a call's results.
func (g *graph) resultsOf(call ssa.CallInstruction) *function {
	common := call.Common()
	if common.IsInvoke() {
		return g.methodOf(common.Value.Type(), common.Method.Name()).function
	}
	if fn := common.StaticCallee(); fn != nil {
		return g.functionOf(fn)
	}
	return g.signed(common.Signature())
}

// call adds what one call passes on.
func (g *graph) call(site ssa.CallInstruction) {
	common := site.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		g.builtin(b.Name(), site)
		return
	}
	fn := common.StaticCallee()
	if fn != nil && !g.bodies[g.keyOf(fn)] {
		g.outsideCall(fn, site)
		return
	}
	to := g.resultsOf(site)
	args, first := common.Args, 0
	if fn != nil && fn.Signature.Recv() != nil {
		first = -1
	}
	for i, a := range args {
		if n := g.value(a); n != none {
			g.flow(n, g.param(to, i+first))
		}
	}
	if call, ok := site.(*ssa.Call); ok && common.Signature().Results().Len() == 1 {
		if n := g.value(call); n != none {
			g.flow(g.result(to, 0), n)
		}
	}
	switch {
	case common.IsInvoke():
		g.elsewhere(to, common, site.Pos())
	case fn == nil && g.fromOutside(common.Value):
		g.unknownCall(site, "a function of another module")
	}
}

// elsewhere says that what is behind an interface may be of another module, whose
// methods return what isn't known.
func (g *graph) elsewhere(to *function, common *ssa.CallCommon, pos token.Pos) {
	name := types.TypeString(common.Value.Type(), (*types.Package).Name) + "." + common.Method.Name()
	results := common.Signature().Results()
	for i := range results.Len() {
		if g.tracked(results.At(i).Type()) {
			u := g.unknownAt("it comes from "+name+" of another module", g.span(pos), g.inTest())
			g.when(g.value(common.Value), use{action: invoke, other: g.result(to, i), unknown: int(u)})
			if !g.ofProgram(common.Value.Type()) {
				g.put(g.result(to, i), u)
			}
		}
	}
}

func (g *graph) ofProgram(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return !ok || n.Obj().Pkg() == nil || g.local[n.Obj().Pkg().Path()]
}

// fromOutside reports whether a function value is what a function without a body
// returned.
func (g *graph) fromOutside(v ssa.Value) bool {
	if e, ok := v.(*ssa.Extract); ok {
		v = e.Tuple
	}
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	fn := call.Call.StaticCallee()
	return fn != nil && !g.bodies[g.keyOf(fn)]
}

// builtin adds what a builtin function does.
func (g *graph) builtin(name string, site ssa.CallInstruction) {
	args := site.Common().Args
	call, ok := site.(*ssa.Call)
	result := none
	if ok {
		result = g.value(call)
	}
	switch name {
	case "append":
		if result == none {
			return
		}
		g.put(result, g.memory())
		g.flow(g.value(args[0]), result)
		g.elements(g.value(args[1]), result)
		g.elements(g.value(args[0]), result)
	case "copy":
		g.elements(g.value(args[1]), g.value(args[0]))
	case "recover":
		if result != none {
			g.put(result, g.unknownAt("it comes from recover", g.span(site.Pos()), g.inTest()))
		}
	case "ssa:wrapnilchk":
		g.flow(g.value(args[0]), result)
	}
}

// elements stores the elements of one slice in another.
func (g *graph) elements(from, to node) {
	if from == none || to == none {
		return
	}
	between := g.newNode()
	g.load(from, between)
	g.when(to, use{action: store, other: between})
}

// exported notes that other modules can call a function.
func (g *graph) exported(fn *ssa.Function) {
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || fn.Synthetic != "" || !obj.Exported() || !g.open[obj.Pkg().Path()] || g.inTest() {
		return
	}
	g.callsBack(fn, "is exported: other modules can call it")
}

// callsBack says that code which isn't looked at calls a function.
func (g *graph) callsBack(fn *ssa.Function, why string) {
	f := g.functionOf(fn)
	for i := range fn.Signature.Params().Len() {
		if g.tracked(fn.Signature.Params().At(i).Type()) {
			span := text.Span{}
			if fn.Pos().IsValid() {
				span = g.o.Span(g.fset, fn.Pos(), fn.Pos())
			}
			g.put(g.param(f, i), g.unknownAt(last(fn)+" "+why, span, false))
		}
	}
}

// last is a function's name, with its receiver's type.
func last(fn *ssa.Function) string {
	if fn.Parent() != nil {
		return "a function in " + last(fn.Parent())
	}
	if recv := fn.Signature.Recv(); recv != nil {
		t := recv.Type()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			return n.Obj().Name() + "." + fn.Name()
		}
	}
	return fn.Name()
}

// passed returns what callers pass for a parameter, or what a result is; see
// Flow.Param.
func (g *graph) passed(fset *token.FileSet, fn *types.Func, i int, result bool) Values {
	pick := func(f *function) node {
		m := f.params
		if result {
			m = f.results
		}
		if n, ok := m[i]; ok {
			return n
		}
		return none
	}
	out := Values{g: g}
	add := func(f *function) {
		if n := pick(f); n != none {
			out.nodes = append(out.nodes, n)
		}
	}
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		if f := g.functions[g.keyOfFunc(fset, fn)]; f != nil {
			add(f)
		}
		return out
	}
	// Calls through a smaller interface may reach it too.
	has := methodNames(recv.Type().Underlying().(*types.Interface))
	for _, key := range slices.Sorted(maps.Keys(g.methods)) {
		if m := g.methods[key]; m.name == fn.Name() && contains(has, m.want) {
			add(m.function)
		}
	}
	return out.unique()
}
