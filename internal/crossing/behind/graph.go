package behind

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A graph is what a program does with values: places, objects that they hold,
// and what flows from one to another.
type graph struct {
	o    Options
	fset *token.FileSet // of the program

	places    []place
	objects   []*object
	queue     []node
	steps     int
	exhausted bool

	own          func(types.Type) bool // whether a type is of the program
	local        map[string]bool       // import paths of the program's packages
	open         map[string]bool       // those that other modules can call
	bodies       map[string]bool       // keys of functions that have one
	functions    map[string]*function
	byFunc       map[*ssa.Function]*function
	fields       map[string]node
	byField      map[*types.Var]node
	fieldObjects map[node]int32   // what pointers to a field lead to
	globals      map[string]int32 // objects
	values       map[ssa.Value]node
	tracks       map[types.Type]bool
	sets         map[string]map[string]bool // methods of the types behind interfaces, by spelling
	unknowns     map[string]int32           // objects, by what is said of them
	methods      map[string]*method
	signature    map[string]*function // of function values, by signature
	taken        map[*ssa.Function]bool
	foreign      map[string][]foreign // methods of interfaces of other modules, by name and signature
	json         node                 // what encoding/json puts behind an interface; none so far

	fn *ssa.Function // at work
}

// A function is the places where values get into a function and out of it. The
// parameters don't count a receiver, which is number -1.
type function struct {
	params, results map[int]node
}

func newGraph(o Options) *graph {
	return &graph{
		o: o, local: map[string]bool{}, open: map[string]bool{}, bodies: map[string]bool{}, functions: map[string]*function{}, byFunc: map[*ssa.Function]*function{},
		fields: map[string]node{}, byField: map[*types.Var]node{}, fieldObjects: map[node]int32{}, globals: map[string]int32{}, values: map[ssa.Value]node{}, tracks: map[types.Type]bool{}, sets: map[string]map[string]bool{},
		unknowns: map[string]int32{}, methods: map[string]*method{}, signature: map[string]*function{}, taken: map[*ssa.Function]bool{}, foreign: map[string][]foreign{}, json: none,
	}
}

// program builds the graph.
func (g *graph) program(ctx context.Context, pkgs []*source.Package) error {
	prog := g.create(pkgs)
	if prog == nil {
		return nil
	}
	var fns []*ssa.Function
	for fn := range ssautil.AllFunctions(prog) {
		if fn.Blocks != nil && !uninstantiated(fn) {
			fns = append(fns, fn)
			g.bodies[g.keyOf(fn)] = true
		}
	}
	slices.SortFunc(fns, func(a, b *ssa.Function) int {
		return cmp.Or(strings.Compare(g.placeOf(g.fset, a.Pos()), g.placeOf(g.fset, b.Pos())), strings.Compare(a.Synthetic, b.Synthetic), strings.Compare(a.String(), b.String()))
	})
	for i, fn := range fns {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		g.fn = fn
		g.exported(fn)
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				g.instruction(instr)
			}
		}
	}
	g.fn = nil
	g.implement(fns)
	return nil
}

// create makes the intermediate form of the program: packages, and of those that
// have tests the form with tests too.
func (g *graph) create(pkgs []*source.Package) *ssa.Program {
	var chosen []*source.Package
	main := false
	for _, p := range pkgs {
		if p.IllTyped() || p.Types == nil || p.Info == nil || p.ForTest != "" && p.Pkg.Path != p.ForTest && p.Pkg.Path != p.ForTest+"_test" {
			continue
		}
		chosen = append(chosen, p)
		g.local[p.Pkg.Path] = true
		main = main || p.Pkg.Name == "main" && p.ForTest == ""
	}
	if len(chosen) == 0 {
		return nil
	}
	g.fset = chosen[0].Fset
	g.own = func(t types.Type) bool {
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		n, ok := types.Unalias(t).(*types.Named)
		return !ok || n.Obj().Pkg() == nil || g.local[n.Obj().Pkg().Path()] // what has no name has no methods
	}
	g.opens(chosen)
	prog := ssa.NewProgram(g.fset, ssa.InstantiateGenerics)
	made := map[*types.Package]bool{}
	var built []*ssa.Package
	for _, p := range chosen {
		if !made[p.Types] {
			made[p.Types] = true
			built = append(built, prog.CreatePackage(p.Types, p.Syntax, p.Info, p.ForTest == ""))
		}
	}
	var imports func(list []*types.Package)
	imports = func(list []*types.Package) {
		for _, p := range list {
			if !made[p] {
				made[p] = true
				prog.CreatePackage(p, nil, nil, false)
				g.interfaces(p)
				imports(p.Imports())
			}
		}
	}
	for _, p := range chosen {
		imports(p.Types.Imports())
	}
	for _, list := range g.foreign {
		slices.SortFunc(list, func(a, b foreign) int { return strings.Compare(a.name, b.name) })
	}
	for _, p := range built {
		g.build(p)
	}
	return prog
}

// build makes the bodies of a package. Of what the builder can't do nothing is
// followed; see source.SSA.
func (g *graph) build(p *ssa.Package) {
	defer func() {
		if recover() != nil {
			g.exhausted = true
		}
	}()
	p.Build()
}

// opens finds the packages whose callers aren't all in the program: those that no
// main of it imports, and that other modules can.
func (g *graph) opens(pkgs []*source.Package) {
	below := map[string]bool{}
	imports := map[string][]string{}
	for _, p := range pkgs {
		if p.ForTest == "" {
			imports[p.Pkg.Path] = p.Imports
		}
	}
	var mark func(string)
	mark = func(path string) {
		if !below[path] {
			below[path] = true
			for _, i := range imports[path] {
				mark(i)
			}
		}
	}
	for _, p := range pkgs {
		if p.Pkg.Name == "main" && p.ForTest == "" {
			mark(p.Pkg.Path)
		}
	}
	for _, p := range pkgs {
		if path := p.Pkg.Path; p.ForTest == "" && !below[path] && !slices.Contains(strings.Split(path, "/"), "internal") {
			g.open[path] = true
		}
	}
}

// uninstantiated reports whether fn is generic, or is in a generic function.
func uninstantiated(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		if fn.TypeParams().Len() > len(fn.TypeArgs()) {
			return true
		}
	}
	return false
}

// placeOf identifies a place in every load of the program.
func (g *graph) placeOf(fset *token.FileSet, pos token.Pos) string {
	if !pos.IsValid() {
		return ""
	}
	p := fset.PositionFor(pos, false)
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}

// keyOf identifies a function in every load of the program, if it is declared.
func (g *graph) keyOf(fn *ssa.Function) string {
	obj, ok := fn.Object().(*types.Func)
	if !ok || fn.Synthetic != "" && fn.Origin() == nil {
		return fmt.Sprintf("%p", fn)
	}
	key := g.keyOfFunc(g.fset, obj)
	for _, a := range fn.TypeArgs() {
		key += "[" + typeref.Of(a).String() + "]"
	}
	return key
}

func (g *graph) keyOfFunc(fset *token.FileSet, fn *types.Func) string {
	return fn.Name() + "@" + g.placeOf(fset, fn.Origin().Pos())
}

// function returns the places of a function with the given key.
func (g *graph) function(key string) *function {
	f := g.functions[key]
	if f == nil {
		f = newFunction()
		g.functions[key] = f
	}
	return f
}

func newFunction() *function { return &function{map[int]node{}, map[int]node{}} }

func (g *graph) functionOf(fn *ssa.Function) *function {
	f := g.byFunc[fn]
	if f == nil {
		f = g.function(g.keyOf(fn))
		g.byFunc[fn] = f
	}
	return f
}

// param returns a parameter's node; result that of a result.
func (g *graph) param(f *function, i int) node { return g.numbered(f.params, i) }

func (g *graph) result(f *function, i int) node { return g.numbered(f.results, i) }

func (g *graph) numbered(m map[int]node, i int) node {
	n, ok := m[i]
	if !ok {
		n = g.newNode()
		m[i] = n
	}
	return n
}

// field returns what a field holds: of all values of its struct.
func (g *graph) field(fset *token.FileSet, v *types.Var) node {
	v = v.Origin()
	if n, ok := g.byField[v]; ok {
		return n
	}
	key := v.Name() + "@" + g.placeOf(fset, v.Pos())
	n, ok := g.fields[key]
	if !ok {
		n = g.newNode()
		g.fields[key] = n
		switch {
		case v.Pkg() != nil && !g.local[v.Pkg().Path()]:
			g.put(n, g.unknownAt("it is a field of a type of "+v.Pkg().Path()+", which sets it too", text.Span{}, false))
		case v.Pkg() != nil && g.open[v.Pkg().Path()] && v.Exported():
			g.put(n, g.unknownAt(v.Name()+" is exported: other modules can set it", g.o.Span(fset, v.Pos(), v.Pos()+token.Pos(len(v.Name()))), false))
		}
	}
	g.byField[v] = n
	return n
}

// unknownAt returns the object of values that come from where nothing is followed.
func (g *graph) unknownAt(what string, span text.Span, test bool) int32 {
	key := what + "\x00" + span.File
	if test {
		key += "\x00"
	}
	if o, ok := g.unknowns[key]; ok {
		if x := g.objects[o]; span.Compare(x.span) < 0 {
			x.span = span
		}
		return o
	}
	o := g.newObject(object{kind: outside, what: what, span: span, test: test, cell: g.newNode(), key: none, payload: none})
	g.unknowns[key] = o
	g.put(g.objects[o].cell, o)
	return o
}

// span returns where an instruction stands, or else where its function does.
func (g *graph) span(poss ...token.Pos) text.Span {
	for _, pos := range poss {
		if pos.IsValid() {
			return g.o.Span(g.fset, pos, pos)
		}
	}
	for fn := g.fn; fn != nil; fn = fn.Parent() {
		if fn.Pos().IsValid() {
			return g.o.Span(g.fset, fn.Pos(), fn.Pos())
		}
	}
	return text.Span{}
}

// inTest reports whether the function at work is in a test file.
func (g *graph) inTest() bool {
	for fn := g.fn; fn != nil; fn = fn.Parent() {
		if fn.Pos().IsValid() {
			return strings.HasSuffix(g.fset.PositionFor(fn.Pos(), false).Filename, "_test.go")
		}
	}
	return false
}

// tracked reports whether values of a type can lead to an interface that anything
// may be behind. Errors and contexts are none.
func (g *graph) tracked(t types.Type) bool {
	t = types.Unalias(t)
	is, ok := g.tracks[t]
	if !ok {
		g.tracks[t] = false // of a type that consists of itself
		is = g.leads(t)
		g.tracks[t] = is
	}
	return is
}

func (g *graph) leads(t types.Type) bool {
	if apart(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		_, param := types.Unalias(t).(*types.TypeParam)
		return !param
	case *types.Pointer:
		return g.tracked(u.Elem())
	case *types.Slice:
		return g.tracked(u.Elem())
	case *types.Array:
		return g.tracked(u.Elem())
	case *types.Chan:
		return g.tracked(u.Elem())
	case *types.Map:
		return g.tracked(u.Elem()) || g.tracked(u.Key())
	}
	return false
}

// apart reports whether a type is an interface that isn't followed: error and
// context.Context, which cross in ways of their own.
func apart(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	obj := n.Obj()
	return obj.Name() == "error" && obj.Pkg() == nil || obj.Name() == "Context" && obj.Pkg() != nil && obj.Pkg().Path() == "context"
}
