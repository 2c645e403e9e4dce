package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A Value is carried in the place of a context: what was a package variable, or
// the state that several were. Ctx of a Change then says that the function gains
// it, as its first parameter after a context or as its receiver.
//
// Unlike a context it is the same value wherever it comes from, so it doesn't
// matter when a call that it is passed to runs.
type Value struct {
	What string   // for messages: the value of store.cache
	Hint string   // the next step where it can't be passed
	Name []string // the names that a parameter may get, the best first
	Recv []string // the names that a receiver may get
	// Replaces are the declarations whose mentions go: their names are free in a
	// function that mentions nothing else by them.
	Replaces map[code.Key]bool
	// Type spells the type of the parameter in a file.
	Type func(*code.File) string
	// Source spells the value where d has it without a parameter, at pos: a field
	// of its receiver, a variable of an entry point. It returns "" where d must
	// gain it.
	Source func(d *code.Decl, pos token.Pos) string
	// Method reports a function that gains the value as its receiver. May be nil.
	Method func(*types.Func) bool
}

// Carry says that the value is needed at a place: id, with the path to it.
func (t *Threader) Carry(f *code.File, id *ast.Ident, path []ast.Node) {
	t.carried = append(t.carried, mention{&code.Ref{File: f, ID: id, Path: slices.Clone(path)}})
}

// growCarried makes the functions change that the places given to Carry stand in,
// and reports whether there were new ones.
func (t *Threader) growCarried() bool {
	from := t.looked
	for ; t.looked < len(t.carried); t.looked++ {
		if s := t.context(t.carried[t.looked]); s.thread != nil {
			t.grow(s.thread, 0, true, false)
		}
	}
	return t.looked > from
}

// Carried spells the value at a place that was given to Carry, after Rewrite
// named it. Where there is none to be had it records a problem.
func (t *Threader) Carried(f *code.File, id *ast.Ident, path []ast.Node) string {
	r := mention{&code.Ref{File: f, ID: id, Path: path}}
	return t.passValue(r, t.context(r))
}

// valueAt says where a place gets the value from.
func (t *Threader) valueAt(r mention) contextSource {
	d := t.declOf(r)
	if d == nil {
		return contextSource{root: true, why: "an initializer runs before there is one"}
	}
	if expr := t.Value.Source(d, r.ID.Pos()); expr != "" {
		return contextSource{expr: expr}
	}
	if c := t.changes[t.World.Key(d.Obj)]; c != nil && c.Ctx && !c.Outside {
		return contextSource{expr: c.ctxName}
	}
	if code.IsEntry(d) {
		return contextSource{root: true, why: "the runtime or the go tool calls " + d.Func.Name.Name}
	}
	if why := t.unchangeable(d); why != "" {
		return contextSource{root: true, why: d.Func.Name.Name + " can't gain it: " + why}
	}
	return contextSource{thread: d}
}

// passValue returns the value to pass at r, or records why there is none.
func (t *Threader) passValue(r mention, s contextSource) string {
	if s.root || s.expr == "" {
		t.problem(r, "no-value-to-pass", t.Value.What+" can't be had here: "+s.why, t.Value.Hint)
		return "_"
	}
	return s.expr
}

// paramType spells the type of the parameter that functions gain.
func (t *Threader) paramType(f *code.File) string {
	if t.Value != nil {
		return t.Value.Type(f)
	}
	return f.Import("context", "context") + ".Context"
}

// nameParam returns the name of the parameter that a function gains.
func (t *Threader) nameParam(c *Change) string {
	if t.Value == nil {
		names := t.ctxNames()
		if t.hiddenOnly(c.Decl, names[0]) {
			t.take(c.Decl, names[0], region{to: math.MaxInt})
			return names[0]
		}
		return t.freeIn(c.Decl, names...)
	}
	names := t.Value.Name
	if t.byReceiver(c) {
		names = t.Value.Recv
	}
	return t.NameValue(c.Decl, names)
}

// hiddenOnly reports whether all that d has of a name are parameters of function
// literals in which nothing is called that gets a context: a parameter of d can
// have the name, too.
func (t *Threader) hiddenOnly(d *code.Decl, name string) bool {
	var own []*ast.FuncLit
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if !ok || !slices.ContainsFunc(lit.Type.Params.List, func(p *ast.Field) bool {
			return slices.ContainsFunc(p.Names, func(id *ast.Ident) bool { return id.Name == name })
		}) {
			return true
		}
		own = append(own, lit)
		return false
	})
	inOne := func(pos token.Pos) bool {
		return slices.ContainsFunc(own, func(lit *ast.FuncLit) bool { return lit.Pos() <= pos && pos < lit.End() })
	}
	hidden, selected := len(own) > 0 && !t.taken(d, name, region{to: math.MaxInt}), map[*ast.Ident]bool{}
	ast.Inspect(d.Func, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.Ident:
			hidden = hidden && (n.Name != name || selected[n] || inOne(n.Pos()))
		}
		return hidden
	})
	for _, c := range t.order {
		for _, r := range t.mentions(c) {
			hidden = hidden && (!c.Ctx || r.File != d.File || !inOne(r.ID.Pos()))
		}
	}
	return hidden
}

// NameValue returns the first of some names that a variable around all of d can
// have, which holds the value.
func (t *Threader) NameValue(d *code.Decl, names []string) string {
	for _, name := range names {
		if t.replaced(d, name) {
			return name
		}
	}
	return t.freeIn(d, names...)
}

// replaced reports whether d can have a variable of a name because nothing in it
// has that name but mentions that go.
func (t *Threader) replaced(d *code.Decl, name string) bool {
	info, free := d.File.Pkg.Info, true
	selected := map[*ast.Ident]bool{}
	ast.Inspect(d.Func, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			selected[sel.Sel] = true
		}
		id, ok := n.(*ast.Ident)
		if !ok || id.Name != name || selected[id] {
			return free
		}
		obj := info.ObjectOf(id)
		if v, ok := obj.(*types.Var); ok && v.IsField() && info.Defs[id] == nil {
			return free
		}
		free = free && obj != nil && info.Defs[id] == nil && t.Value.Replaces[t.World.Key(obj)]
		return free
	})
	return free
}

// byReceiver reports a function that gains the value as its receiver.
func (t *Threader) byReceiver(c *Change) bool {
	return t.Value != nil && c.Ctx && c.spec == nil && t.Value.Method != nil && t.Value.Method(c.Fn)
}

// afterContext reports a function whose value follows its context.
func (t *Threader) afterContext(fn *types.Func) bool {
	return t.Value != nil && fn.Signature().Params().Len() > 0 && crossing.IsContext(fn.Signature().Params().At(0).Type())
}

// addReceiver turns a function into a method.
func (t *Threader) addReceiver(c *Change) {
	f, fn := c.Decl.File, c.Decl.Func
	f.Insert(fn.Name.Pos(), "("+c.ctxName+" "+t.paramType(f)+") ")
}

// callMethod makes a mention of a function one of the method that it becomes.
func (t *Threader) callMethod(r mention) {
	i := len(r.Path) - 1
	if sel, ok := r.Path[i-1].(*ast.SelectorExpr); ok && sel.Sel == r.ID {
		expr := t.passValue(r, t.context(r))
		r.File.Replace(sel.X.Pos(), sel.X.End(), expr)
		t.unqualified = append(t.unqualified, unqualified{r.File, sel.X})
		return
	}
	r.File.Insert(r.ID.Pos(), t.passValue(r, t.context(r))+".")
}

// An unqualified is the name of a package that a call no longer has before it.
type unqualified struct {
	file *code.File
	name ast.Expr
}

// Unqualified returns, by file, the names of packages that edits took away.
func (t *Threader) Unqualified() map[*code.File][]*ast.Ident {
	out := map[*code.File][]*ast.Ident{}
	for _, u := range t.unqualified {
		if id, ok := ast.Unparen(u.name).(*ast.Ident); ok {
			out[u.file] = append(out[u.file], id)
		}
	}
	return out
}

// Gained returns the functions that gain the value, in the order in which they
// were found.
func (t *Threader) Gained() []*types.Func {
	var out []*types.Func
	for _, c := range t.order {
		if c.Ctx && !c.Outside {
			out = append(out, c.Fn)
		}
	}
	return out
}

// valueArgument writes the value into the arguments of a call: the first, or
// after the context.
func (t *Threader) valueArgument(r mention) {
	expr := t.passValue(r, t.context(r))
	args := r.Call.Args
	first := 0
	if r.methodExpression() {
		first = 1
	}
	if t.afterContext(r.Fn) {
		first++
	}
	switch {
	case first == 0 && len(args) == 0:
		r.File.Insert(r.Call.Lparen+1, expr)
	case first == 0:
		r.File.Insert(r.Call.Lparen+1, expr+", ")
	default:
		r.File.Insert(args[min(first, len(args))-1].End(), ", "+expr)
	}
}

// literalArguments puts the value among the arguments of a literal's call.
func (t *Threader) literalArguments(r mention, args []string, value string) []string {
	i := 0
	if r.methodExpression() {
		i++
	}
	if t.afterContext(r.Fn) {
		i++
	}
	return slices.Insert(slices.Clone(args), min(i, len(args)), value)
}

// addValue writes the parameter into a signature, after the context if there is one.
func (t *Threader) addValue(c *Change) {
	f, ft := c.syntax()
	params, param := ft.Params, c.ctxName+" "+t.paramType(f)
	if len(params.List) > 0 && len(params.List[0].Names) == 0 {
		if c.spec != nil {
			param = t.paramType(f)
		} else {
			for _, p := range params.List {
				f.Insert(p.Type.Pos(), "_ ")
			}
		}
	}
	switch {
	case len(params.List) == 0:
		f.InsertFirst(params.Opening+1, param)
	case !t.afterContext(c.Fn):
		f.InsertFirst(params.Opening+1, param+", ")
	case len(params.List[0].Names) > 1: // two contexts
		f.Insert(params.List[0].Names[0].End(), " "+f.Source(params.List[0].Type)+", "+param)
	default:
		f.Insert(params.List[0].End(), ", "+param)
	}
}
