package behind

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/effects"
)

// outsideCall adds what a function without a body does, as far as it is known.
func (g *graph) outsideCall(fn *ssa.Function, site ssa.CallInstruction) {
	common := site.Common()
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		g.unknownCall(site, fn.Name())
		return
	}
	name := obj.Pkg().Name() + "." + last(fn)
	switch qualified(obj) {
	case "encoding/json.Unmarshal", "encoding/json.Decoder.Decode":
		g.when(g.value(common.Args[1]), use{action: fill, other: g.fromJSON()})
		return
	case "encoding/json.Decoder.UseNumber":
		number := obj.Pkg().Scope().Lookup("Number").Type()
		g.put(g.fromJSON(), g.box(number, none, site.Pos()))
		return
	}
	if g.parametric(fn, obj) {
		g.moves(site)
		return
	}
	known, isKnown := effects.KnownOf(obj)
	isKnown = isKnown && obj.Pkg().Path() != "reflect"
	for i, a := range common.Args {
		if isKnown && !slices.Contains(known.Writes, i) && !(known.Rest > 0 && i >= known.Rest-1) {
			continue
		}
		if !g.fillable(a.Type()) {
			continue
		}
		what := g.newNode()
		g.put(what, g.unknownAt(name+" may fill it", g.span(site.Pos()), g.inTest()))
		g.when(g.value(a), use{action: fill, other: what})
	}
	g.unknownCall(site, name)
}

// fillable reports whether code that is given a value of this type may put
// something behind the interfaces that it leads to: through the type itself, or by
// reflection.
func (g *graph) fillable(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return u.NumMethods() == 0
	case *types.Slice: // of what is passed to any...
		if _, iface := u.Elem().Underlying().(*types.Interface); iface {
			return true
		}
	}
	return g.tracked(t)
}

// unknownCall says that the results of a call are unknown, and what it passes to
// the functions that it is given.
func (g *graph) unknownCall(site ssa.CallInstruction, name string) {
	common := site.Common()
	results := common.Signature().Results()
	for i := range results.Len() {
		if !g.tracked(results.At(i).Type()) {
			continue
		}
		u := g.unknownAt("it comes from "+name, g.span(site.Pos()), g.inTest())
		if call, ok := site.(*ssa.Call); ok && results.Len() == 1 {
			g.put(g.value(call), u)
		}
		g.put(g.result(g.resultsOf(site), i), u)
	}
	for _, a := range common.Args {
		if fn := functionIn(a); fn != nil {
			g.callsBack(fn, "is called by "+name)
		}
	}
}

// functionIn returns the function that a value is.
func functionIn(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function)
	case *ssa.ChangeType:
		return functionIn(v.X)
	case *ssa.MakeInterface:
		return functionIn(v.X)
	}
	return nil
}

// movers are packages whose generic functions make no values of a type parameter
// but out of those that they are given.
var movers = []string{"cmp", "iter", "maps", "slices", "sync", "sync/atomic"}

// parametric reports whether fn is a generic function of movers that takes no
// function.
func (g *graph) parametric(fn *ssa.Function, obj *types.Func) bool {
	if len(fn.TypeArgs()) == 0 || !slices.Contains(movers, obj.Pkg().Path()) {
		return false
	}
	for p := range fn.Signature.Params().Variables() {
		if _, takes := p.Type().Underlying().(*types.Signature); takes {
			return false
		}
	}
	return true
}

// moves adds that a call moves what its arguments lead to between these and its
// results.
func (g *graph) moves(site ssa.CallInstruction) {
	all := g.newNode()
	var nodes []node
	for _, a := range site.Common().Args {
		if n := g.value(a); n != none {
			nodes = append(nodes, n)
		}
	}
	results := site.Common().Signature().Results()
	for i := range results.Len() {
		if !g.tracked(results.At(i).Type()) {
			continue
		}
		to := g.newNode()
		if call, ok := site.(*ssa.Call); ok && results.Len() == 1 {
			to = g.value(call)
		} else {
			g.flow(to, g.result(g.resultsOf(site), i))
		}
		g.put(to, g.memory())
		nodes = append(nodes, to)
	}
	for _, n := range nodes {
		g.flow(n, all)
		g.load(n, all)
		g.when(n, use{action: loadKey, other: all})
	}
	for _, n := range nodes {
		g.flow(all, n)
		g.when(n, use{action: store, other: all})
		g.when(n, use{action: storeKey, other: all})
	}
}

// fromJSON holds what encoding/json puts behind an empty interface.
func (g *graph) fromJSON() node {
	if g.json != none {
		return g.json
	}
	g.json = g.newNode()
	list := g.memory()
	g.put(g.json, list)
	g.flow(g.json, g.objects[list].cell)
	elements := g.newNode()
	g.put(elements, list)
	anyType := types.Universe.Lookup("any").Type()
	for _, t := range []types.Type{types.Typ[types.Bool], types.Typ[types.Float64], types.Typ[types.String]} {
		g.put(g.json, g.box(t, none))
	}
	g.put(g.json, g.box(types.NewSlice(anyType), elements))
	g.put(g.json, g.box(types.NewMap(types.Typ[types.String], anyType), elements))
	return g.json
}

// foreign is an interface of another module.
type foreign struct {
	name string          // "sql.Scanner"
	want map[string]bool // its methods, as methodNames has them
}

// interfaces notes the methods of a package's exported interfaces: who implements
// one of another module is called by that.
func (g *graph) interfaces(p *types.Package) {
	if g.local[p.Path()] {
		return
	}
	for _, name := range p.Scope().Names() {
		tn, ok := p.Scope().Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() {
			continue
		}
		u, ok := tn.Type().Underlying().(*types.Interface)
		if n, named := tn.Type().(*types.Named); !ok || named && n.TypeParams().Len() > 0 {
			continue
		}
		for m := range u.Methods() {
			if m.Exported() && g.leadsAny(m.Signature()) {
				key := nameOf(m)
				g.foreign[key] = append(g.foreign[key], foreign{p.Name() + "." + name, methodNames(u)})
			}
		}
	}
}

func (g *graph) leadsAny(sig *types.Signature) bool {
	for p := range sig.Params().Variables() {
		if g.tracked(p.Type()) {
			return true
		}
	}
	return false
}

func qualified(fn *types.Func) string {
	name := fn.Pkg().Path() + "."
	if recv := fn.Signature().Recv(); recv != nil {
		t := types.TypeString(recv.Type(), func(*types.Package) string { return "" })
		name += strings.TrimPrefix(t, "*") + "."
	}
	return name + fn.Name()
}
