package callgraph

import (
	"go/constant"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/component"
)

// route is how HTTP routers write what a handler is for.
var route = regexp.MustCompile(`^(?:([A-Z]+) [\w.-]*)?(/\S*)$`)

// verbs are the names of HTTP methods that routers have functions for.
var verbs = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// routes finds the calls that register a handler under a path: a constant that
// looks like one, and a function. Which router it is doesn't matter.
func (b *builder) routes() {
	for _, fn := range b.functions {
		for site := range sites(fn) {
			b.route(site)
		}
	}
}

func (b *builder) route(site ssa.CallInstruction) {
	common := site.Common()
	if !b.mayRoute(common) {
		return
	}
	name, verb := "", calleeName(common)
	var handlers []*ssa.Function
	taken := false
	for _, arg := range common.Args {
		if s, ok := constantString(arg); ok && name == "" {
			if slices.Contains(verbs, s) { // Handle("GET", "/path", handler)
				verb = s
				continue
			}
			name = routeName(b.below(common, s), verb)
			continue
		}
		if takesRequests(arg.Type()) {
			taken = true
			handlers = append(handlers, b.handlers(arg)...)
		}
	}
	if name == "" || !taken || b.isGroup(site) {
		return
	}
	b.routed[site] = true
	b.graph.Entries = append(b.graph.Entries, component.Entry{Kind: component.EntryRoute, Name: name, Functions: b.indexes(handlers), Span: b.at(site.Pos())})
}

// mayRoute leaves out the functions of the standard library that take a path
// and a function and are no routers.
func (b *builder) mayRoute(common *ssa.CallCommon) bool {
	callee := common.StaticCallee()
	if callee == nil {
		return common.IsInvoke()
	}
	pkg := packageOf(callee)
	return pkg == "net/http" || strings.Contains(strings.SplitN(pkg, "/", 2)[0], ".") || b.local[pkg]
}

func calleeName(common *ssa.CallCommon) string {
	if common.IsInvoke() {
		return common.Method.Name()
	}
	return common.StaticCallee().Name()
}

func constantString(v ssa.Value) (string, bool) {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(c.Value), true
}

// routeName returns the route that pattern stands for, or "".
func routeName(pattern, function string) string {
	m := route.FindStringSubmatch(pattern)
	if m == nil {
		return ""
	}
	method := m[1]
	if up := strings.ToUpper(function); method == "" && slices.Contains(verbs, up) {
		method = up
	}
	return strings.TrimSpace(method + " " + m[2])
}

// takesRequests reports whether a value of type t may be a handler: a function
// that returns nothing but an error, a list of them, an http.Handler, or
// anything at all.
func takesRequests(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Signature:
		n := u.Results().Len()
		return n == 0 || n == 1 && types.Identical(u.Results().At(0).Type(), types.Universe.Lookup("error").Type())
	case *types.Slice:
		return takesRequests(u.Elem())
	case *types.Interface:
		for m := range u.Methods() {
			if m.Name() == "ServeHTTP" {
				return true
			}
		}
		return u.Empty()
	}
	return false
}

// handlers are the functions that run when the handler v does.
func (b *builder) handlers(v ssa.Value) []*ssa.Function {
	if mi, ok := v.(*ssa.MakeInterface); ok {
		if fns := handed(mi.X); len(fns) > 0 {
			return fns
		}
		if sel := b.prog.MethodSets.MethodSet(mi.X.Type()).Lookup(nil, "ServeHTTP"); sel != nil {
			if fn := b.prog.MethodValue(sel); fn != nil {
				return []*ssa.Function{fn}
			}
		}
	}
	return handed(v)
}

// handed are the functions that v is, as far as the expression shows: itself,
// what a conversion or a list holds, what a called function returns, or else
// what was given to that.
func handed(v ssa.Value) []*ssa.Function {
	f := &follower{seen: map[ssa.Value]bool{}}
	f.follow(v)
	return f.found
}

// A follower looks for functions in an expression. It sees each value once.
type follower struct {
	seen  map[ssa.Value]bool
	found []*ssa.Function
}

func (f *follower) follow(v ssa.Value) {
	if v == nil || f.seen[v] {
		return
	}
	f.seen[v] = true
	switch v := v.(type) {
	case *ssa.Function:
		f.found = append(f.found, v)
	case *ssa.MakeClosure:
		f.follow(v.Fn)
	case *ssa.ChangeType:
		f.follow(v.X)
	case *ssa.MakeInterface:
		f.follow(v.X)
	case *ssa.ChangeInterface:
		f.follow(v.X)
	case *ssa.Phi:
		for _, e := range v.Edges {
			f.follow(e)
		}
	case *ssa.Slice:
		f.elements(v.X)
	case *ssa.Call:
		f.results(v)
	}
}

// elements follows what is stored into an array, as for variadic arguments.
func (f *follower) elements(array ssa.Value) {
	if array.Referrers() == nil {
		return
	}
	for _, r := range *array.Referrers() {
		at, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, s := range *at.Referrers() {
			if store, ok := s.(*ssa.Store); ok && store.Addr == at {
				f.follow(store.Val)
			}
		}
	}
}

// results follows what a call returns: middleware returns a function literal,
// or, where its body isn't seen, what it was given.
func (f *follower) results(call *ssa.Call) {
	before := len(f.found)
	if callee := call.Call.StaticCallee(); callee != nil {
		for _, block := range callee.Blocks {
			if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
				for _, r := range ret.Results {
					f.follow(r)
				}
			}
		}
	}
	if len(f.found) > before {
		return
	}
	for _, arg := range call.Call.Args {
		f.follow(arg)
	}
}

// mains adds the programs of the module. Initialisation runs before main.
func (b *builder) mains() {
	for _, q := range b.pkgs {
		if q.Pkg.Name != "main" || b.prog.Package(q.Types) == nil {
			continue
		}
		pkg := b.prog.Package(q.Types)
		var fns []*ssa.Function
		for _, name := range []string{"init", "main"} {
			if fn := pkg.Func(name); fn != nil {
				fns = append(fns, fn)
			}
		}
		name := q.Pkg.Dir
		if name == "." {
			name = "main"
		}
		e := component.Entry{Kind: component.EntryMain, Name: name, Functions: b.indexes(fns)}
		if main := pkg.Func("main"); main != nil {
			e.Span = b.at(main.Pos())
		}
		b.graph.Entries = append(b.graph.Entries, e)
	}
}

// rpc is the name of a method's handler in the code that protoc-gen-go-grpc
// writes.
var rpc = regexp.MustCompile(`^_(\w+)_(\w+)_Handler$`)

// roots adds the functions that nothing seen calls: what the outside calls
// through an interface or by name, and dead code. A function literal counts as
// called where it stands instead.
func (b *builder) roots() {
	called := b.called()
	for i, fn := range b.functions {
		if called[i] || fn.Synthetic != "" {
			continue
		}
		f := &b.graph.Functions[i]
		if parent, ok := b.index[fn.Parent()]; ok {
			p := &b.graph.Functions[parent]
			p.Calls = append(p.Calls, component.Call{To: []int{i}, Span: f.Span})
			continue
		}
		name := strings.TrimLeft(strings.TrimPrefix(f.ID, b.path), "/.")
		if m := rpc.FindStringSubmatch(fn.Name()); m != nil {
			name = m[1] + "/" + m[2]
		}
		b.graph.Entries = append(b.graph.Entries, component.Entry{Kind: component.EntryRoot, Name: name, Functions: []int{i}, Span: f.Span})
	}
}

// called says of each function whether it is an entry or anything calls it.
func (b *builder) called() []bool {
	called := make([]bool, len(b.functions))
	for _, e := range b.graph.Entries {
		for _, i := range e.Functions {
			called[i] = true
		}
	}
	for _, f := range b.graph.Functions {
		for _, c := range f.Calls {
			for _, to := range c.To {
				called[to] = true
			}
		}
	}
	return called
}
