package argument

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A variable is a local variable between two of the assignments that certainly
// replace its value.
type variable struct {
	v *types.Var
	n int
}

// A cell is a field, or the elements, of memory of a parameter.
type cell struct {
	Place
	field string
}

func (c cell) compare(d cell) int {
	return cmp.Or(cmp.Compare(c.Param, d.Param), strings.Compare(c.Path, d.Path), strings.Compare(c.field, d.field))
}

// A body is the look at one function.
type body struct {
	*Source
	info     *types.Info
	names    []string // of the parameters
	env      map[variable]*value
	heap     map[cell]*value // what was stored into memory of parameters
	replaced map[*types.Var][]token.Pos
	calls    map[*ast.CallExpr]*value
	// What methods that are used as values are bound to.
	receivers map[*ast.SelectorExpr]*value
	facts     []recorded
	seen      map[found]bool
	grown     bool
	later     int // > 0 in what a go statement starts
	fn        *ast.FuncDecl
	literal   *ast.FuncLit            // the innermost
	results   map[*ast.FuncLit]*value // see result
}

// largeBody is how many entries a body may have whose memory the next one takes
// over: most functions are small, and emptying large maps takes time.
const largeBody = 200

// begin returns an empty body, in the memory of the last one.
func (s *Source) begin() *body {
	b := s.last
	if b == nil || len(b.env)+len(b.heap)+len(b.calls)+len(b.receivers)+cap(b.facts) > largeBody {
		b = &body{env: map[variable]*value{}, heap: map[cell]*value{}, calls: map[*ast.CallExpr]*value{}, receivers: map[*ast.SelectorExpr]*value{}, seen: map[found]bool{}}
	}
	clear(b.env)
	clear(b.heap)
	clear(b.calls)
	clear(b.receivers)
	clear(b.seen)
	s.last = &body{Source: s, info: s.Info, names: b.names[:0], env: b.env, heap: b.heap, calls: b.calls, receivers: b.receivers, facts: b.facts[:0], seen: b.seen}
	return s.last
}

// versions finds the assignments at the outermost level of the body: behind
// one, its variable no longer leads to what it led to before. Variables that
// literals share, or of which an address is taken, have one version.
func (b *body) versions(block *ast.BlockStmt) {
	b.replaced = map[*types.Var][]token.Pos{}
	for _, s := range block.List {
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.ASSIGN {
			continue
		}
		for _, l := range a.Lhs {
			if v := b.local(l); v != nil {
				b.replaced[v] = append(b.replaced[v], a.End())
			}
		}
	}
	if len(b.replaced) > 0 {
		ast.Inspect(block, func(n ast.Node) bool { return b.sharing(n, false) })
	}
}

// sharing drops the versions of variables that n shares, which may stand in a
// function literal.
func (b *body) sharing(n ast.Node, inLiteral bool) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		if !inLiteral {
			ast.Inspect(n, func(n ast.Node) bool { return b.sharing(n, true) })
			return false
		}
	case *ast.Ident:
		if inLiteral {
			delete(b.replaced, b.local(n))
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			delete(b.replaced, b.local(n.X))
		}
	case *ast.LabeledStmt:
		clear(b.replaced)
	}
	return true
}

// local returns the variable that e names, or nil.
func (b *body) local(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	obj := b.info.Uses[id]
	if obj == nil {
		obj = b.info.Defs[id]
	}
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return nil
	}
	return v
}

// at is the version of v that is used at pos.
func (b *body) at(v *types.Var, pos token.Pos) variable {
	n := 0
	for _, end := range b.replaced[v] {
		if end <= pos {
			n++
		}
	}
	return variable{v, n}
}

func (b *body) get(v variable) *value {
	if b.env[v] == nil {
		b.env[v] = &value{}
	}
	return b.env[v]
}

func (b *body) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		b.assign(n)
	case *ast.IncDecStmt:
		b.store(n.X, nil, n)
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Values) == len(n.Names) {
				b.define(id, b.eval(n.Values[i]), id.Pos())
			} else if len(n.Values) == 1 {
				b.define(id, b.eval(n.Values[0]), id.Pos())
			}
		}
	case *ast.RangeStmt:
		b.ranges(n)
	case *ast.TypeSwitchStmt:
		b.typeSwitch(n)
	case *ast.ReturnStmt:
		b.returns(n)
	case *ast.GoStmt:
		b.later++
		ast.Inspect(n.Call, b.node)
		b.later--
		return false
	case *ast.FuncLit:
		was := b.literal
		b.literal = n
		ast.Inspect(n.Body, b.node)
		b.literal = was
		return false
	case *ast.CallExpr:
		b.call(n)
	case *ast.SendStmt:
		b.send(n)
	}
	return true
}

func (b *body) define(e ast.Expr, v *value, pos token.Pos) {
	if x := b.local(e); x != nil && v != nil && follows(x.Type()) {
		b.grown = b.get(b.at(x, pos)).add(v, 0) || b.grown
	}
}

// follows is leads for variables: functions and channels are followed, too.
func follows(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Chan:
		return true
	case *types.Struct:
		for f := range u.Fields() {
			if follows(f.Type()) {
				return true
			}
		}
	}
	return leads(t)
}

func (b *body) assign(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		var v *value
		switch {
		case len(n.Lhs) == len(n.Rhs):
			v = b.eval(n.Rhs[i])
		case len(n.Rhs) == 1:
			v = b.eval(n.Rhs[0])
			if _, lookup := ast.Unparen(n.Rhs[0]).(*ast.IndexExpr); lookup && i > 0 {
				v = nil // it is the ok
			}
		}
		if x := b.local(l); x != nil {
			b.define(l, v, n.End())
			continue
		}
		b.store(l, v, n)
	}
}

func (b *body) ranges(n *ast.RangeStmt) {
	_, isArray := b.typeOf(n.X).(*types.Array)
	elem := b.member(b.eval(n.X), "[]", !isArray)
	if v := b.eval(n.X); v != nil && v.gives != nil {
		elem = &value{}
		elem.add(b.member(v, "[]", true), 0)
		elem.add(v.gives, 0)
	}
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if e == nil {
			continue
		}
		v := elem
		if e == n.Key {
			v = nil
			switch b.typeOf(n.X).(type) {
			case *types.Map, *types.Chan, *types.Signature:
				v = elem
			}
		}
		if b.local(e) != nil {
			b.define(e, v, e.Pos())
		} else if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			b.store(e, v, n)
		}
	}
}

func (b *body) typeSwitch(n *ast.TypeSwitchStmt) {
	a, ok := n.Assign.(*ast.AssignStmt)
	if !ok {
		return
	}
	x := b.eval(a.Rhs[0])
	for _, c := range n.Body.List {
		if v, ok := b.info.Implicits[c].(*types.Var); ok && x != nil {
			b.grown = b.get(variable{v, 0}).add(x, 0) || b.grown
		}
	}
}

func (b *body) returns(n *ast.ReturnStmt) {
	for _, e := range n.Results {
		b.returned(n, b.eval(e), b.typeOf(e))
	}
	if of := b.signature(); len(n.Results) == 0 && of.Results != nil { // of variables, if they have names
		for _, f := range of.Results.List {
			for _, id := range f.Names {
				if v := b.local(id); v != nil {
					b.returned(n, b.env[b.at(v, n.Pos())], v.Type())
				}
			}
		}
	}
}

// signature is that of the function around: the innermost literal, or the whole.
func (b *body) signature() *ast.FuncType {
	if b.literal != nil {
		return b.literal.Type
	}
	return b.fn.Type
}

// returned takes note of one result, which leads to v.
func (b *body) returned(n *ast.ReturnStmt, v *value, t types.Type) {
	switch {
	case v == nil || !follows(t):
	case b.literal != nil:
		b.grown = b.result(b.literal).add(v, 0) || b.grown
	default:
		for _, r := range v.refs {
			b.record(found{kind: Returns, ref: r}, description{}, n)
		}
		for _, h := range v.held() {
			b.record(found{kind: Returns, ref: h.ref, held: h.by}, description{}, n)
		}
	}
}

// result is what calls of a function literal return or, of an iterator, what it
// yields: the same at each look at it.
func (b *body) result(lit *ast.FuncLit) *value {
	if b.results[lit] == nil {
		if b.results == nil {
			b.results = map[*ast.FuncLit]*value{}
		}
		b.results[lit] = &value{}
	}
	return b.results[lit]
}

// typeOf is the underlying type of e, behind a pointer to an array the array.
func (b *body) typeOf(e ast.Expr) types.Type {
	t := b.info.TypeOf(e)
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t.Underlying()
}

// eval returns what e may lead to, or nil. It must not be changed.
func (b *body) eval(e ast.Expr) *value {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := b.local(e); v != nil {
			return b.env[b.at(v, e.Pos())]
		}
		return b.function(e)
	case *ast.SelectorExpr:
		if v := b.function(e); v != nil {
			return v
		}
		return b.selector(e)
	case *ast.IndexExpr:
		if _, isFunc := b.typeOf(e.X).(*types.Signature); isFunc {
			return b.function(e)
		}
		_, isArray := b.typeOf(e.X).(*types.Array)
		return b.member(b.eval(e.X), "[]", !isArray)
	case *ast.StarExpr:
		v := b.eval(e.X)
		if v == nil {
			return nil
		}
		out := &value{refs: slices.Clip(v.refs)} // what is added here isn't v's
		out.add(v.box, 0)
		return out
	case *ast.SliceExpr:
		return b.slice(e)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
				return &value{box: b.content(lit)}
			}
			return b.location(e.X)
		}
		if e.Op == token.ARROW {
			return b.member(b.eval(e.X), "[]", true)
		}
	case *ast.CompositeLit:
		switch b.typeOf(e).(type) {
		case *types.Slice, *types.Map, *types.Pointer:
			return &value{box: b.content(e)}
		}
		return b.content(e)
	case *ast.TypeAssertExpr:
		return b.eval(e.X)
	case *ast.CallExpr:
		return b.call(e)
	case *ast.FuncLit:
		return &value{lits: []*ast.FuncLit{e}, gives: b.result(e)}
	}
	return nil
}

func (b *body) slice(e *ast.SliceExpr) *value {
	v := b.eval(e.X)
	if _, isArray := b.typeOf(e.X).(*types.Array); isArray {
		v = b.location(e.X)
	}
	if v == nil || e.High == nil {
		return v
	}
	out := &value{box: v.box}
	for _, r := range v.refs {
		r.part = true
		out.refs = append(out.refs, r)
	}
	return out
}

// content is what the elements of a literal lead to.
func (b *body) content(lit *ast.CompositeLit) *value {
	out := &value{}
	st, isStruct := b.typeOf(lit).(*types.Struct)
	if ptr, ok := b.typeOf(lit).(*types.Pointer); ok { // an elided &T in a literal of pointers
		st, isStruct = ptr.Elem().Underlying().(*types.Struct)
	}
	for i, e := range lit.Elts {
		name := "[]"
		kv, keyed := e.(*ast.KeyValueExpr)
		if keyed {
			e = kv.Value
		}
		if isStruct {
			if keyed {
				name = kv.Key.(*ast.Ident).Name
			} else if i < st.NumFields() {
				name = st.Field(i).Name()
			}
		}
		if v := b.eval(e); v != nil {
			out.field(name).add(v, 0)
		}
	}
	return out
}

// selector is what a field leads to, through those of embedded structs.
func (b *body) selector(e *ast.SelectorExpr) *value {
	s := b.info.Selections[e]
	if s == nil || s.Kind() != types.FieldVal {
		return nil
	}
	v, t := b.eval(e.X), s.Recv()
	for _, i := range s.Index() {
		ptr, isPtr := t.Underlying().(*types.Pointer)
		if isPtr {
			t = ptr.Elem()
		}
		f := t.Underlying().(*types.Struct).Field(i)
		v, t = b.member(v, f.Name(), isPtr), f.Type()
	}
	return v
}

// member is what a field, or the elements, of v lead to; through a pointer, if v
// is one (or a slice or map).
func (b *body) member(v *value, name string, pointer bool) *value {
	if v == nil {
		return nil
	}
	out := &value{}
	for _, r := range v.refs {
		out.addRef(r.load(name))
		if r.callee == nil {
			out.add(b.heap[cell{r.Place, name}], 0)
		}
	}
	c := v
	if pointer {
		if c = v.box; c == nil {
			return out
		}
		for _, r := range c.refs {
			out.addRef(r.load(name))
		}
	}
	out.add(c.fields[name], 0)
	return out
}

// location is a pointer to the memory that an addressable expression names a
// part of.
func (b *body) location(e ast.Expr) *value {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := b.local(e); v != nil {
			return &value{box: b.get(b.at(v, e.Pos()))}
		}
	case *ast.SelectorExpr:
		base, name := b.holder(e)
		if base == nil {
			return nil
		}
		out := &value{refs: base.refs}
		if base.box != nil {
			out.box = base.box.field(name)
		}
		return out
	case *ast.IndexExpr:
		base := b.elements(e)
		if base == nil {
			return nil
		}
		out := &value{refs: base.refs}
		if base.box != nil {
			out.box = base.box.field("[]")
		}
		return out
	case *ast.StarExpr:
		return b.eval(e.X)
	case *ast.CompositeLit:
		return &value{box: b.content(e)}
	}
	return nil
}

// elements is a pointer to the memory that holds the element e.
func (b *body) elements(e *ast.IndexExpr) *value {
	if _, isArray := b.typeOf(e.X).(*types.Array); isArray {
		return b.location(e.X)
	}
	return b.eval(e.X)
}

// holder is a pointer to the struct that has the selected field, and the field.
func (b *body) holder(e *ast.SelectorExpr) (*value, string) {
	s := b.info.Selections[e]
	if s == nil || s.Kind() != types.FieldVal {
		return nil, ""
	}
	t := s.Recv()
	var base *value
	if _, isPtr := t.Underlying().(*types.Pointer); isPtr {
		base = b.eval(e.X)
	} else {
		base = b.location(e.X)
	}
	return b.through(base, t, s.Index())
}

// through follows embedded fields from base, a pointer to a t, to the last of
// index.
func (b *body) through(base *value, t types.Type, index []int) (*value, string) {
	name := ""
	for n, i := range index {
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			t = ptr.Elem()
		}
		f := t.Underlying().(*types.Struct).Field(i)
		name, t = f.Name(), f.Type()
		if n == len(index)-1 || base == nil {
			break
		}
		if _, isPtr := t.Underlying().(*types.Pointer); isPtr {
			base = b.member(base, name, true)
			continue
		}
		inner := &value{refs: base.refs}
		if base.box != nil {
			inner.box = base.box.field(name)
		}
		base = inner
	}
	return base, name
}

// store puts v into what e names, other than a local variable.
func (b *body) store(e ast.Expr, v *value, at ast.Node) {
	var base *value
	name := ""
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		base, name = b.holder(e)
	case *ast.IndexExpr:
		base, name = b.elements(e), "[]"
	case *ast.StarExpr:
		base = b.eval(e.X)
	}
	if base == nil {
		return
	}
	b.writes(base, description{before: "writes ", expr: e}, at)
	b.put(base, name, v)
}

// put lets a field, or the elements, of what base points to lead to v.
func (b *body) put(base *value, name string, v *value) {
	if v == nil {
		return
	}
	for _, r := range base.refs {
		if r.callee == nil {
			at := cell{r.Place, name}
			if b.heap[at] == nil {
				b.heap[at] = &value{}
			}
			b.grown = b.heap[at].add(v, 0) || b.grown
		}
	}
	if base.box != nil {
		to := base.box
		if name != "" {
			to = to.field(name)
		}
		b.grown = to.add(v, 0) || b.grown
	}
}
