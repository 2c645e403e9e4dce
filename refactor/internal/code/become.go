package code

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/internal/source"
)

// conversions is which types the program is seen to convert to which interfaces, by
// way of others or directly. Its nodes are the module's declared types, its
// interfaces by their methods, its type parameters, and three for interfaces that
// the module doesn't declare. It is found out once for all requests, so it knows the
// module's files by their names.
type conversions struct {
	fset  *token.FileSet
	files map[string]bool
	to    map[string]map[string]bool
	types map[string]types.Type // of nodes that are declared types

	mu    sync.Mutex            // guards what questions add
	known map[types.Type]string // what node found out
	reach map[string]map[string]bool
}

const (
	// abroad is where code of other modules may do whatever it likes.
	abroad = "*"
	// printed is where other modules look for methods that print, encode or
	// compare, and for no others: those of wellKnown.
	printed = "#"
	// anything is any value in code of the module.
	anything = "?"
)

func (w *World) conversions() *conversions {
	if w.converted == nil {
		w.converted = derive(w, "conversions", w.collectConversions)
	}
	return w.converted
}

func (w *World) collectConversions() *conversions {
	files := map[string]bool{}
	for name := range w.byName {
		files[name] = true
	}
	workers := runtime.GOMAXPROCS(0)
	found := make([]*conversions, workers)
	var g errgroup.Group
	for i := range workers {
		g.Go(func() error {
			c := newConversions(w.Fset, files)
			for k := i; k < len(w.Files); k += workers {
				f := w.Files[k]
				f.Walk(func(n ast.Node, stack []ast.Node) { c.visit(f, n, stack) })
			}
			for k := i; k < len(w.Packages); k += workers {
				c.instances(w.Packages[k].Info)
			}
			found[i] = c
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	all := newConversions(w.Fset, files)
	all.edge(abroad, printed)
	all.edge(abroad, anything)
	for _, c := range found {
		all.add(c)
	}
	all.widen()
	return all
}

func newConversions(fset *token.FileSet, files map[string]bool) *conversions {
	return &conversions{fset: fset, files: files, to: map[string]map[string]bool{}, types: map[string]types.Type{}, known: map[types.Type]string{}, reach: map[string]map[string]bool{}}
}

// add takes over what another collected.
func (c *conversions) add(other *conversions) {
	for from, tos := range other.to {
		for to := range tos {
			c.edge(from, to)
		}
	}
	maps.Copy(c.types, other.types)
	maps.Copy(c.known, other.known)
}

// own reports whether the module declares obj.
func (c *conversions) own(obj types.Object) bool {
	return c.files[c.fset.PositionFor(obj.Pos(), false).Filename]
}

// Becomes reports whether a value of t, or a pointer to one, is seen to become a
// value of an interface: where it is converted, handed from one interface to the
// next, asserted, or where code of other modules may do so.
func (w *World) Becomes(t types.Type, it *types.Interface) bool {
	c := w.conversions()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reached(c.node(t))[c.node(it)]
}

// node returns the node of a type; "" where it has none.
func (c *conversions) node(t types.Type) string {
	n, ok := c.known[t]
	if !ok {
		n = c.nodeOf(t)
		c.known[t] = n
	}
	return n
}

func (c *conversions) nodeOf(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if tp, ok := t.(*types.TypeParam); ok {
		return "P" + c.place(tp.Obj())
	}
	if it, ok := t.Underlying().(*types.Interface); ok {
		if it.Empty() {
			return anything
		}
		for m := range it.Methods() {
			if c.own(m) {
				return "I" + canon(it, (*types.Package).Path)
			}
		}
		return abroad
	}
	n, ok := t.(*types.Named)
	if !ok || !c.own(n.Origin().Obj()) {
		return ""
	}
	k := "T" + c.place(n.Origin().Obj())
	c.types[k] = n.Origin()
	return k
}

func (c *conversions) place(obj types.Object) string {
	return c.fset.PositionFor(obj.Pos(), false).String()
}

func (c *conversions) edge(from, to string) {
	if from == "" || to == "" || from == to {
		return
	}
	if c.to[from] == nil {
		c.to[from] = map[string]bool{}
	}
	c.to[from][to] = true
}

// convert records that a value of s goes to a place of t, and to whom that is: where
// it is one of another module, all that is in the value does.
func (c *conversions) convert(s, t types.Type, whose string) {
	if s == nil || t == nil {
		return
	}
	if _, param := types.Unalias(t).(*types.TypeParam); param {
		return
	}
	if types.IsInterface(t) {
		switch to := c.node(t); to {
		case abroad:
			whose = abroad
		case anything:
			whose = cmp.Or(whose, anything)
		default:
			c.edge(c.node(s), to)
		}
	}
	if whose == "" {
		return
	}
	c.inside(s, func(n string) {
		if n[0] != 'T' || types.IsInterface(t) { // another module can't name a type of this one
			c.edge(n, whose)
		}
	})
}

// whose returns the node of who has the place that the value at the end of stack
// goes to, where that is code of another module: a parameter, or a part of a type;
// else "".
func (c *conversions) whose(f *File, stack []ast.Node) string {
	i := len(stack) - 2
	for i > 0 {
		if _, ok := stack[i].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	info := f.Pkg.Info
	switch p := stack[i].(type) {
	case *ast.CallExpr:
		return c.callee(f, p)
	case *ast.KeyValueExpr:
		if lit, ok := stack[max(i-1, 0)].(*ast.CompositeLit); ok {
			return c.owner(info.TypeOf(lit))
		}
	case *ast.CompositeLit:
		return c.owner(info.TypeOf(p))
	case *ast.AssignStmt:
		for k, r := range p.Rhs {
			if ast.Unparen(r) != stack[len(stack)-1] || len(p.Lhs) != len(p.Rhs) {
				continue
			}
			switch l := ast.Unparen(p.Lhs[k]).(type) {
			case *ast.SelectorExpr:
				if v := info.Uses[l.Sel]; v != nil && !c.own(v) {
					return habits(v.Pkg())
				}
			case *ast.IndexExpr:
				return c.owner(info.TypeOf(l.X))
			}
		}
	case *ast.SendStmt:
		return c.owner(info.TypeOf(p.Chan))
	}
	return ""
}

// callee returns whose function a call calls; "" for one of the module, and where
// it isn't known but by its type.
func (c *conversions) callee(f *File, call *ast.CallExpr) string {
	tv := f.Pkg.Info.Types[ast.Unparen(call.Fun)]
	if tv.IsType() {
		return c.owner(tv.Type)
	}
	if tv.IsBuiltin() {
		return ""
	}
	fn := f.Callee(call)
	if fn == nil {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if v := f.Pkg.Info.Uses[sel.Sel]; v != nil && !c.own(v) {
				return habits(v.Pkg())
			}
		}
		return ""
	}
	if c.own(fn) {
		return ""
	}
	return habits(fn.Pkg())
}

// owner returns whose a declared type of another module is, or "".
func (c *conversions) owner(t types.Type) string {
	if t == nil {
		return ""
	}
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil || c.own(n.Obj()) {
		return ""
	}
	return habits(n.Obj().Pkg())
}

// habits says what a package of another module does with values that it is given.
func habits(p *types.Package) string {
	if p == nil {
		return ""
	}
	switch p.Path() {
	case "fmt", "log", "log/slog", "errors", "testing", "encoding/json", "encoding/xml", "encoding/gob", "sort":
		return printed
	case "sync", "sync/atomic", "context", "container/list", "container/ring", "container/heap", "slices", "maps", "cmp", "iter", "unique":
		return anything
	}
	return abroad
}

// inside visits the nodes of which values are part of a value of t, as far as its
// own type says: what a declared type is made of is left out.
func (c *conversions) inside(t types.Type, visit func(string)) {
	seen := map[types.Type]bool{}
	var in func(types.Type)
	in = func(t types.Type) {
		t = types.Unalias(t)
		if seen[t] {
			return
		}
		seen[t] = true
		if n := c.node(t); n != "" {
			visit(n)
		}
		if n, ok := t.(*types.Named); ok {
			for a := range n.TypeArgs().Types() {
				in(a)
			}
			return
		}
		for _, part := range parts(t) {
			in(part)
		}
	}
	in(t)
}

// parts returns the types that a type is made of.
func parts(t types.Type) []types.Type {
	switch t := t.(type) {
	case *types.Pointer:
		return []types.Type{t.Elem()}
	case *types.Slice:
		return []types.Type{t.Elem()}
	case *types.Array:
		return []types.Type{t.Elem()}
	case *types.Chan:
		return []types.Type{t.Elem()}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Signature:
		var out []types.Type
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				out = append(out, v.Type())
			}
		}
		return out
	case *types.Struct:
		var out []types.Type
		for v := range t.Fields() {
			out = append(out, v.Type())
		}
		return out
	}
	return nil
}

// widen adds what code of other modules gets together with a value: its parts, and
// what its exported methods return.
func (c *conversions) widen() {
	done := map[string]bool{}
	for {
		clear(c.reach)
		var next []string
		for n := range c.types {
			for _, to := range []string{abroad, printed} {
				if !done[n+to] && c.reached(n)[to] {
					done[n+to] = true
					next = append(next, n+to)
				}
			}
		}
		if len(next) == 0 {
			return
		}
		for _, k := range next {
			c.give(c.types[k[:len(k)-1]], k[len(k)-1:])
		}
	}
}

// give records that whoever has a value of a declared type has its parts as well,
// and what its exported methods return.
func (c *conversions) give(t types.Type, whose string) {
	to := func(t types.Type) { c.inside(t, func(n string) { c.edge(n, whose) }) }
	for _, part := range parts(t.Underlying()) {
		to(part)
	}
	for m := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() && whose == abroad {
			for v := range fn.Signature().Results().Variables() {
				to(v.Type())
			}
		}
	}
}

// reached returns the nodes that values of one get to.
func (c *conversions) reached(from string) map[string]bool {
	if known, ok := c.reach[from]; ok {
		return known
	}
	seen := map[string]bool{}
	var visit func(string)
	visit = func(n string) {
		for m := range c.to[n] {
			if !seen[m] {
				seen[m] = true
				visit(m)
			}
		}
	}
	visit(from)
	c.reach[from] = seen
	return seen
}

// intended reports whether a type may be there for an interface of the module that
// only users of the module convert it to: both can be used from elsewhere, and one
// of their packages knows the other.
func (w *World) intended(t types.Type, m *types.Func) bool {
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil || m.Pkg() == nil || !n.Obj().Exported() || !m.Exported() {
		return false
	}
	p, q := n.Obj().Pkg(), m.Pkg()
	return importable(p) && importable(q) && (p.Path() == q.Path() || w.imports(p.Path(), q.Path()) || w.imports(q.Path(), p.Path()))
}

// imports reports whether a package of the module imports another, its tests left
// out.
func (w *World) imports(path, other string) bool {
	return slices.ContainsFunc(w.Packages, func(p *source.Package) bool {
		return p.ForTest == "" && p.Pkg.Path == path && slices.Contains(p.Imports, other)
	})
}

// importable reports a package that code of other modules may import.
func importable(p *types.Package) bool {
	return p.Name() != "main" && !strings.Contains("/"+p.Path()+"/", "/internal/") && !strings.HasSuffix(p.Path(), "_test")
}
