// Package callgraph finds out which functions of a module call which, and where
// the module is entered from outside.
//
// Calls through interfaces and function values are resolved by variable type
// analysis (golang.org/x/tools/go/callgraph/vta; Sundaresan et al., Practical
// Virtual Method Call Resolution for Java, OOPSLA 2000). The bodies of other
// modules aren't seen: a function that is handed to them counts as called where
// it is handed over.
package callgraph

import (
	"cmp"
	"context"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// A Graph is a call graph together with the types that it was built from. It is
// safe for concurrent use.
type Graph struct {
	*component.CallGraph
	b *builder
}

// builder makes a CallGraph of a program.
type builder struct {
	*program
	functions []*ssa.Function // with a body, of the module, sorted
	index     map[*ssa.Function]int
	targets   map[ssa.CallInstruction][]*ssa.Function
	routed    map[ssa.CallInstruction]bool // registers a route
	graph     *component.CallGraph

	implementers map[types.Type]map[string][]int // by interface, then method

	loops   map[*ssa.Function]map[*ssa.BasicBlock]bool // what blocksInLoops found
	origins *origins
	helpers map[*ssa.Parameter]*helper             // that are called, or given function literals
	groups  map[*ssa.Parameter]ssa.CallInstruction // routers that a function literal is given, by the call
}

// Of returns the call graph of pkgs, which must be of one Load; it is made once for
// them, see source.Derive. Test variants and packages with problems are left out:
// calls into them aren't in the graph. The only error is that of ctx.
func Of(ctx context.Context, snap *source.Snapshot, module string, pkgs []*source.Package) (*Graph, error) {
	pkgs = source.Plain(pkgs)
	return source.Derive(ctx, snap, "calls", pkgs, func() (*Graph, error) {
		prog, err := snap.SSA(ctx, pkgs)
		if err != nil {
			return nil, err
		}
		return build(ctx, newProgram(snap, module, prog))
	})
}

func build(ctx context.Context, p *program) (*Graph, error) {
	b := &builder{program: p, index: map[*ssa.Function]int{}, routed: map[ssa.CallInstruction]bool{}, graph: &component.CallGraph{}, loops: map[*ssa.Function]map[*ssa.BasicBlock]bool{}, implementers: map[types.Type]map[string][]int{}}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	all := ssautil.AllFunctions(p.prog.Program)
	b.collect(all)
	b.resolve(all)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	b.origins = newOrigins(b.functions)
	b.hand()
	b.groupsIn()
	b.routes()
	for i, fn := range b.functions {
		b.graph.Functions[i].Calls = b.calls(fn)
	}
	b.mains()
	b.roots()
	slices.SortStableFunc(b.graph.Entries, func(x, y component.Entry) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Name, y.Name), x.Span.Compare(y.Span))
	})
	return &Graph{b.graph, b}, nil
}

// collect lists the functions of the module.
func (b *builder) collect(all map[*ssa.Function]bool) {
	ids := map[*ssa.Function]string{}
	for fn := range all {
		if fn.Blocks != nil && b.local[packageOf(fn)] {
			b.functions = append(b.functions, fn)
			ids[fn] = id(fn)
		}
	}
	slices.SortFunc(b.functions, func(x, y *ssa.Function) int {
		return cmp.Or(cmp.Compare(ids[x], ids[y]), cmp.Compare(x.Pos(), y.Pos()), cmp.Compare(x.Synthetic, y.Synthetic), cmp.Compare(x.String(), y.String()))
	})
	for i, fn := range b.functions {
		b.index[fn] = i
		b.graph.Functions = append(b.graph.Functions, component.Function{
			ID: ids[fn], Package: home(fn), Data: isData(fn), Constructor: makesService(fn), Bytes: messageBytes(fn.Signature), Span: b.at(fn.Pos()),
		})
	}
}

// resolve finds the targets of the calls that aren't static.
func (b *builder) resolve(all map[*ssa.Function]bool) {
	b.targets = map[ssa.CallInstruction][]*ssa.Function{}
	for _, node := range vta.CallGraph(all, nil).Nodes {
		b.addTargets(node)
	}
}

func (b *builder) addTargets(node *callgraph.Node) {
	for _, e := range node.Out {
		if e.Site != nil && e.Callee.Func != nil {
			b.targets[e.Site] = append(b.targets[e.Site], e.Callee.Func)
		}
	}
}

// sites goes through the calls in fn.
func sites(fn *ssa.Function) iter.Seq[ssa.CallInstruction] {
	return func(yield func(ssa.CallInstruction) bool) {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if site, ok := instr.(ssa.CallInstruction); ok && !yield(site) {
					return
				}
			}
		}
	}
}

// inLoop reports whether an instruction is in a loop of its function.
func (b *builder) inLoop(instr ssa.Instruction) bool {
	loops, known := b.loops[instr.Parent()]
	if !known {
		loops = blocksInLoops(instr.Parent())
		b.loops[instr.Parent()] = loops
	}
	return loops[instr.Block()]
}

// calls lists what fn calls, in source order.
func (b *builder) calls(fn *ssa.Function) []component.Call {
	var calls []component.Call
	for site := range sites(fn) {
		for _, c := range b.call(site) {
			c.Loop, c.Span = c.Loop || b.inLoop(site), b.at(site.Pos())
			calls = append(calls, c)
		}
	}
	slices.SortStableFunc(calls, func(x, y component.Call) int { return x.Span.Compare(y.Span) })
	return calls
}

// call says what one site calls: nothing of the module, one call, or a call of
// each function that is handed to code outside.
func (b *builder) call(site ssa.CallInstruction) []component.Call {
	common := site.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return nil
	}
	targets, allHanded := b.handedTo(common, b.targets[site])
	if allHanded {
		return nil
	}
	if to := b.indexes(targets); len(to) > 0 {
		calls := []component.Call{{To: to, Interface: common.IsInvoke(), Variable: inVariable(common)}}
		if fns, loop := b.literalsAt(common); len(fns) > 0 {
			calls = append(calls, component.Call{To: b.indexes(fns), Loop: loop})
		}
		return calls
	}
	switch {
	case len(b.targets[site]) > 0: // code outside the module
	case common.IsInvoke():
		if own := packageOfType(common.Value.Type()); b.module(own) {
			return b.invoke(common)
		}
	case common.StaticCallee() == nil && !fromOutside(common.Value) && site.Pos().IsValid():
		return []component.Call{{Unknown: "a function value"}}
	}
	if b.routed[site] {
		return nil
	}
	var calls []component.Call
	for _, arg := range common.Args {
		if to := b.indexes(handed(arg)); len(to) > 0 {
			calls = append(calls, component.Call{To: to})
		}
	}
	return calls
}

// fromOutside reports whether v is what a function outside the module returned:
// the cancel function of a context, for one.
func fromOutside(v ssa.Value) bool {
	if e, ok := v.(*ssa.Extract); ok {
		v = e.Tuple
	}
	call, ok := v.(*ssa.Call)
	return ok && call.Call.StaticCallee() != nil && call.Call.StaticCallee().Blocks == nil
}

// invoke is a call through an interface of the module that no value was seen to
// reach: whatever implements the interface may be there.
func (b *builder) invoke(common *ssa.CallCommon) []component.Call {
	iface := common.Value.Type()
	found, ok := b.implementers[iface]
	if !ok {
		found = b.implementersOf(iface.Underlying().(*types.Interface))
		b.implementers[iface] = found
	}
	if to := found[common.Method.Name()]; len(to) > 0 {
		return []component.Call{{To: to, Interface: true, Variable: inVariable(common)}}
	}
	return []component.Call{{Unknown: "nothing in the module implements " + typeName(iface)}}
}

// inVariable reports whether a call goes through an interface that a package
// variable holds.
func inVariable(common *ssa.CallCommon) bool {
	load, ok := common.Value.(*ssa.UnOp)
	if !ok || !common.IsInvoke() {
		return false
	}
	_, ok = load.X.(*ssa.Global)
	return ok
}

// indexes are the indexes of those of fns that are in the graph.
func (b *builder) indexes(fns []*ssa.Function) []int {
	var to []int
	for _, fn := range fns {
		if i, ok := b.index[fn]; ok {
			to = append(to, i)
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}
