package reorder

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An Analysis answers questions about one module. It isn't safe for concurrent use.
type Analysis struct {
	world  *code.World
	direct map[code.Key]*footprint // of functions of the module, by the place of their name or literal
	scopes map[ast.Node]*scope
	fresh  map[*types.Var]bool
	index  *index
	// assigned are the fields that the module's code assigns; nil: not asked for yet.
	assigned map[code.Key]bool
}

// New prepares the analysis of a module.
func New(w *code.World) *Analysis {
	return &Analysis{world: w, direct: map[code.Key]*footprint{}, scopes: map[ast.Node]*scope{}, fresh: map[*types.Var]bool{}}
}

// A Site is a place of the code, and what happens there.
type Site struct {
	Pos  token.Pos
	What string // after the name of who does it: "calls http.Get", "sends to a channel"
}

// A Footprint is what a piece of code, and everything that it may call, has to do
// with memory that others can see, and with the outside.
type Footprint struct {
	reads, writes cells
	outside       *Site // input, output, other goroutines, code that isn't known
	unknown       *Site // code that isn't known, which may call back
	prints        *Site // it prints or logs
	varies        *Site // what it computes depends on time or chance
	acts          *Site // it may change what is outside of the program, or use it up
}

// Outside returns where the code has to do with what is outside of the program, or
// nil.
func (f *Footprint) Outside() *Site { return f.outside }

// Acts returns where the code may change what is outside of the program or use it up,
// instead of only looking at it, or nil. Code that isn't known may.
func (f *Footprint) Acts() *Site { return f.acts }

// Prints returns where the code prints or logs, or nil.
func (f *Footprint) Prints() *Site { return f.prints }

// Pure returns why evaluating the code twice, or not at all, makes a difference; nil
// if it makes none.
func (f *Footprint) Pure() *Site {
	for _, s := range []*Site{f.outside, f.prints, f.varies} {
		if s != nil {
			return s
		}
	}
	return f.Writes()
}

// Writes returns where the code changes memory that others can see, or nil.
func (f *Footprint) Writes() *Site {
	var first *Site
	for _, c := range f.writes.sorted() {
		if pos := f.writes[c]; first == nil || pos < first.Pos {
			first = &Site{pos, "changes " + c.name}
		}
	}
	return first
}

// A Conflict is why two pieces of code can't run in the other order.
type Conflict struct {
	First, Second token.Pos
	Why           string
	// World says that it isn't about memory: both deal with what is outside of the
	// program, or one calls code that isn't known.
	World bool
}

// Between returns the first conflict of two pieces of code, or nil.
func Between(x, y *Footprint) *Conflict {
	if c := overlap(x.writes, y.reads, "changes", "reads"); c != nil {
		return c
	}
	if c := overlap(x.writes, y.writes, "changes", "changes"); c != nil {
		return c
	}
	if c := overlap(x.reads, y.writes, "reads", "changes"); c != nil {
		return c
	}
	if x.outside != nil && y.outside != nil {
		return &Conflict{x.outside.Pos, y.outside.Pos, "one " + x.outside.What + ", the other " + y.outside.What, true}
	}
	if x.prints != nil && y.prints != nil {
		return &Conflict{x.prints.Pos, y.prints.Pos, "one " + x.prints.What + ", the other " + y.prints.What, true}
	}
	if c := unknown(x, y); c != nil {
		return c
	}
	return unknown(y, x)
}

// unknown is the conflict of code that may call back, and code that has to do with
// any memory of the module.
func unknown(x, y *Footprint) *Conflict {
	if x.unknown == nil || len(y.reads)+len(y.writes) == 0 {
		return nil
	}
	for _, s := range []cells{y.writes, y.reads} {
		for _, c := range s.sorted() {
			return &Conflict{x.unknown.Pos, s[c], "one " + x.unknown.What + ", which isn't known, the other uses " + c.name, true}
		}
	}
	return nil
}

// before orders conflicts by where they are.
func (c *Conflict) before(d *Conflict) bool {
	return cmp.Or(cmp.Compare(c.First, d.First), cmp.Compare(c.Second, d.Second), strings.Compare(c.Why, d.Why)) < 0
}

// overlap returns the conflict of two sets of memory that comes first in the code.
func overlap(x, y cells, first, second string) *Conflict {
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	lookup := newLookup(y)
	var best *Conflict
	for c, p := range x {
		for _, d := range lookup.near(c) {
			if !c.meets(d) {
				continue
			}
			found := &Conflict{p, y[d], "one " + first + " " + c.name + ", the other " + second + " " + d.name, false}
			if best == nil || found.before(best) {
				best = found
			}
		}
	}
	return best
}

// Call returns the footprint of calling fn, whichever function of the module that
// may turn out to be.
func (a *Analysis) Call(fn *types.Func) *Footprint {
	start := &footprint{Footprint: newFootprint()}
	a.calls(start, fn)
	if a.world.Decl(fn) == nil && a.world.Spec(fn) == nil {
		start.outside = &Site{fn.Pos(), "calls " + fn.Name() + ", which isn't known"}
		start.acts = start.outside
	}
	return a.closure(start)
}

// A Part is a piece of a function.
type Part struct {
	File *code.File
	// Within is the node whose variables belong to one run of the code; others of
	// the function are memory that code outside of it sees.
	Within ast.Node
	Nodes  []ast.Node
	// Skip leaves out nodes. It may be nil.
	Skip func(ast.Node) bool
}

// Code returns the footprint of a part of a function. If Within is a loop over a
// slice or array, its variable for the elements is read where the element is.
func (a *Analysis) Code(p Part) *Footprint {
	fp := &footprint{Footprint: newFootprint()}
	w := &walker{a: a, f: p.File, fp: fp, within: p.Within, skip: p.Skip}
	if loop, ok := p.Within.(*ast.RangeStmt); ok {
		w.elems = elements(p.File, loop)
	}
	for _, n := range p.Nodes {
		w.walk(n)
	}
	return a.closure(fp)
}

// elements returns the variable that a loop copies elements to, with their type.
func elements(f *code.File, loop *ast.RangeStmt) map[*types.Var]types.Type {
	id, ok := loop.Value.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.Pkg.Info.Defs[id].(*types.Var)
	if !ok {
		return nil
	}
	t := f.Pkg.Info.TypeOf(loop.X)
	if p, ok := code.Under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := code.Under(t).(type) {
	case *types.Slice:
		return map[*types.Var]types.Type{v: u.Elem()}
	case *types.Array:
		return map[*types.Var]types.Type{v: u.Elem()}
	}
	return nil
}

// Locals returns the variables of functions, not of packages, that the code changes,
// or whose memory it changes; all reports that it changes nothing else.
func (f *Footprint) Locals() (vars []*types.Var, all bool) {
	all = true
	for _, c := range f.writes.sorted() {
		if c.kind != inVar || c.v == nil || c.v.Pkg() != nil && c.v.Parent() == c.v.Pkg().Scope() {
			all = false
			continue
		}
		vars = append(vars, c.v)
	}
	return vars, all
}

// A footprint is what a function does itself, and whom it may call.
type footprint struct {
	Footprint
	callees []callee
	boxed   cells // memory behind what was converted to an interface
	changes bool  // it gives what is behind an interface to code that may change it
}

// A callee is a function declaration or literal of the module.
type callee struct {
	file *code.File
	node ast.Node // *ast.FuncDecl or *ast.FuncLit
}

func newFootprint() Footprint { return Footprint{reads: cells{}, writes: cells{}} }

// closure adds what all functions do that may be called.
func (a *Analysis) closure(start *footprint) *Footprint {
	out := newFootprint()
	boxed, changes := cells{}, false
	seen := map[ast.Node]bool{}
	queue := []*footprint{start}
	for len(queue) > 0 {
		fp := queue[0]
		queue = queue[1:]
		out.add(&fp.Footprint)
		boxed.addAll(fp.boxed)
		changes = changes || fp.changes
		for _, c := range fp.callees {
			if !seen[c.node] {
				seen[c.node] = true
				queue = append(queue, a.of(c))
			}
		}
	}
	if changes {
		out.writes.addAll(boxed)
	}
	return &out
}

func (f *Footprint) add(g *Footprint) {
	f.reads.addAll(g.reads)
	f.writes.addAll(g.writes)
	for _, s := range []struct{ to, from **Site }{{&f.outside, &g.outside}, {&f.unknown, &g.unknown}, {&f.prints, &g.prints}, {&f.varies, &g.varies}, {&f.acts, &g.acts}} {
		if *s.to == nil {
			*s.to = *s.from
		}
	}
}

// of returns what one function does itself.
func (a *Analysis) of(c callee) *footprint {
	key := a.world.KeyAt(c.node.Pos())
	if known := a.direct[key]; known != nil {
		return known
	}
	fp := &footprint{Footprint: newFootprint()}
	a.direct[key] = fp
	w := &walker{a: a, f: c.file, fp: fp, within: c.node, alone: true}
	switch n := c.node.(type) {
	case *ast.FuncDecl:
		if n.Body == nil {
			fp.outside = &Site{n.Pos(), "calls " + n.Name.Name + ", which has no Go body"}
			fp.unknown, fp.acts = fp.outside, fp.outside
			break
		}
		w.walk(n.Body)
	case *ast.FuncLit:
		w.walk(n.Body)
	}
	return fp
}
