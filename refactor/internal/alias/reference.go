package alias

import (
	"go/ast"
	"go/types"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// reference works out what becomes of Path[i], which is a reference to the memory.
func (s *step) reference(i int) {
	if i == 0 {
		s.is(Access, i, true, "")
		return
	}
	e := s.use.Path[i]
	switch p := s.use.Path[i-1].(type) {
	case *ast.ParenExpr:
		s.reference(i - 1)
	case *ast.SelectorExpr:
		s.selected(i, p)
	case *ast.StarExpr:
		s.memory(i - 1)
	case *ast.IndexExpr:
		s.indexed(i, p)
	case *ast.SliceExpr:
		s.reference(i - 1)
	case *ast.CallExpr:
		s.argument(i, p)
	case *ast.BinaryExpr:
		s.compared(i, p)
	case *ast.AssignStmt:
		s.assigned(i, p)
	case *ast.ValueSpec:
		s.declared(i, p)
	case *ast.RangeStmt:
		if p.X != e {
			s.is(Assigned, i, true, "")
			return
		}
		s.is(Access, i, true, "")
	case *ast.ReturnStmt:
		s.is(Returned, i, true, "is a result")
	case *ast.ExprStmt:
		s.is(Access, i, true, "")
	case *ast.SendStmt:
		s.is(Kept, i, true, "is sent to a channel")
	case *ast.CompositeLit, *ast.KeyValueExpr:
		s.is(Kept, i, true, "is stored in a literal")
	default:
		s.is(Kept, i, true, "is used in a way that isn't followed")
	}
}

func (s *step) indexed(i int, p *ast.IndexExpr) {
	switch {
	case p.X != s.use.Path[i]:
		s.is(Kept, i, true, "is a key")
	case isMap(s.typeOf(i)):
		s.is(Access, i, true, "")
	default:
		s.memory(i - 1)
	}
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func (s *step) compared(i int, p *ast.BinaryExpr) {
	other := p.X
	if other == s.use.Path[i] {
		other = p.Y
	}
	if s.file.Pkg.Info.Types[other].IsNil() {
		s.is(Nil, i, true, "")
		return
	}
	s.is(Compared, i, true, "is compared")
}

func (s *step) assigned(i int, p *ast.AssignStmt) {
	for k, l := range p.Lhs {
		if l == s.use.Path[i] {
			s.is(Assigned, i, true, "")
			return
		}
		if len(p.Lhs) == len(p.Rhs) && p.Rhs[k] == s.use.Path[i] {
			s.stored(i, l)
			return
		}
	}
	s.is(Kept, i, true, "is used in a way that isn't followed")
}

func (s *step) declared(i int, p *ast.ValueSpec) {
	for k, v := range p.Values {
		if v == s.use.Path[i] && len(p.Names) == len(p.Values) {
			s.stored(i, p.Names[k])
			return
		}
	}
	s.is(Kept, i, true, "is used in a way that isn't followed")
}

// stored is for the reference Path[i], which is assigned to l.
func (s *step) stored(i int, l ast.Expr) {
	id, ok := ast.Unparen(l).(*ast.Ident)
	if !ok {
		s.is(Kept, i, true, "is stored in "+s.file.Source(l))
		return
	}
	v, _ := s.file.Pkg.Info.ObjectOf(id).(*types.Var)
	switch {
	case id.Name == "_":
		s.is(Access, i, true, "")
	case v == nil || v.Parent() == nil || v.Parent() == v.Pkg().Scope():
		s.is(Kept, i, true, "is stored in "+id.Name)
	default:
		s.is(Same, i, true, "is stored in "+id.Name)
		s.use.Other = v
	}
}

// argument is for the reference Path[i], which a call gets or which is called.
func (s *step) argument(i int, call *ast.CallExpr) {
	if call.Fun == s.use.Path[i] {
		s.is(Access, i, true, "")
		return
	}
	arg := 0
	for k, a := range call.Args {
		if a == s.use.Path[i] {
			arg = k
		}
	}
	info := s.file.Pkg.Info
	if tv := info.Types[call.Fun]; tv.IsType() {
		switch b, basic := tv.Type.Underlying().(*types.Basic); {
		case Refers(tv.Type):
			s.reference(i - 1)
		case basic && b.Kind() == types.UnsafePointer:
			s.is(Kept, i, true, "becomes an unsafe.Pointer")
		default:
			s.is(Access, i, true, "")
		}
		return
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if _, builtin := info.Uses[id].(*types.Builtin); builtin {
			s.builtin(i, id.Name, call, arg)
			return
		}
	}
	fn := s.file.Callee(call)
	if fn == nil {
		s.is(Kept, i, true, "is given to "+s.file.Source(call.Fun)+", a function value, which may keep it")
		return
	}
	if sig := fn.Signature(); sig.Variadic() && arg >= sig.Params().Len()-1 && !(call.Ellipsis.IsValid() && arg == len(call.Args)-1) && s.program.world.Decl(fn) != nil {
		s.is(Kept, i, true, "is given to "+fn.Name()+" among other arguments")
		return
	}
	s.given(i, fn, min(arg, fn.Signature().Params().Len()-1))
}

func (s *step) builtin(i int, name string, call *ast.CallExpr, arg int) {
	switch {
	case name == "append" && arg == 0:
		s.reference(i - 1)
	case name == "append" && !call.Ellipsis.IsValid():
		s.is(Kept, i, true, "is appended to "+s.file.Source(call.Args[0]))
	case name == "panic":
		s.is(Kept, i, true, "is given to panic")
	default:
		s.is(Access, i, true, "")
	}
}

// given is for the reference Path[i], which fn gets as a parameter.
func (s *step) given(i int, fn *types.Func, param int) {
	ref := Refers(s.typeOf(i))
	if why := s.program.Keeps(fn, param); why != "" {
		s.is(Kept, i, ref, "is given to "+fn.Name()+", where it "+why)
		return
	}
	s.is(Passed, i, ref, "")
}

// Keeps returns what a function does with a reference that it is given as its i-th
// parameter, the receiver being -1, that outlives the call: "is stored in s.last".
// It is empty where it does nothing of the kind.
func (p *Program) Keeps(fn *types.Func, i int) string {
	key := parameter{p.world.Key(fn.Origin()), i}
	if why, known := p.keeps[key]; known {
		return why
	}
	p.keeps[key] = "" // of a function that calls itself
	why := p.kept(fn.Origin(), i)
	p.keeps[key] = why
	return why
}

func (p *Program) kept(fn *types.Func, i int) string {
	d := p.world.Decl(fn)
	if d == nil || d.Func.Body == nil {
		if leaves(fn) {
			return ""
		}
		return "may be kept"
	}
	v := d.Obj.Signature().Recv()
	if i >= 0 {
		v = d.Obj.Signature().Params().At(i)
	}
	return p.keptIn(d.File, d.Func, v, map[*types.Var]bool{})
}

// keptIn returns what a function does with the memory of a variable that outlives
// its call.
func (p *Program) keptIn(f *code.File, fn *ast.FuncDecl, v *types.Var, seen map[*types.Var]bool) string {
	seen[v] = true
	for _, u := range p.Uses(f, fn, v) {
		switch u.Kind {
		case Kept, Returned:
			return u.Why
		case Same:
			if result(f, fn, u.Other) {
				return "is a result"
			}
			if !seen[u.Other] {
				if why := p.keptIn(f, fn, u.Other, seen); why != "" {
					return why
				}
			}
		}
	}
	return ""
}

// result reports whether v is a named result of fn.
func result(f *code.File, fn *ast.FuncDecl, v *types.Var) bool {
	return fn.Type.Results != nil && fn.Type.Results.Pos() <= v.Pos() && v.Pos() < fn.Type.Results.End()
}

// leaves reports functions of the standard library that don't keep what they are
// given, nor return a part of it: nothing that they return could refer to it, and
// their package has no state to put it into. A Write and a Read of the form that
// package io describes must not keep their argument.
func leaves(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return fn.Name() == "Error"
	}
	sig := fn.Signature()
	for r := range sig.Results().Variables() {
		if !plain(r.Type()) {
			return false
		}
	}
	name := fn.Pkg().Path() + "." + fn.Name()
	if name == "fmt.Errorf" || name == "errors.Join" { // wraps what it is given
		return false
	}
	if sig.Recv() == nil {
		_, known := effects.KnownOf(fn)
		return known && stateless[fn.Pkg().Path()] || fills[name]
	}
	if fills[name] {
		return true
	}
	bytes := sig.Params().Len() == 1 && types.Identical(sig.Params().At(0).Type(), types.NewSlice(types.Typ[types.Byte]))
	return bytes && (fn.Name() == "Write" || fn.Name() == "Read")
}

// stateless are packages whose functions keep nothing, unless in a result.
var stateless = map[string]bool{
	"bytes": true, "strings": true, "strconv": true, "sort": true, "slices": true, "maps": true, "fmt": true, "unicode/utf8": true, "math": true,
	"encoding/json": true, "encoding/xml": true, "encoding/hex": true, "encoding/binary": true, "errors": true, "unicode": true, "cmp": true, "math/bits": true,
	"crypto/rand": true,
}

// fills are others that only fill what they are given.
var fills = map[string]bool{
	"io.ReadFull": true, "io.ReadAtLeast": true, "encoding/json.Decode": true, "encoding/xml.Decode": true, "encoding/gob.Decode": true,
	"database/sql.Scan": true, "encoding/json.Encode": true, "math/rand.Shuffle": true, "math/rand.Read": true,
}

func plain(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return true
	}
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

// captured looks at the function literals around the use that don't declare the
// variable. One that runs where it is written changes nothing; any other may run
// at any time.
func (s *step) captured(v *types.Var) {
	for i := len(s.use.Path) - 1; i >= 0; i-- {
		switch s.use.Path[i].(type) {
		case *ast.DeferStmt, *ast.GoStmt:
			if s.use.Kind == Passed {
				s.is(Kept, s.use.At, s.use.Ref, "is used by a call that runs later")
			}
		}
		lit, ok := s.use.Path[i].(*ast.FuncLit)
		if !ok || lit.Pos() <= v.Pos() && v.Pos() < lit.End() {
			continue
		}
		if s.use.Literal == nil {
			s.use.Literal = lit
		}
		if !s.runsHere(i) {
			s.is(Kept, s.use.At, s.use.Ref, "is used in a function literal that may run later")
			return
		}
	}
}

// runsHere reports whether the literal Path[i] is called where it is written and
// never later.
func (s *step) runsHere(i int) bool {
	if i < 2 {
		return false
	}
	call, ok := s.use.Path[i-1].(*ast.CallExpr)
	if !ok {
		return false
	}
	switch s.use.Path[i-2].(type) {
	case *ast.GoStmt, *ast.DeferStmt:
		return false
	}
	if call.Fun == s.use.Path[i] {
		return true
	}
	fn := s.file.Callee(call)
	if fn == nil {
		return false
	}
	if fn.Pkg() != nil && (fn.Pkg().Path() == "sort" || fn.Pkg().Path() == "slices") {
		return fn.Signature().Recv() == nil && !lazy(fn)
	}
	for k, a := range call.Args {
		if a == s.use.Path[i] {
			sig := fn.Signature()
			return !(sig.Variadic() && k >= sig.Params().Len()-1) && s.program.world.Decl(fn) != nil && s.program.Keeps(fn, k) == ""
		}
	}
	return false
}

// lazy reports functions that return an iterator, which calls its arguments later.
func lazy(fn *types.Func) bool {
	for r := range fn.Signature().Results().Variables() {
		if _, ok := r.Type().Underlying().(*types.Signature); ok {
			return true
		}
	}
	return false
}
