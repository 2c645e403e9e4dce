package copyonboundary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// What somebody does with memory of the state.
type eventKind int

const (
	read     eventKind = iota
	written            // it is changed
	appended           // append may write behind its length
	kept               // it is stored, captured or given to code that isn't known
	compared           // a pointer is compared with another
	returned           // the function around returns it
	measured           // its capacity is asked for
)

type event struct {
	kind eventKind
	pos  token.Pos
	why  string // "is stored in s.last"
	fn   *ast.FuncDecl
	at   int // returned: which result
	// memory are the types of what is changed, or may be; nil: anything.
	memory []types.Type
}

// A flow follows memory of the state through one function.
type flow struct {
	job    *job
	file   *code.File
	fn     *ast.FuncDecl
	events []event
	vars   map[*types.Var]bool
	// self is the field whose memory is followed: to be stored there again is nothing
	// new. Nil where a caller's variable is followed.
	self types.Object
}

// follow returns what becomes of the expression path[i], which leads to memory of the
// state. path starts at the file.
func (j *job) follow(f *code.File, path []ast.Node, i int, self types.Object) []event {
	fl := &flow{job: j, file: f, vars: map[*types.Var]bool{}, self: self}
	for _, n := range path[:i] {
		if d, ok := n.(*ast.FuncDecl); ok {
			fl.fn = d
		}
	}
	if fl.fn == nil {
		return []event{{kind: kept, pos: path[i].Pos(), why: "is used by an initializer"}}
	}
	fl.value(path, i)
	return fl.events
}

// followVar returns what becomes of what a parameter of a function leads to.
func (j *job) followVar(d *code.Decl, v *types.Var) []event {
	if events, known := j.params[v]; known {
		return events
	}
	j.params[v] = nil // of a function that calls itself
	fl := &flow{job: j, file: d.File, fn: d.Func, vars: map[*types.Var]bool{}}
	fl.variable(v)
	j.params[v] = fl.events
	return fl.events
}

func (fl *flow) add(kind eventKind, n ast.Node, why string) {
	ev := event{kind: kind, pos: n.Pos(), why: why, fn: fl.fn}
	switch e, _ := n.(ast.Expr); {
	case e == nil:
	case kind == written && why == "is changed":
		if t := container(fl.file.Pkg.Info, e); t != nil {
			ev.memory = []types.Type{t}
		}
	case kind == written || kind == kept:
		ev.memory = containers(fl.typeOf(e))
	}
	fl.events = append(fl.events, ev)
}

func (fl *flow) typeOf(n ast.Node) types.Type {
	if e, ok := n.(ast.Expr); ok {
		if t := fl.file.Pkg.Info.TypeOf(e); t != nil {
			return t
		}
	}
	return types.Typ[types.Invalid]
}

// variable follows a variable through the function.
func (fl *flow) variable(v *types.Var) {
	if fl.vars[v] {
		return
	}
	fl.vars[v] = true
	if v.Pkg() == nil || v.Parent() == v.Pkg().Scope() {
		fl.add(kept, fl.fn, "is stored in "+v.Name())
		return
	}
	if rs := fl.fn.Type.Results; rs != nil && rs.Pos() <= v.Pos() && v.Pos() < rs.End() {
		fl.add(kept, fl.fn.Name, "is stored in the result "+v.Name())
		return
	}
	var path []ast.Node
	ast.Inspect(fl.fn, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if id, ok := n.(*ast.Ident); ok && fl.file.Pkg.Info.Uses[id] == v {
			fl.value(slices.Clone(path), len(path)-1)
		}
		return true
	})
}

// value follows path[i], a value with references to the memory.
func (fl *flow) value(path []ast.Node, i int) {
	e := path[i]
	switch p := path[i-1].(type) {
	case *ast.ParenExpr, *ast.KeyValueExpr:
		fl.value(path, i-1)
	case *ast.CompositeLit:
		if p.Type == e {
			return
		}
		if i > 1 {
			if u, ok := path[i-2].(*ast.UnaryExpr); ok && u.Op == token.AND {
				fl.value(path, i-2)
				return
			}
		}
		fl.value(path, i-1)
	case *ast.SelectorExpr:
		fl.selected(path, i, p)
	case *ast.IndexExpr:
		if p.X != e {
			fl.add(compared, e, "is a key")
			return
		}
		fl.memory(path, i-1)
	case *ast.StarExpr:
		fl.memory(path, i-1)
	case *ast.SliceExpr:
		if p.X != e {
			return
		}
		if fl.self != nil && p.High != nil && stores(path[i-2]) {
			fl.add(written, e, "is cut, so that an append may change what was behind")
		}
		fl.value(path, i-1)
	case *ast.UnaryExpr:
		if p.Op == token.AND { // of a variable that leads there
			fl.add(kept, e, "has its address taken")
		}
	case *ast.RangeStmt:
		fl.ranged(p, e)
	case *ast.AssignStmt:
		fl.assigned(p, e)
	case *ast.ValueSpec:
		for k, v := range p.Values {
			if v == e && k < len(p.Names) {
				fl.into(p.Names[k], e)
			}
		}
	case *ast.ReturnStmt:
		fl.returned(path, i, p)
	case *ast.CallExpr:
		fl.argument(path, i, p)
	case *ast.BinaryExpr:
		other := p.X
		if other == e {
			other = p.Y
		}
		if fl.file.Pkg.Info.Types[other].IsNil() {
			fl.add(read, e, "")
			return
		}
		fl.add(compared, e, "is compared")
	case *ast.SwitchStmt, *ast.CaseClause:
		fl.add(compared, e, "is compared")
	case *ast.SendStmt:
		fl.add(kept, e, "is sent to a channel")
	case *ast.TypeAssertExpr, *ast.TypeSwitchStmt:
		fl.add(kept, e, "has its type asserted")
	default:
		fl.add(read, e, "")
	}
}

// stores reports a statement that gives a value to a variable.
func stores(n ast.Node) bool {
	switch n.(type) {
	case *ast.AssignStmt, *ast.ValueSpec:
		return true
	}
	return false
}

// memory follows path[i], which denotes a part of the memory.
func (fl *flow) memory(path []ast.Node, i int) {
	e := path[i]
	switch p := path[i-1].(type) {
	case *ast.ParenExpr:
		fl.memory(path, i-1)
		return
	case *ast.SelectorExpr:
		fl.selected(path, i, p)
		return
	case *ast.IndexExpr:
		if p.X == e {
			fl.memory(path, i-1)
			return
		}
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			fl.value(path, i-1)
			return
		}
	case *ast.StarExpr:
		fl.memory(path, i-1)
		return
	case *ast.SliceExpr:
		if p.X == e {
			fl.value(path, i-1)
			return
		}
	case *ast.IncDecStmt:
		fl.add(written, e, "is changed")
		return
	case *ast.AssignStmt:
		if slices.Contains(p.Lhs, e.(ast.Expr)) {
			fl.add(written, e, "is changed")
			return
		}
	case *ast.RangeStmt:
		if p.X != e {
			fl.add(written, e, "is changed")
			return
		}
	}
	if carries(fl.typeOf(e)) {
		fl.value(path, i)
		return
	}
	fl.add(read, e, "")
}

// selected is for a field or method of path[i].
func (fl *flow) selected(path []ast.Node, i int, sel *ast.SelectorExpr) {
	s := fl.file.Pkg.Info.Selections[sel]
	if s == nil {
		fl.add(read, sel, "")
		return
	}
	if s.Kind() == types.FieldVal {
		fl.memory(path, i-1)
		return
	}
	fn, _ := s.Obj().(*types.Func)
	call, ok := path[i-2].(*ast.CallExpr)
	if fn == nil || !ok || call.Fun != ast.Expr(sel) {
		fl.add(kept, sel, "is bound to a method value")
		return
	}
	fl.given(path, i-2, fn, -1, sel)
}

func (fl *flow) ranged(p *ast.RangeStmt, e ast.Node) {
	if p.X != e {
		return // it gets another value
	}
	fl.add(read, e, "")
	fl.events = append(fl.events, event{kind: read, pos: p.Body.End(), fn: fl.fn}) // in each round
	for _, v := range []ast.Expr{p.Key, p.Value} {
		if v != nil && carries(fl.typeOf(v)) {
			fl.into(v, e)
		}
	}
}

func (fl *flow) assigned(p *ast.AssignStmt, e ast.Node) {
	for k, r := range p.Rhs {
		if r != e {
			continue
		}
		switch {
		case len(p.Lhs) == len(p.Rhs):
			fl.into(p.Lhs[k], e)
		default: // v, ok := m[k]
			fl.into(p.Lhs[0], e)
		}
	}
}

// into follows the memory into what it is assigned to.
func (fl *flow) into(l ast.Expr, e ast.Node) {
	id, ok := ast.Unparen(l).(*ast.Ident)
	if !ok {
		if fl.self == nil || !fl.ofSelf(l) {
			fl.add(kept, e, "is stored in "+fl.file.Source(l))
		}
		return
	}
	if id.Name == "_" {
		return
	}
	if v, ok := fl.file.Pkg.Info.ObjectOf(id).(*types.Var); ok {
		fl.variable(v)
	}
}

// ofSelf reports a place in the field that is followed: c.items, c.items[i].
func (fl *flow) ofSelf(l ast.Expr) bool {
	switch l := ast.Unparen(l).(type) {
	case *ast.SelectorExpr:
		return fl.job.same(fl.file.Pkg.Info.Uses[l.Sel], fl.self)
	case *ast.IndexExpr:
		return fl.ofSelf(l.X)
	}
	return false
}

func (fl *flow) returned(path []ast.Node, i int, p *ast.ReturnStmt) {
	for _, n := range path[:i] {
		if _, lit := n.(*ast.FuncLit); lit {
			fl.add(kept, path[i], "is returned by a function literal")
			return
		}
	}
	for k, r := range p.Results {
		if r == path[i] {
			fl.events = append(fl.events, event{kind: returned, pos: path[i].Pos(), why: "is returned", fn: fl.fn, at: k, memory: containers(fl.typeOf(r))})
		}
	}
}

// argument is for path[i], which a call gets.
func (fl *flow) argument(path []ast.Node, i int, call *ast.CallExpr) {
	info, e := fl.file.Pkg.Info, path[i]
	if call.Fun == e {
		fl.add(read, e, "")
		return
	}
	arg := slices.Index(call.Args, e.(ast.Expr))
	if info.Types[call.Fun].IsType() {
		if carries(fl.typeOf(call)) {
			fl.value(path, i-1)
		} else {
			fl.add(read, e, "")
		}
		return
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && info.Types[id].IsBuiltin() {
		fl.builtin(path, i, id.Name, call, arg)
		return
	}
	fn := fl.file.Callee(call)
	if fn == nil {
		fl.add(kept, e, "is given to "+fl.file.Source(call.Fun)+", a function value")
		return
	}
	fl.given(path, i-1, fn, arg, e)
}

func (fl *flow) builtin(path []ast.Node, i int, name string, call *ast.CallExpr, arg int) {
	e := path[i]
	spread := call.Ellipsis.IsValid() && arg == len(call.Args)-1
	switch {
	case name == "append" && arg == 0:
		if s, ok := ast.Unparen(e.(ast.Expr)).(*ast.SliceExpr); ok && s.High != nil {
			fl.add(written, e, "is changed by append")
			return
		}
		fl.add(appended, e, "is appended to")
		fl.value(path, i-1)
	case name == "append" && (!spread || carries(elemOf(fl.typeOf(e)))):
		fl.value(path, i-1)
	case name == "cap":
		fl.add(measured, e, "is measured by cap")
	case name == "copy" && arg == 0, name == "delete", name == "clear":
		fl.add(written, e, "is changed by "+name)
	case name == "copy" && carries(elemOf(fl.typeOf(e))), name == "panic":
		fl.add(kept, e, "is given to "+name)
	default:
		fl.add(read, e, "")
	}
}

// given is for memory that fn gets as its parameter number arg, the receiver being -1.
// path[call] is the call.
func (fl *flow) given(path []ast.Node, call int, fn *types.Func, arg int, e ast.Node) {
	if runsLater(path, call) {
		fl.add(kept, e, "is used by a call that runs later")
		return
	}
	d := fl.job.world.Decl(fn)
	if d == nil || d.Func.Body == nil {
		fl.library(path, call, fn, arg, e)
		return
	}
	sig := d.Obj.Signature()
	v := sig.Recv()
	if arg >= 0 {
		if sig.Variadic() && arg >= sig.Params().Len()-1 && !path[call].(*ast.CallExpr).Ellipsis.IsValid() {
			fl.add(kept, e, "is given to "+fn.Name()+" among other arguments")
			return
		}
		v = sig.Params().At(min(arg, sig.Params().Len()-1))
	}
	if arg < 0 && !carries(v.Type()) {
		fl.add(read, e, "")
		return
	}
	for _, ev := range fl.job.followVar(d, v) {
		switch ev.kind {
		case returned:
			if carries(fl.typeOf(path[call])) {
				fl.value(path, call)
				continue
			}
			fl.add(kept, e, "is given to "+fn.Name()+", which returns it")
		case read:
			fl.add(read, e, "")
		default:
			fl.add(ev.kind, e, "is given to "+fn.Name()+", where it "+ev.why)
		}
	}
}

// runsLater reports a call that is deferred, or made by a goroutine.
func runsLater(path []ast.Node, call int) bool {
	switch path[call-1].(type) {
	case *ast.GoStmt, *ast.DeferStmt:
		return true
	}
	return false
}

// library is for a function whose body isn't the module's.
func (fl *flow) library(path []ast.Node, call int, fn *types.Func, arg int, e ast.Node) {
	if fn.Pkg() == nil {
		fl.add(read, e, "")
		return
	}
	pkg := fn.Pkg().Path()
	if strings.HasPrefix(pkg, "github.com/stretchr/testify/") && !strings.Contains(fn.Name(), "Same") || strings.HasPrefix(pkg, "github.com/google/go-cmp/") || pkg == "reflect" && fn.Name() == "DeepEqual" {
		fl.add(read, e, "")
		return
	}
	if pkg == "testing" || pkg == "log" || pkg == "fmt" && !strings.Contains(fn.Name(), "can") {
		fl.add(read, e, "")
		return
	}
	known, ok := effects.KnownOf(fn)
	switch {
	case !ok || !readers[pkg] || pkg == "encoding/json" && !strings.HasPrefix(fn.Name(), "Marshal"):
		fl.add(kept, e, "is given to "+fn.Name())
	case slices.Contains(known.Writes, arg) || pkg == "sort" && !strings.HasPrefix(fn.Name(), "Search") && !strings.Contains(fn.Name(), "Sorted"):
		fl.add(written, e, "is changed by "+fn.Name())
	case known.Fresh || pkg == "encoding/json" || pkg == "strings" || known.Copies && !carries(elemOf(fl.typeOf(e))) || !carries(fl.typeOf(path[call])):
		fl.add(read, e, "")
	default:
		fl.value(path, call)
	}
}

// readers are packages whose functions, unless the table of effects says that they
// write, only read what they are given, and return it at most.
var readers = map[string]bool{"strings": true, "bytes": true, "slices": true, "maps": true, "sort": true, "strconv": true, "errors": true, "encoding/json": true}
