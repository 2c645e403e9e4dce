package behind

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/crossing/typeref"
)

// value returns the node of a value, or none: it leads to no interface, or is nil.
func (g *graph) value(v ssa.Value) node {
	if !g.tracked(v.Type()) {
		return none
	}
	switch v := v.(type) {
	case *ssa.Const, *ssa.Function, *ssa.Builtin:
		return none
	case *ssa.Parameter:
		return g.param(g.functionOf(v.Parent()), numberOf(v))
	}
	n, ok := g.values[v]
	if !ok {
		n = g.newNode()
		g.values[v] = n
		if global, ok := v.(*ssa.Global); ok {
			g.put(n, g.global(global))
		}
	}
	return n
}

// numberOf counts parameters without the receiver, which is -1.
func numberOf(v *ssa.Parameter) int {
	fn := v.Parent()
	for i, p := range fn.Params {
		if p == v {
			if fn.Signature.Recv() != nil {
				i--
			}
			return i
		}
	}
	return -1
}

// global returns the object of a package variable.
func (g *graph) global(v *ssa.Global) int32 {
	path := v.Pkg.Pkg.Path()
	key := path + "." + v.Name()
	o, ok := g.globals[key]
	if ok {
		return o
	}
	o = g.memory()
	g.globals[key] = o
	switch {
	case !g.local[path]:
		g.put(g.objects[o].cell, g.unknownAt("it comes from "+v.Pkg.Pkg.Name()+"."+v.Name()+", a variable of another module", g.span(), g.inTest()))
	case g.open[path] && token.IsExported(v.Name()):
		g.put(g.objects[o].cell, g.unknownAt(v.Name()+" is exported: other modules can set it", g.span(v.Pos()), false))
	}
	return o
}

// instruction adds what one instruction does.
func (g *graph) instruction(instr ssa.Instruction) {
	g.functionValues(instr)
	switch i := instr.(type) {
	case *ssa.MakeInterface:
		g.makeInterface(i)
	case *ssa.Phi:
		for _, e := range i.Edges {
			g.flow(g.value(e), g.value(i))
		}
	case *ssa.ChangeType:
		g.flow(g.value(i.X), g.value(i))
	case *ssa.ChangeInterface:
		g.changeInterface(i)
	case *ssa.TypeAssert:
		g.typeAssert(i)
	case *ssa.Convert:
		g.convert(i)
	case *ssa.MultiConvert:
		g.flow(g.value(i.X), g.value(i))
	case *ssa.Alloc, *ssa.MakeSlice, *ssa.MakeMap, *ssa.MakeChan:
		if n := g.value(i.(ssa.Value)); n != none {
			g.put(n, g.memory())
		}
	case *ssa.MakeClosure:
		for j, b := range i.Bindings {
			g.flow(g.value(b), g.value(i.Fn.(*ssa.Function).FreeVars[j]))
		}
	case *ssa.Return:
		for j, r := range i.Results {
			if n := g.value(r); n != none {
				g.flow(n, g.result(g.functionOf(g.fn), j))
			}
		}
	case ssa.CallInstruction:
		g.call(i)
	default:
		g.access(instr)
	}
}

// access adds what reads and writes memory.
func (g *graph) access(instr ssa.Instruction) {
	switch i := instr.(type) {
	case *ssa.FieldAddr:
		g.fieldOf(i, i.X.Type(), i.Field)
	case *ssa.Field:
		if n := g.value(i); n != none {
			g.flow(g.field(g.fset, structOf(i.X.Type()).Field(i.Field)), n)
		}
	case *ssa.IndexAddr, *ssa.Slice, *ssa.SliceToArrayPointer:
		g.flow(g.value(*i.Operands(nil)[0]), g.value(i.(ssa.Value)))
	case *ssa.Index:
		g.load(g.value(i.X), g.value(i))
	case *ssa.UnOp:
		g.unary(i)
	case *ssa.Store:
		g.store(g.value(i.Addr), g.value(i.Val), i.Val.Type())
	case *ssa.Send:
		g.when(g.value(i.Chan), use{action: store, other: g.value(i.X)})
	case *ssa.MapUpdate:
		g.when(g.value(i.Map), use{action: store, other: g.value(i.Value)})
		g.when(g.value(i.Map), use{action: storeKey, other: g.value(i.Key)})
	case *ssa.Lookup:
		if !i.CommaOk {
			g.load(g.value(i.X), g.value(i))
		}
	case *ssa.Extract:
		g.extract(i)
	case *ssa.Select:
		for _, s := range i.States {
			if s.Dir == types.SendOnly {
				g.when(g.value(s.Chan), use{action: store, other: g.value(s.Send)})
			}
		}
	}
}

func (g *graph) load(from, to node) { g.when(from, use{action: load, other: to}) }

// store adds *addr = val. An array is its object.
func (g *graph) store(addr, val node, t types.Type) {
	if addr == none || val == none {
		return
	}
	if _, array := t.Underlying().(*types.Array); array {
		elements := g.newNode()
		g.load(val, elements)
		val = elements
	}
	g.when(addr, use{action: store, other: val})
}

func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return t.Underlying().(*types.Struct)
}

// fieldOf is the address of a field: that of one place for all values.
func (g *graph) fieldOf(i ssa.Value, t types.Type, field int) {
	n := g.value(i)
	if n == none {
		return
	}
	f := g.field(g.fset, structOf(t).Field(field))
	o, ok := g.fieldObjects[f]
	if !ok {
		o = g.newObject(object{kind: memory, cell: f, key: none, payload: none})
		g.fieldObjects[f] = o
		if _, array := structOf(t).Field(field).Type().Underlying().(*types.Array); array {
			g.put(f, o) // its elements are those of the field
		}
	}
	g.put(n, o)
}

func (g *graph) unary(i *ssa.UnOp) {
	from, to := g.value(i.X), g.value(i)
	if i.Op != token.MUL || i.CommaOk {
		if i.Op == token.ARROW && !i.CommaOk {
			g.load(from, to)
		}
		return
	}
	if _, array := i.Type().Underlying().(*types.Array); array {
		g.flow(from, to)
		return
	}
	g.load(from, to)
}

// extract takes a part of what returns several values.
func (g *graph) extract(i *ssa.Extract) {
	to := g.value(i)
	if to == none {
		return
	}
	switch t := i.Tuple.(type) {
	case *ssa.TypeAssert:
		g.asserted(t, to)
	case *ssa.Lookup:
		g.load(g.value(t.X), to)
	case *ssa.UnOp:
		g.load(g.value(t.X), to)
	case *ssa.Next:
		what := load
		if i.Index == 1 {
			what = loadKey
		}
		g.when(g.value(t.Iter.(*ssa.Range).X), use{action: what, other: to})
	case *ssa.Select:
		n := 2
		for _, s := range t.States {
			if s.Dir == types.RecvOnly {
				if n == i.Index {
					g.load(g.value(s.Chan), to)
				}
				n++
			}
		}
	case *ssa.Call:
		g.flow(g.result(g.resultsOf(t), i.Index), to)
	}
}

// makeInterface puts a value behind an interface.
func (g *graph) makeInterface(i *ssa.MakeInterface) {
	if to := g.value(i); to != none {
		g.put(to, g.box(i.X.Type(), g.value(i.X), append(g.consumers(i), i.Pos(), i.X.Pos())...))
	}
}

// box returns a new value behind an interface.
func (g *graph) box(t types.Type, payload node, at ...token.Pos) int32 {
	t = types.Unalias(t)
	return g.newObject(object{kind: boxed, typ: t, spelled: typeref.Of(t).String(), local: declaredInside(t, map[types.Type]bool{}), payload: payload, cell: none, key: none, span: g.span(at...), test: g.inTest()})
}

// consumers are the places of what uses a value: an argument stands where the
// call does.
func (g *graph) consumers(v ssa.Value) []token.Pos {
	var out []token.Pos
	for _, r := range *v.Referrers() {
		out = append(out, r.Pos())
		store, ok := r.(*ssa.Store)
		if !ok {
			continue
		}
		out = append(out, store.Addr.Pos())
		if element, ok := store.Addr.(*ssa.IndexAddr); ok { // of the arguments of a variadic call
			out = append(out, element.X.Pos())
		}
	}
	return out
}

// declaredInside reports whether a type, or what it consists of by name, is
// declared in a function.
func declaredInside(t types.Type, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.(type) {
	case *types.Named:
		obj := u.Obj()
		if obj.Pkg() != nil && obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope() {
			return true
		}
		for a := range u.TypeArgs().Types() {
			if declaredInside(a, seen) {
				return true
			}
		}
	case *types.Pointer:
		return declaredInside(u.Elem(), seen)
	case *types.Slice:
		return declaredInside(u.Elem(), seen)
	case *types.Array:
		return declaredInside(u.Elem(), seen)
	case *types.Chan:
		return declaredInside(u.Elem(), seen)
	case *types.Map:
		return declaredInside(u.Key(), seen) || declaredInside(u.Elem(), seen)
	}
	return false
}

// changeInterface passes on what is behind an interface. An error or a context is
// behind the other one itself.
func (g *graph) changeInterface(i *ssa.ChangeInterface) {
	to := g.value(i)
	if from := g.value(i.X); from != none {
		g.flow(from, to)
	} else if to != none {
		g.put(to, g.box(i.X.Type(), none, append(g.consumers(i), i.Pos(), i.X.Pos())...))
	}
}

func (g *graph) typeAssert(i *ssa.TypeAssert) {
	if !i.CommaOk {
		g.asserted(i, g.value(i))
	}
}

func (g *graph) asserted(i *ssa.TypeAssert, to node) {
	switch {
	case to == none:
	case !types.IsInterface(i.X.Type()):
	case apart(i.X.Type()): // an error that is something else too
		g.put(to, g.box(i.X.Type(), none, i.Pos()))
	case types.IsInterface(i.AssertedType):
		g.when(g.value(i.X), use{action: narrow, other: to, want: methodNames(i.AssertedType.Underlying().(*types.Interface))})
	default:
		g.when(g.value(i.X), use{action: assert, other: to, spelled: typeref.Of(types.Unalias(i.AssertedType)).String()})
	}
}

// convert passes on what is converted. What comes from an address is unknown.
func (g *graph) convert(i *ssa.Convert) {
	to := g.value(i)
	if to == none {
		return
	}
	if from := g.value(i.X); from != none {
		g.flow(from, to)
		return
	}
	if b, ok := i.X.Type().Underlying().(*types.Basic); ok && b.Kind() == types.UnsafePointer {
		g.put(to, g.unknownAt("it comes from an unsafe.Pointer", g.span(i.Pos()), g.inTest()))
	}
}
