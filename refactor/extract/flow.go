package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A flow works out which variables outside the component's package can hold
// the contract instead of the concrete type. A variable that something needs
// the concrete type of stays, and so does everything that flows into it.
type flow struct {
	job      *job
	iface    string
	methods  map[string]bool
	nodes    map[code.Key]*node
	order    []*node
	owners   []*types.Func // methods with a node among their parameters or results
	problems []component.Problem
}

// A node is a variable, field, parameter or result of the target's pointer
// type.
type node struct {
	name     string
	span     text.Span
	file     *code.File
	typ      ast.Expr // its written type; nil where := infers it
	into     []*node  // what its value flows to
	from     []*node
	inferred bool
	origin   *node  // inferred: the node whose type it gets, nil for the concrete type
	nilTest  bool   // compared with nil
	zero     bool   // holds nil until something is stored in it
	nilable  bool   // an expression of the concrete type that may be nil
	literal  bool   // the word nil
	why      string // why it keeps the concrete type; "" if it need not
	at       text.Span
}

func newFlow(j *job, iface string, endpoints []*endpoint) *flow {
	f := &flow{job: j, iface: iface, methods: map[string]bool{}, nodes: map[code.Key]*node{}}
	for _, e := range endpoints {
		f.methods[e.name] = true
	}
	return f
}

// outside yields the files that aren't the component's own.
func (f *flow) outside() []*code.File {
	return slices.DeleteFunc(slices.Clone(f.job.world.Files), func(file *code.File) bool {
		return file.Pkg.Pkg.Path == f.job.target.pkg.Pkg.Path
	})
}

// solve finds the nodes and what keeps them. It returns what rules the whole
// extraction out.
func (f *flow) solve() []component.Problem {
	for _, file := range f.outside() {
		f.declare(file)
	}
	f.unify()
	for _, file := range f.outside() {
		f.follow(file)
	}
	slices.SortFunc(f.order, func(a, b *node) int { return a.span.Compare(b.span) })
	for f.pass() {
	}
	return f.problems
}

// pass propagates once and reports whether anything changed.
func (f *flow) pass() bool {
	changed := false
	for _, n := range f.order {
		if n.why != "" {
			for _, m := range n.from {
				changed = m.keep("it flows into "+n.name+", which keeps the type: "+n.root(), n.at) || changed
			}
			continue
		}
		if n.inferred && (n.origin == nil || n.origin.why != "") {
			n.why, n.at, changed = "inferred", n.span, true
			continue
		}
		if n.nilTest && n.typedNil(map[*node]bool{}) {
			changed = n.keep("it is compared with nil, and a nil pointer in an interface isn't nil", n.span) || changed
		}
	}
	return changed
}

// typedNil reports whether a nil pointer may reach a node that is to hold the
// contract, where it would no longer equal nil.
func (n *node) typedNil(seen map[*node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	return slices.ContainsFunc(n.from, func(m *node) bool {
		if m.why == "" {
			return m.typedNil(seen)
		}
		return !m.literal && m.mayBeNil(map[*node]bool{})
	})
}

// mayBeNil reports whether a node that keeps the concrete type may be nil.
func (n *node) mayBeNil(seen map[*node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	return n.zero || n.nilable || n.literal || slices.ContainsFunc(n.from, func(m *node) bool { return m.mayBeNil(seen) })
}

// root is the reason without the chain that led to it.
func (n *node) root() string {
	if n.why == "inferred" {
		return "it is made from the concrete type"
	}
	return n.why
}

func (n *node) keep(why string, at text.Span) bool {
	if n.why != "" {
		return false
	}
	n.why, n.at = why, at
	return true
}

// rewrite replaces the types of the nodes that are free, and notes the others.
func (f *flow) rewrite() {
	done := map[ast.Expr]bool{}
	for _, n := range f.order {
		if n.typ == nil || done[n.typ] {
			continue
		}
		done[n.typ] = true
		if n.why != "" {
			f.job.note(n.span, n.name+" keeps "+f.job.typeName()+": "+n.root()+where(n.at, n.span))
			continue
		}
		name := f.iface
		if sel, ok := n.typ.(*ast.StarExpr).X.(*ast.SelectorExpr); ok {
			name = n.file.Source(sel.X) + "." + f.iface
		}
		n.file.Replace(n.typ.Pos(), n.typ.End(), name)
	}
}

func where(at, span text.Span) string {
	if at.IsValid() && cmp.Compare(at.Start, span.Start) != 0 {
		return " (" + at.String() + ")"
	}
	return ""
}

// declare finds the nodes of a file by the places that write the type, and by
// the variables that get it by inference.
func (f *flow) declare(file *code.File) {
	info := file.Pkg.Info
	f.walk(file, func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case *ast.StarExpr:
			if tv, ok := info.Types[n]; ok && tv.IsType() && f.job.isPointer(tv.Type) {
				f.written(file, n, stack)
			}
		case *ast.TypeAssertExpr:
			if n.Type != nil && f.job.isPointer(info.TypeOf(n.Type)) {
				f.refuse(n.Type, "asserted", "the type is asserted here: a value that came through the contract would not be one")
			}
		case *ast.CaseClause:
			f.cases(file, n)
		}
	})
	for id, obj := range info.Defs {
		if v, ok := obj.(*types.Var); ok && f.job.isPointer(v.Type()) && f.nodes[f.job.world.Key(v)] == nil {
			f.add(v, &node{name: id.Name, span: f.job.world.Span(id), file: file, inferred: true})
		}
	}
}

func (f *flow) cases(file *code.File, n *ast.CaseClause) {
	for _, e := range n.List {
		if tv, ok := file.Pkg.Info.Types[e]; ok && tv.IsType() && f.job.isPointer(tv.Type) {
			f.refuse(e, "asserted", "the type is a case of a type switch here: a value that came through the contract would not be one")
		}
	}
}

func (f *flow) refuse(at ast.Node, code, message string) {
	f.problems = append(f.problems, problem(code, f.job.world.Span(at), message, "decide by a method of the contract instead"))
}

func (f *flow) add(v *types.Var, n *node) {
	f.nodes[f.job.world.Key(v)] = n
	f.order = append(f.order, n)
}

// written makes nodes of what a written type declares.
func (f *flow) written(file *code.File, typ *ast.StarExpr, stack []ast.Node) {
	if len(stack) < 3 {
		return
	}
	alias := f.byAlias(file, typ)
	switch p := stack[len(stack)-2].(type) {
	case *ast.ValueSpec:
		f.names(file, typ, p.Names, alias)
		f.zero(file, p.Names, len(p.Values) == 0)
	case *ast.Field:
		list := stack[len(stack)-3]
		owner := stack[max(len(stack)-4, 0)]
		if len(p.Names) == 0 {
			f.unnamed(file, typ, list, owner, stack, alias)
			return
		}
		f.names(file, typ, p.Names, cmp.Or(alias, f.ownerKeeps(file, owner, stack)))
		_, field := owner.(*ast.StructType)
		ft, ok := owner.(*ast.FuncType)
		f.zero(file, p.Names, field || ok && ft.Results == list)
	}
}

// byAlias returns why a mention of the type by another name keeps it, or "".
func (f *flow) byAlias(file *code.File, typ *ast.StarExpr) string {
	var id *ast.Ident
	switch x := ast.Unparen(typ.X).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return ""
	}
	if tn, ok := file.Pkg.Info.Uses[id].(*types.TypeName); ok && f.job.world.Key(tn) != f.job.world.Key(f.job.target.typ.Obj()) {
		return "it is written by another name of the type, " + tn.Name()
	}
	return ""
}

// zero marks variables that hold nil until something is stored in them.
func (f *flow) zero(file *code.File, ids []*ast.Ident, zero bool) {
	for _, id := range ids {
		if n := f.variable(file.Pkg.Info.Defs[id]); n != nil {
			n.zero = zero
		}
	}
}

// unbuilt returns why a field or a variable of a package keeps the type: a file
// that this build leaves out mentions it, and can't be changed with the rest.
func (f *flow) unbuilt(v *types.Var) string {
	if !v.IsField() && (v.Pkg() == nil || v.Parent() != v.Pkg().Scope()) {
		return ""
	}
	if file := f.job.world.IgnoredMention(v.Name()); file != "" {
		return file + ", which this build leaves out, mentions it"
	}
	return ""
}

func (f *flow) names(file *code.File, typ ast.Expr, ids []*ast.Ident, why string) {
	var first *node
	for _, id := range ids {
		v, ok := file.Pkg.Info.Defs[id].(*types.Var)
		if !ok {
			continue
		}
		n := &node{name: id.Name, span: f.job.world.Span(id), file: file, typ: typ}
		if why := cmp.Or(why, f.unbuilt(v)); why != "" {
			n.keep(why, n.span)
		}
		f.add(v, n)
		if first == nil {
			first = n
			continue
		}
		addEdge(first, n)
		addEdge(n, first)
	}
}

// unnamed handles a result or parameter without a name, and an embedded field.
func (f *flow) unnamed(file *code.File, typ ast.Expr, list, owner ast.Node, stack []ast.Node, alias string) {
	ft, ok := owner.(*ast.FuncType)
	if !ok || ft.Results != list && ft.Params != list {
		return // embedded in a struct, or part of an interface
	}
	v := types.NewVar(typ.Pos(), nil, "", nil)
	n := &node{name: "result", span: f.job.world.Span(typ), file: file, typ: typ}
	if ft.Params == list {
		n.name = "parameter"
	}
	if why := cmp.Or(alias, f.ownerKeeps(file, owner, stack)); why != "" {
		n.keep(why, n.span)
	}
	f.add(v, n)
}

// ownerKeeps returns why a field, parameter or result can't change its type.
func (f *flow) ownerKeeps(file *code.File, owner ast.Node, stack []ast.Node) string {
	if _, ok := owner.(*ast.StructType); ok {
		return ""
	}
	if len(stack) < 5 {
		return "it is part of a function type"
	}
	fn := declared(file, stack[len(stack)-5])
	if fn == nil {
		return "it is part of a function type"
	}
	for _, r := range f.job.world.Refs(fn) {
		if r.Call == nil {
			return fn.Name() + " is used as a value at " + f.job.world.Span(r.ID).String()
		}
	}
	if why := f.job.world.Frozen(fn); why != "" {
		return fn.Name() + " can't change: " + why
	}
	if file := f.job.world.IgnoredMention(fn.Name()); file != "" {
		return file + ", which this build leaves out, mentions " + fn.Name()
	}
	if fn.Signature().Recv() != nil {
		f.owners = append(f.owners, fn)
	}
	return ""
}

// declared returns the function, or method of an interface, that n declares,
// or nil.
func declared(file *code.File, n ast.Node) *types.Func {
	var name *ast.Ident
	switch n := n.(type) {
	case *ast.FuncDecl:
		name = n.Name
	case *ast.Field:
		if len(n.Names) != 1 {
			return nil
		}
		name = n.Names[0]
	}
	fn, _ := file.Pkg.Info.Defs[name].(*types.Func)
	return fn
}

// addEdge says that the value of from flows to to.
func addEdge(from, to *node) {
	from.into = append(from.into, to)
	to.from = append(to.from, from)
}

// walk visits the nodes of a file with the path to each, itself last.
func (f *flow) walk(file *code.File, visit func(ast.Node, []ast.Node)) {
	var stack []ast.Node
	ast.Inspect(file.AST, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		visit(n, stack)
		return true
	})
}
