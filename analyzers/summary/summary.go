// Package summary makes the component.Summary of a type-checked package: its
// declarations, and which declarations of the same module they refer to, in
// one pass over the syntax.
package summary

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Input is one type-checked package.
type Input struct {
	Package component.Package
	Module  string
	Fset    *token.FileSet
	Files   []*ast.File
	Types   *types.Package
	Info    *types.Info
	// DeclInfo describes the declarations where Info covers only function
	// bodies; nil where Info covers both.
	DeclInfo *types.Info

	// Local reports whether an import path belongs to the module; references
	// to other packages aren't recorded.
	Local func(path string) bool
	Span  func(fset *token.FileSet, pos, end token.Pos) text.Span
}

// The kinds of references.
const (
	Call      = "call"
	Value     = "value" // a function or method used as a value
	Type      = "type"
	Embed     = "embed"
	Field     = "field"
	Const     = "const"
	Global    = "global" // a package variable is read
	Write     = "write"  // a package variable, or what it holds, is changed
	InitWrite = "init-write"
)

// imports lists what the files import, each path at the first place that names it.
func imports(in Input) []component.Import {
	var all []component.Import
	for _, f := range in.Files {
		for _, spec := range f.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				all = append(all, component.Import{Path: path, Span: in.Span(in.Fset, spec.Pos(), spec.Path.End())})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b component.Import) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(all, func(a, b component.Import) bool { return a.Path == b.Path })
}

func allGenerated(files []*ast.File) bool {
	for _, f := range files {
		if !ast.IsGenerated(f) {
			return false
		}
	}
	return len(files) > 0
}

type refKey struct {
	obj    types.Object // declaration referred to
	member string
	kind   string
}

type refVal struct {
	count int
	loop  bool
	pos   token.Pos // the first
	end   token.Pos
}

// A collector walks one declaration.
type collector struct {
	*Pass
	refs    map[refKey]*refVal
	mutable map[string]bool

	// state of the walk
	from   string
	inInit bool
	loops  int
	calls  map[*ast.Ident]bool // identifiers that name a called function
	writes map[*ast.Ident]bool // identifiers at the root of what is changed
	embeds map[*ast.Ident]bool
}

func (c *collector) enter(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ForStmt:
		c.enterLoop(n.Init, n.Cond, n.Post, n.Body)
		return false
	case *ast.RangeStmt:
		c.assigned(n.Key)
		c.assigned(n.Value)
		c.inspect(n.Key, n.Value, n.X)
		c.enterLoop(n.Body)
		return false
	case *ast.FuncLit:
		// A literal in an initialiser runs later, as far as anybody can tell.
		was := c.inInit
		c.inInit = false
		c.inspect(n.Type, n.Body)
		c.inInit = was
		return false
	case *ast.CallExpr:
		c.call(n)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, l := range n.Lhs {
				c.assigned(l)
			}
		}
	case *ast.IncDecStmt:
		c.assigned(n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.assigned(n.X)
		}
	case *ast.StructType:
		c.embedded(n.Fields)
	case *ast.InterfaceType:
		c.embedded(n.Methods)
	case *ast.SelectorExpr:
		c.selector(n)
		c.inspect(n.X)
		return false
	case *ast.Ident:
		c.ident(n)
	}
	return true
}

func (c *collector) inspect(nodes ...ast.Node) {
	for _, n := range nodes {
		if !isNil(n) {
			ast.Inspect(n, c.enter)
		}
	}
}

// isNil reports whether n is nil or holds a nil pointer of an optional node.
func isNil(n ast.Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *ast.BlockStmt:
		return n == nil
	case *ast.FuncType:
		return n == nil
	}
	return false
}

func (c *collector) enterLoop(nodes ...ast.Node) {
	c.loops++
	c.inspect(nodes...)
	c.loops--
}

func (c *collector) embedded(fields *ast.FieldList) {
	for _, f := range fields.List {
		if len(f.Names) == 0 {
			if id := rightmost(f.Type); id != nil {
				c.embeds[id] = true
			}
		}
	}
}

// rightmost returns the identifier that names the type or function in e.
func rightmost(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			return x.Sel
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// call marks the called function, and the variables that the built-in
// functions and methods with pointer receivers change.
func (c *collector) call(n *ast.CallExpr) {
	id := rightmost(n.Fun)
	if id == nil {
		return
	}
	c.calls[id] = true
	if _, ok := c.Info.Uses[id].(*types.Builtin); ok && len(n.Args) > 0 {
		switch id.Name {
		case "delete", "clear", "copy", "close":
			c.assigned(n.Args[0])
		}
	}
	sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	if s := c.Info.Selections[sel]; s != nil && s.Kind() == types.MethodVal && addressed(s) {
		c.assigned(sel.X)
	}
}

// addressed reports whether calling s takes the address of an addressable
// operand, which the method may then change.
func addressed(s *types.Selection) bool {
	sig, ok := s.Obj().Type().(*types.Signature)
	if !ok || sig.Recv() == nil || s.Indirect() {
		return false
	}
	_, ptrRecv := types.Unalias(sig.Recv().Type()).(*types.Pointer)
	_, ptrOperand := s.Recv().Underlying().(*types.Pointer)
	return ptrRecv && !ptrOperand
}

// assigned marks the identifier at the root of e, whose variable is changed.
func (c *collector) assigned(e ast.Expr) {
	for e != nil {
		switch x := e.(type) {
		case *ast.Ident:
			c.writes[x] = true
			return
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if _, ok := c.Info.Uses[id].(*types.PkgName); ok {
					c.writes[x.Sel] = true
					return
				}
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return
		}
	}
}

// selector counts x.f: a field, a method, or a declaration of another package.
func (c *collector) selector(n *ast.SelectorExpr) {
	s := c.Info.Selections[n]
	if s == nil {
		c.ident(n.Sel)
		return
	}
	owner := selectionOwner(s)
	if owner == nil {
		if v, ok := s.Obj().(*types.Var); ok {
			owner = c.ownerOf(v)
		}
	}
	if owner == nil || !isPackageLevel(owner) {
		return
	}
	kind := Field
	if s.Kind() != types.FieldVal {
		kind = Value
		if c.calls[n.Sel] {
			kind = Call
		}
	}
	c.count(owner, n.Sel.Name, kind, n.Sel)
}

// selectionOwner returns the declared type that has the selected field or
// method, following embedded fields.
func selectionOwner(s *types.Selection) types.Object {
	if fn, ok := s.Obj().(*types.Func); ok {
		if sig, ok := fn.Type().(*types.Signature); ok && sig.Recv() != nil {
			if obj := namedObject(sig.Recv().Type()); obj != nil {
				return obj
			}
		}
	}
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok || i >= st.NumFields() {
			break
		}
		t = st.Field(i).Type()
	}
	return namedObject(t)
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func namedObject(t types.Type) types.Object {
	if n, ok := types.Unalias(deref(t)).(*types.Named); ok {
		return n.Origin().Obj()
	}
	return nil
}

func isPackageLevel(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
}

// ident counts a plain or package-qualified identifier.
func (c *collector) ident(id *ast.Ident) {
	obj := c.Info.Uses[id]
	if obj == nil {
		return
	}
	if fn, ok := obj.(*types.Func); ok {
		obj = fn.Origin()
	}
	if !isPackageLevel(obj) {
		return
	}
	c.count(obj, "", c.kindOf(obj, id), id)
}

func (c *collector) kindOf(obj types.Object, id *ast.Ident) string {
	switch obj.(type) {
	case *types.Func:
		if c.calls[id] {
			return Call
		}
		return Value
	case *types.Const:
		return Const
	case *types.Var:
		switch {
		case !c.writes[id]:
			return Global
		case c.inInit && obj.Pkg() == c.Types:
			return InitWrite
		}
		return Write
	}
	if c.embeds[id] {
		return Embed
	}
	return Type
}

func (c *collector) count(obj types.Object, member, kind string, id *ast.Ident) {
	if obj.Pkg() != c.Types && !c.Local(obj.Pkg().Path()) {
		return
	}
	if obj.Pkg() == c.Types && obj.Name() == c.from {
		if kind == Write {
			c.mutable[obj.Name()] = true
		}
		return
	}
	if kind == Write && obj.Pkg() == c.Types {
		c.mutable[obj.Name()] = true
	}
	k := refKey{obj, member, kind}
	v := c.refs[k]
	if v == nil {
		v = &refVal{pos: id.Pos(), end: id.End()}
		c.refs[k] = v
	}
	v.count++
	v.loop = v.loop || c.loops > 0
}
