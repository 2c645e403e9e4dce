package effects

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A Program holds the analysed packages and the summaries computed so far. It
// is safe for concurrent use, but answers one question at a time; others wait
// until it is done or their context ends.
type Program struct {
	turn   chan struct{} // holds a value while a question is answered
	prog   *source.SSA
	byPath map[string]*source.Package // those with bodies, or to be built
	built  map[string]bool            // import path: bodies were made, or could not be
	spanOf func(pos, end token.Pos) text.Span
	files  map[*token.File]int // their order by name

	summaries         map[*ssa.Function]*summary
	stack             []*summary // those that aren't final yet
	visited           int
	globals           map[*ssa.Global]bool               // answers of mutable
	whole             map[string]map[*ssa.Global]bool    // by package of which all functions were analysed: the variables that they change, or may
	inits             map[*ssa.Global]ssa.Value          // answers of initial
	pointed           map[types.Type]bool                // answers of pointers
	parts             map[types.Type][]types.Type        // answers of methodTypes
	targets           map[hookQuery][]hookTarget         // answers of hookTargets
	candidateFuncs    map[*hookSet][]*ssa.Function       // answers of candidates
	meant             map[*hookSet][]*ssa.Function       // answers of hookable
	offered           []*offering                        // by import path; nil: not looked at yet
	implementers      map[implementation][]*ssa.Function // answers of implementations
	uncleanClosure    *closure
	worldClosure      *closure
	methodSets        map[string]*hookSet // answers of methodSet
	importedByUnknown map[string]bool     // packages that code which could not be analysed imports
	uses              *uses               // nil: not looked at yet
	budget
}

func newProgram(prog *source.SSA, span func(pos, end token.Pos) text.Span) *Program {
	p := &Program{
		turn:              make(chan struct{}, 1),
		prog:              prog,
		byPath:            maps.Clone(prog.Packages),
		built:             make(map[string]bool),
		spanOf:            span,
		summaries:         make(map[*ssa.Function]*summary),
		globals:           make(map[*ssa.Global]bool),
		whole:             make(map[string]map[*ssa.Global]bool),
		pointed:           make(map[types.Type]bool),
		parts:             make(map[types.Type][]types.Type),
		targets:           make(map[hookQuery][]hookTarget),
		meant:             make(map[*hookSet][]*ssa.Function),
		implementers:      make(map[implementation][]*ssa.Function),
		candidateFuncs:    make(map[*hookSet][]*ssa.Function),
		methodSets:        make(map[string]*hookSet),
		inits:             make(map[*ssa.Global]ssa.Value),
		importedByUnknown: make(map[string]bool),
		budget:            budget{most: maxSteps},
	}
	p.uncleanClosure, p.worldClosure = newClosure(p.findUnclean), newClosure(p.findWorld)
	p.sortFiles()
	return p
}

// sortFiles gives files an order that doesn't depend on which was parsed first,
// as their positions do.
func (p *Program) sortFiles() {
	var files []*token.File
	for f := range p.prog.Fset.Iterate {
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b *token.File) int { return strings.Compare(a.Name(), b.Name()) })
	p.files = make(map[*token.File]int, len(files))
	for i, f := range files {
		p.files[f] = i
	}
}

// order is a number by which places can be compared.
func (p *Program) order(pos token.Pos) int {
	f := p.prog.Fset.File(pos)
	if f == nil {
		return 0
	}
	return p.files[f]<<32 | int(pos) - f.Base()
}

// function returns the function with its body, if its package is under
// analysis.
func (p *Program) function(obj *types.Func) *ssa.Function {
	if obj == nil || obj.Pkg() == nil {
		return nil
	}
	if obj = p.own(obj); obj == nil {
		return nil
	}
	if p.build(obj.Pkg()); p.halted {
		return nil
	}
	return p.prog.FuncValue(obj)
}

// own returns the function as the packages under analysis know it: obj may be of
// another Load, in which a package that it depends on was another.
func (p *Program) own(obj *types.Func) *types.Func {
	q := p.byPath[obj.Pkg().Path()]
	if q == nil || q.Types == obj.Pkg() {
		return obj
	}
	recv := obj.Signature().Recv()
	if recv == nil {
		fn, _ := q.Types.Scope().Lookup(obj.Name()).(*types.Func)
		return fn
	}
	named, ok := types.Unalias(deref(types.Unalias(recv.Type()))).(*types.Named)
	if !ok {
		return nil
	}
	if named = p.ownType(named); named == nil {
		return nil
	}
	for m := range named.Methods() {
		if m.Name() == obj.Name() {
			return m
		}
	}
	return nil
}

// ownType is own for a type that a package declares at its outermost level, or
// nil.
func (p *Program) ownType(named *types.Named) *types.Named {
	obj := named.Obj()
	if obj.Pkg() == nil {
		return named
	}
	q := p.byPath[obj.Pkg().Path()]
	if q == nil || q.Types == obj.Pkg() {
		return named
	}
	tn, ok := q.Types.Scope().Lookup(obj.Name()).(*types.TypeName)
	if !ok {
		return nil
	}
	named, _ = types.Unalias(tn.Type()).(*types.Named)
	return named
}

// build makes the bodies of pkg's functions, once.
func (p *Program) build(pkg *types.Package) {
	path := pkg.Path()
	if p.built[path] || p.byPath[path] == nil {
		return
	}
	p.built[path] = true
	done := make(chan bool, 1)
	go func() {
		done <- p.prog.Build(path)
	}()
	select {
	case ok := <-done:
		if !ok {
			delete(p.byPath, path)
		}
	case <-p.ctx.Done(): // the builder goes on; the next question waits for it
		delete(p.built, path)
		p.halted = true
	}
}

// body makes sure that fn's body exists where it can.
func (p *Program) body(fn *ssa.Function) bool {
	if p.halted {
		return false
	}
	if fn.Blocks == nil && fn.Pkg != nil {
		p.build(fn.Pkg.Pkg)
	}
	if fn.Blocks == nil && fn.Origin() != nil && fn.Origin().Pkg != nil {
		p.build(fn.Origin().Pkg.Pkg)
	}
	return !p.halted && fn.Blocks != nil
}

// declared lists the functions and methods that q declares, in source order.
func (p *Program) declared(q *source.Package) []*ssa.Function {
	var out []*ssa.Function
	for _, f := range q.Syntax {
		for _, d := range f.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			obj, ok := q.Info.Defs[fd.Name].(*types.Func)
			if !ok || (fd.Name.Name == "init" && fd.Recv == nil) {
				continue // it runs once, before anything else
			}
			if fn := p.prog.FuncValue(obj); fn != nil {
				out = append(out, fn)
			}
		}
	}
	return out
}

// initial returns the function that a package variable always holds: it is
// unexported, set by its declaration and never assigned or addressed again.
func (p *Program) initial(g *ssa.Global) ssa.Value {
	v, ok := p.inits[g]
	if !ok {
		v = p.findInitial(g)
		if p.halted {
			return nil
		}
		p.inits[g] = v
	}
	return v
}

func (p *Program) findInitial(g *ssa.Global) ssa.Value {
	q := p.byPath[g.Pkg.Pkg.Path()]
	if q == nil || ast.IsExported(g.Name()) {
		return nil
	}
	if p.build(q.Types); p.halted {
		return nil
	}
	uses := &globalUses{global: g}
	uses.visit(g.Pkg.Func("init"))
	for _, m := range g.Pkg.Members {
		if fn, ok := m.(*ssa.Function); ok && fn.Name() != "init" {
			uses.visit(fn)
		}
	}
	for _, fn := range p.declared(q) {
		if fn.Signature.Recv() != nil {
			uses.visit(fn)
		}
	}
	if uses.escapes || len(uses.stored) != 1 {
		return nil
	}
	return uses.stored[0]
}

// globalUses collects what is done to one package variable.
type globalUses struct {
	global  *ssa.Global
	stored  []ssa.Value
	escapes bool // used otherwise than to load or store it
}

func (u *globalUses) visit(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			u.instruction(instr)
		}
	}
	for _, anon := range fn.AnonFuncs {
		u.visit(anon)
	}
}

func (u *globalUses) instruction(instr ssa.Instruction) {
	switch instr := instr.(type) {
	case *ssa.Store:
		if instr.Addr == u.global {
			u.stored = append(u.stored, instr.Val)
			return
		}
	case *ssa.UnOp:
		return
	}
	for _, op := range instr.Operands(nil) {
		if *op == u.global {
			u.escapes = true
		}
	}
}
