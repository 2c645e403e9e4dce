package copyonboundary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// same reports whether two objects are one, perhaps in two variants of a package.
func (j *job) same(a, b types.Object) bool {
	if a == nil || b == nil {
		return false
	}
	return a == b || j.world.Key(origin(a)) == j.world.Key(origin(b))
}

func origin(o types.Object) types.Object {
	if v, ok := o.(*types.Var); ok {
		return v.Origin()
	}
	return o
}

// check refuses the callers of an edge that rely on the shared memory.
func (j *job) check(e *edge) {
	members, _ := j.world.Class(e.decl.Obj)
	if why := j.world.ByName(e.decl.Obj); why != "" {
		j.refuse(e.decl.Obj.Pos(), "relies-on-sharing", e.decl.Obj.Name()+" may be called by its name ("+why+"), by code that isn't seen", "copy by hand")
		return
	}
	seen := map[use]bool{}
	for _, m := range members {
		if e.result >= 0 {
			j.takers(e, m, e.result, seen)
			continue
		}
		for i := range m.Signature().Params().Len() {
			if e.decl.Obj.Signature().Params().At(i) == e.param {
				j.givers(e, m, i, seen)
			}
		}
	}
	if e.result < 0 {
		j.afterStore(e)
	}
}

// A use is a result or parameter of a function that was looked at.
type use struct {
	fn code.Key
	i  int
}

// takers looks at those who get result i of fn.
func (j *job) takers(e *edge, fn *types.Func, i int, seen map[use]bool) {
	key := use{j.world.Key(fn.Origin()), i}
	if seen[key] {
		return
	}
	seen[key] = true
	for _, ref := range j.world.Refs(fn) {
		if ref.Call == nil {
			j.refuse(ref.ID.Pos(), "relies-on-sharing", fn.Name()+" is used as a value here, so its callers aren't seen", "call it in a function literal")
			continue
		}
		for _, ev := range j.result(ref, i) {
			j.taken(e, ref, ev, seen)
		}
	}
}

// result returns what becomes of the i-th result of a call.
func (j *job) result(ref *code.Ref, i int) []event {
	path := ref.Path
	at := slices.Index(path, ast.Node(ref.Call))
	for at > 0 {
		if _, paren := path[at-1].(*ast.ParenExpr); !paren {
			break
		}
		at--
	}
	if ref.Fn.Signature().Results().Len() == 1 {
		return j.follow(ref.File, path, at, nil)
	}
	fl := &flow{job: j, file: ref.File, vars: map[*types.Var]bool{}}
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			fl.fn = d
		}
	}
	if fl.fn == nil {
		return []event{{kind: kept, pos: ref.Call.Pos(), why: "is used by an initializer"}}
	}
	switch p := path[at-1].(type) {
	case *ast.ExprStmt:
	case *ast.AssignStmt:
		fl.into(p.Lhs[i], ref.Call)
	case *ast.ValueSpec:
		fl.into(p.Names[i], ref.Call)
	case *ast.ReturnStmt:
		fl.events = append(fl.events, event{kind: returned, pos: ref.Call.Pos(), why: "is returned", fn: fl.fn, at: i})
	default:
		fl.add(kept, ref.Call, "is given to a function together with other results")
	}
	return fl.events
}

// taken judges what a caller does with a result.
func (j *job) taken(e *edge, ref *code.Ref, ev event, seen map[use]bool) {
	what := "what " + e.decl.Obj.Name() + " returns " + ev.why + " here"
	switch ev.kind {
	case written:
		j.refuse(ev.pos, "relies-on-sharing", what+", which changes "+j.stateName(e)+" today", "change it by a method of "+j.typ.Obj().Name())
	case appended:
		j.refuse(ev.pos, "relies-on-sharing", what+", which may write into the memory of "+j.stateName(e), "append to a slice of your own: slices.Clone")
	case kept:
		j.refuse(ev.pos, "relies-on-sharing", what+", so that it may be used and changed later", "keep a copy, or take the value again where it is needed")
	case compared:
		j.refuse(ev.pos, "relies-on-sharing", what+", and a copy is another one", "compare a key instead")
	case measured:
		j.refuse(ev.pos, "relies-on-sharing", what+", and a copy has the capacity that it needs", "let "+j.typ.Obj().Name()+" tell it")
	case returned:
		fn, _ := ref.File.Pkg.Info.Defs[ev.fn.Name].(*types.Func)
		if fn == nil {
			return
		}
		members, _ := j.world.Class(fn)
		for _, m := range members {
			j.takers(e, m, ev.at, seen)
		}
	case read:
		j.readLater(e, ref, ev)
	}
}

func (j *job) stateName(e *edge) string {
	return j.typ.Obj().Name() + "." + e.fields[len(e.fields)-1].Name()
}

// readLater refuses a caller that reads a result after a call that may change the
// state.
func (j *job) readLater(e *edge, ref *code.Ref, ev event) {
	change := j.changes(e)
	if change == nil {
		return
	}
	if literalAt(ev.fn, ev.pos, ref.Call.Pos()) {
		j.refuse(ev.pos, "relies-on-sharing", "what "+e.decl.Obj.Name()+" returned is read here by a function literal that may run after "+j.stateName(e)+" "+change.why+" ("+j.at(change.pos)+")", "take the value again in the literal")
		return
	}
	if pos := between(ref.File, ev.fn, ref.Call.End(), ev.pos, ref.Call.Pos()); pos.IsValid() {
		j.refuse(ev.pos, "relies-on-sharing", "what "+e.decl.Obj.Name()+" returned is still read here, after a call ("+j.at(pos)+") that may change "+j.stateName(e)+": it "+change.why+" ("+j.at(change.pos)+")", "take the value again after the call, or a copy where the old one is meant")
	}
}

// literalAt reports whether a place stands in a function literal that doesn't contain
// origin, so that it may run at any later time.
func literalAt(fn *ast.FuncDecl, at, origin token.Pos) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		found = found || ok && lit.Pos() <= at && at < lit.End() && !(lit.Pos() <= origin && origin < lit.End())
		return !found
	})
	return found
}

// between returns a call that runs code of somebody, between two positions of a
// function or in a loop around the second one that doesn't contain origin.
func between(f *code.File, fn *ast.FuncDecl, from, to, origin token.Pos) (found token.Pos) {
	var loops []ast.Node
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() <= to && to <= n.End() && !(n.Pos() <= origin && origin < n.End()) {
				loops = append(loops, n)
			}
		case *ast.CallExpr:
			if found.IsValid() || quiet(f, n) {
				return true
			}
			in := from <= n.Pos() && n.Pos() < to
			for _, l := range loops {
				in = in || l.Pos() <= n.Pos() && n.Pos() < l.End()
			}
			if in {
				found = n.Pos()
			}
		}
		return true
	})
	return found
}

// quiet reports a call that runs no code which could change a component's state.
func quiet(f *code.File, call *ast.CallExpr) bool {
	if tv := f.Pkg.Info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	fn := f.Callee(call)
	if fn == nil {
		return false
	}
	if fn.Pkg() == nil {
		return true
	}
	path := fn.Pkg().Path()
	return readers[path] || path == "fmt" || path == "log" || path == "testing" || path == "time" || path == "math" || path == "reflect"
}

// changes finds out whether anything changes the memory of an edge in place, which
// whoever holds it sees; nil where nothing does.
func (j *job) changes(e *edge) *inPlace {
	if j.world.Decoded(j.typ.Obj()) {
		return &inPlace{event: event{why: "is filled from data", pos: j.typ.Obj().Pos()}}
	}
	t := e.decl.File.Pkg.Info.TypeOf(e.expr)
	for _, f := range e.fields {
		for _, c := range j.changesOf(f) {
			if c.concerns(t) {
				return &c
			}
		}
	}
	return nil
}

func (j *job) changesOf(field *types.Var) []inPlace {
	if c, known := j.changed[field]; known {
		return c
	}
	j.changed[field] = nil
	var out []inPlace
	for _, f := range j.world.Files {
		f.Walk(func(n ast.Node, path []ast.Node) {
			if id, ok := n.(*ast.Ident); ok && j.same(f.Pkg.Info.Uses[id], field) {
				out = append(out, j.mention(f, slices.Clone(path), field)...)
			}
		})
	}
	j.changed[field] = out
	return out
}

// mention judges one mention of a field.
func (j *job) mention(f *code.File, path []ast.Node, field *types.Var) []inPlace {
	i := len(path) - 1
	switch p := path[i-1].(type) {
	case *ast.SelectorExpr:
		if p.Sel == path[i] {
			i--
		}
	case *ast.KeyValueExpr:
		if p.Key == path[i] {
			return j.fromElsewhere(f, p.Value)
		}
	}
	// What is assigned to the field, or to a part of it.
	for k := i; k > 0; k-- {
		switch p := path[k-1].(type) {
		case *ast.IndexExpr, *ast.ParenExpr:
			continue
		case *ast.AssignStmt:
			if l := slices.Index(p.Lhs, path[k].(ast.Expr)); l >= 0 {
				return j.assigned(f, p, l, k == i)
			}
		}
		break
	}
	return j.leaks(f, j.follow(f, path, i, field), map[use]bool{})
}

// leaks picks the events by which memory is changed in place, or may be, by those who
// get it from a function that isn't a target, too.
func (j *job) leaks(f *code.File, events []event, seen map[use]bool) []inPlace {
	var out []inPlace
	for _, ev := range events {
		switch ev.kind {
		case written, kept:
			out = append(out, inPlace{ev, ev.memory})
		case returned:
			fn, _ := f.Pkg.Info.Defs[ev.fn.Name].(*types.Func)
			if fn == nil || j.targets[j.world.Key(fn)] || seen[use{j.world.Key(fn), ev.at}] {
				continue
			}
			seen[use{j.world.Key(fn), ev.at}] = true
			if fn.Exported() {
				ev.why = "is returned by " + fn.Name()
				out = append(out, inPlace{ev, ev.memory})
				continue
			}
			for _, ref := range j.world.Refs(fn) {
				switch {
				case ref.Call == nil:
					ev.why = "is returned by " + fn.Name() + ", which is used as a value"
					out = append(out, inPlace{ev, ev.memory})
				case !slices.ContainsFunc(j.edges, func(e *edge) bool { return ast.Unparen(e.expr) == ast.Expr(ref.Call) }):
					out = append(out, j.leaks(ref.File, j.result(ref, ev.at), seen)...)
				}
			}
		}
	}
	return out
}

func (j *job) fromElsewhere(f *code.File, e ast.Expr) []inPlace {
	if j.own(f, e) {
		return nil
	}
	return []inPlace{{event{why: "gets memory from elsewhere", pos: e.Pos()}, containers(f.Pkg.Info.TypeOf(e))}}
}

// assigned judges an assignment to a field as a whole, or to a part of it.
func (j *job) assigned(f *code.File, p *ast.AssignStmt, l int, whole bool) []inPlace {
	var out []inPlace
	if !whole {
		ev := event{why: "is changed", pos: p.Pos()}
		c := inPlace{event: ev}
		if t := container(f.Pkg.Info, p.Lhs[l]); t != nil {
			c.memory = []types.Type{t}
		}
		out = append(out, c)
	}
	if len(p.Lhs) != len(p.Rhs) {
		return append(out, inPlace{event: event{why: "gets memory from elsewhere", pos: p.Pos()}})
	}
	return append(out, j.fromElsewhere(f, p.Rhs[l])...)
}

// own reports an expression whose memory nobody else has: it is new, an edge that is
// copied, or what the field has already.
func (j *job) own(f *code.File, e ast.Expr) bool {
	e = ast.Unparen(e)
	if t := f.Pkg.Info.TypeOf(e); t == nil || !carries(t) {
		return true
	}
	if f.Pkg.Info.Types[e].IsNil() || slices.ContainsFunc(j.edges, func(x *edge) bool { return x.expr == e }) {
		return true
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(x ast.Expr) bool {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			return !j.own(f, x)
		})
	case *ast.UnaryExpr:
		return e.Op == token.AND && j.own(f, e.X) && isLiteral(e.X)
	case *ast.CallExpr:
		switch {
		case isBuiltin(f.Pkg.Info, e, "make"), isBuiltin(f.Pkg.Info, e, "new"):
			return true
		case isBuiltin(f.Pkg.Info, e, "append"):
			for i, a := range e.Args[1:] {
				if e.Ellipsis.IsValid() && i == len(e.Args)-2 && !carries(elemOf(f.Pkg.Info.TypeOf(a))) {
					continue
				}
				if !j.own(f, a) {
					return false
				}
			}
			_, field := ast.Unparen(e.Args[0]).(*ast.SelectorExpr)
			return field || j.own(f, e.Args[0])
		}
		fn := f.Callee(e)
		return fn != nil && fn.Pkg() != nil && fn.Name() == "Clone" && (fn.Pkg().Path() == "slices" || fn.Pkg().Path() == "maps") && !carries(elemOf(f.Pkg.Info.TypeOf(e)))
	}
	return false
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok
}
