package source

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
)

// A Need is a method that a function body may rest on without naming it: one of
// its types has it, and an interface that it uses asks for one of that name.
type Need struct {
	Method   string `json:"method"`   // path of the package, type and name
	Identity string `json:"identity"` // its signature, as it was
}

// needing finds what the bodies of one check use and need. Not for concurrent
// use.
type needing struct {
	q       *Package
	by      *meanings
	sources map[string]bool                    // paths of the packages from source that it can see
	methods map[*types.Named]map[string]string // their keys by name
	uses    map[types.Object]string            // see usedName
	last    *occurring                         // in the body before

	interfaces []*types.Interface // that the package declares by name
}

func newNeeding(q *Package, by *meanings) *needing {
	w := &needing{q: q, by: by, sources: map[string]bool{by.path: true}, methods: map[*types.Named]map[string]string{}, uses: map[types.Object]string{}}
	for _, v := range by.view {
		w.sources[v.path] = true
	}
	scope := q.Types.Scope()
	for _, a := range by.interfaces {
		for _, name := range a.names {
			if tn, ok := scope.Lookup(name).(*types.TypeName); ok {
				if t, ok := tn.Type().Underlying().(*types.Interface); ok {
					w.interfaces = append(w.interfaces, t)
				}
			}
		}
	}
	return w
}

// of returns what a function uses of its package, and what it needs, sorted.
func (w *needing) of(fn *ast.FuncDecl) (uses []string, needs []Need) {
	o := w.begin()
	ast.Inspect(fn, func(n ast.Node) bool {
		w.node(o, n)
		return true
	})
	for obj := range o.objects {
		if name := w.nameOf(obj); name != "" {
			uses = append(uses, name)
		}
	}
	slices.Sort(uses)
	return slices.Compact(uses), w.needs(fn, o)
}

// maxReusedTypes is how many types may occur in a body whose memory the next one takes
// over: in most there are few, and emptying large maps takes time.
const maxReusedTypes = 200

// begin returns what occurs in an empty body.
func (w *needing) begin() *occurring {
	if o := w.last; o == nil || len(o.seen)+len(o.offered)+len(o.objects) > maxReusedTypes {
		w.last = &occurring{named: map[*types.Named]bool{}, offered: map[string]bool{}, seen: map[types.Type]int{}, objects: map[types.Object]bool{}}
	} else {
		clear(o.named)
		clear(o.offered)
		clear(o.seen)
		clear(o.objects)
	}
	for _, name := range implicitMethods {
		w.last.offered[name] = true
	}
	return w.last
}

// nameOf is usedName, worked out once.
func (w *needing) nameOf(obj types.Object) string {
	name, ok := w.uses[obj]
	if !ok {
		name = usedName(w.q, obj)
		w.uses[obj] = name
	}
	return name
}

// needs lists the methods of the types that occur which interfaces ask for, and
// those that decide what fn implements.
func (w *needing) needs(fn *ast.FuncDecl, o *occurring) []Need {
	needs := map[string]string{}
	w.implementing(fn, needs)
	for n := range o.named {
		if n.Obj().Pkg() == nil || !w.sources[n.Obj().Pkg().Path()] {
			continue // its methods don't change
		}
		for name := range o.offered {
			w.need(n, name, needs)
		}
	}
	var out []Need
	for _, key := range slices.Sorted(maps.Keys(needs)) {
		out = append(out, Need{key, needs[key]})
	}
	return out
}

// need adds the method of a type, if it has one of that name.
func (w *needing) need(n *types.Named, name string, needs map[string]string) {
	if key := w.methodsOf(n)[name]; key != "" {
		if id, ok := w.by.signature(key); ok {
			needs[key] = id
		}
	}
}

// implementing adds the methods that decide which interfaces of the package the
// method fn is one of.
func (w *needing) implementing(fn *ast.FuncDecl, needs map[string]string) {
	f, ok := w.q.Info.Defs[fn.Name].(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return
	}
	t := types.Unalias(f.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || types.IsInterface(n) {
		return
	}
	for _, iface := range w.interfaces {
		asks := func(m *types.Func) bool { return m.Name() == fn.Name.Name }
		if slices.ContainsFunc(slices.Collect(iface.Methods()), asks) {
			for m := range iface.Methods() {
				w.need(n.Origin(), m.Name(), needs)
			}
		}
	}
}

// node takes the types that occur at one node.
func (w *needing) node(o *occurring, n ast.Node) {
	info := w.q.Info
	switch n := n.(type) {
	case *ast.Ident:
		w.ident(o, n)
	case *ast.CompositeLit:
		if t := info.Types[n].Type; t != nil {
			o.typ(t, depth)
			o.fields(t)
		}
	case *ast.CaseClause, *ast.Field:
		if obj := info.Implicits[n]; obj != nil && obj.Type() != nil {
			o.typ(obj.Type(), depth)
		}
	case ast.Expr:
		if t := info.Types[n].Type; t != nil {
			o.typ(t, depth)
		}
	}
}

// ident takes the types of an identifier. What a struct embeds is defined and
// used at once, and of one type.
func (w *needing) ident(o *occurring, id *ast.Ident) {
	info := w.q.Info
	obj := info.Uses[id]
	switch obj := obj.(type) {
	case nil:
		if obj := info.Defs[id]; obj != nil && obj.Type() != nil {
			o.object(obj)
		}
	case *types.Var: // the expression has its type
		o.objects[obj] = true
		if obj.Type() != nil {
			o.object(obj)
		}
		return
	default:
		o.objects[obj] = true
		if obj.Type() != nil {
			o.object(obj)
		}
		if inst, ok := info.Instances[id]; ok {
			o.instance(obj, inst)
		}
	}
	if t := info.Types[id].Type; t != nil {
		o.typ(t, depth)
	}
}

// methodsOf returns the keys of the methods of a type and of pointers to it,
// promoted ones among them, by their names.
func (w *needing) methodsOf(n *types.Named) map[string]string {
	ms, ok := w.methods[n]
	if !ok {
		ms = map[string]string{}
		set := types.NewMethodSet(types.NewPointer(n))
		for sel := range set.Methods() {
			if f, ok := sel.Obj().(*types.Func); ok {
				ms[f.Name()] = methodKey(f.Origin())
			}
		}
		w.methods[n] = ms
	}
	return ms
}

// methodKey names a method by its package, type and name.
func methodKey(m *types.Func) string {
	recv := m.Signature().Recv()
	if recv == nil || m.Pkg() == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || types.IsInterface(n) {
		return ""
	}
	return m.Pkg().Path() + " " + n.Obj().Name() + "." + m.Name()
}

// depth is how deep in a type that occurs in a body another can lie of which a
// value is assigned there: an element of a range over what a function returns.
const depth = 3

// occurring are the types that occur in a body.
type occurring struct {
	named   map[*types.Named]bool // not interfaces
	offered map[string]bool       // names of the methods of interfaces
	seen    map[types.Type]int
	objects map[types.Object]bool // that are used
}

func (o *occurring) object(obj types.Object) {
	o.typ(obj.Type(), depth)
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		o.typ(f.Signature().Recv().Type(), depth)
	}
}

func (o *occurring) typ(t types.Type, depth int) {
	if depth < 0 || o.seen[t] > depth {
		return
	}
	o.seen[t] = depth + 1
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if !types.IsInterface(t) {
			o.named[t.Origin()] = true
		}
		for a := range t.TypeArgs().Types() {
			o.typ(a, depth-1)
		}
		if _, ok := t.Underlying().(*types.Struct); !ok {
			o.typ(t.Underlying(), depth)
		}
	case *types.TypeParam:
		o.typ(t.Constraint(), depth)
	case *types.Pointer:
		o.typ(t.Elem(), depth)
	case *types.Slice:
		o.typ(t.Elem(), depth-1)
	case *types.Array:
		o.typ(t.Elem(), depth-1)
	case *types.Chan:
		o.typ(t.Elem(), depth-1)
	case *types.Map:
		o.typ(t.Key(), depth-1)
		o.typ(t.Elem(), depth-1)
	case *types.Tuple:
		o.tuple(t, depth)
	case *types.Signature:
		o.tuple(t.Params(), depth-1)
		o.tuple(t.Results(), depth-1)
	case *types.Interface:
		for m := range t.Methods() {
			o.offered[m.Name()] = true
		}
	case *types.Struct:
		for f := range t.Fields() {
			o.typ(f.Type(), depth-1)
		}
	}
}

func (o *occurring) tuple(t *types.Tuple, depth int) {
	for v := range t.Variables() {
		o.typ(v.Type(), depth)
	}
}

// fields takes what a composite literal of type t may hold.
func (o *occurring) fields(t types.Type) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if st, ok := t.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			o.typ(f.Type(), 1)
		}
	}
}

// instance takes type arguments, and what is asked of them.
func (o *occurring) instance(obj types.Object, inst types.Instance) {
	for a := range inst.TypeArgs.Types() {
		o.typ(a, depth)
	}
	var params *types.TypeParamList
	switch obj := obj.(type) {
	case *types.Func:
		params = obj.Signature().TypeParams()
	case *types.TypeName:
		if n, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			params = n.Origin().TypeParams()
		}
	}
	for p := range params.TypeParams() {
		o.typ(p.Constraint(), depth)
	}
}

// signature returns the identity of a method's signature, if it is one of a
// package from source.
func (t *meanings) signature(key string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.signatures[key]; ok {
		return id, id != ""
	}
	id := ""
	for _, v := range append([]*meanings{t}, t.view...) {
		if nodes := v.byMethod[key]; len(nodes) > 0 {
			var ids []string
			for _, n := range nodes {
				ids = append(ids, v.identity(n))
			}
			id = hashLines(ids)
		}
	}
	t.signatures[key] = id
	return id, id != ""
}

// stand reports whether the methods that a body needs are as they were.
func (t *meanings) stand(needs []Need) bool {
	for _, n := range needs {
		if id, _ := t.signature(n.Method); id != n.Identity {
			return false
		}
	}
	return true
}
