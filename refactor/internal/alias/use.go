package alias

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A Kind says what a use does with a reference.
type Kind int

const (
	Access   Kind = iota // the memory is read or written, or copied
	Passed               // it is given to a function that doesn't keep it
	Same                 // a local variable becomes another name of it
	Nil                  // it is compared with nil
	Compared             // it is compared with another reference
	Assigned             // the variable gets another value
	Returned             // it is a result
	Kept                 // it is stored, captured or given to code that may keep it
)

// A Use is one mention of a variable.
type Use struct {
	ID   *ast.Ident
	Path []ast.Node // from the function down to ID
	Kind Kind
	// At is the index in Path of the outermost expression that is the reference, or
	// the memory that it leads to.
	At int
	// Ref says that Path[At] is the reference and not the memory.
	Ref bool
	// Why says what is done, where Kind is Kept: "is stored in s.last".
	Why string
	// Other is the variable of Same.
	Other *types.Var
	// Literal is the innermost function literal around the use that doesn't declare
	// the variable, or nil. Unless Kind is Kept it runs where it is written.
	Literal *ast.FuncLit
}

// A Program answers questions about the functions of a world. It isn't safe for
// concurrent use.
type Program struct {
	world *code.World
	keeps map[parameter]string
}

// A parameter is counted from 0, the receiver being -1.
type parameter struct {
	fn code.Key
	i  int
}

// New returns a Program for the functions of w.
func New(w *code.World) *Program { return &Program{world: w, keeps: map[parameter]string{}} }

// Uses returns the uses of a variable inside a function of a file, in source order.
// The variable leads to memory: a pointer, slice or map; or it is a value whose
// address may be taken.
func (p *Program) Uses(f *code.File, fn ast.Node, v *types.Var) []Use {
	var out []Use
	var stack []ast.Node
	ast.Inspect(fn, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && f.Pkg.Info.Uses[id] == v {
			s := &step{program: p, file: f, use: Use{ID: id, Path: append([]ast.Node(nil), stack...)}}
			out = append(out, s.run(v))
		}
		return true
	})
	return out
}

// A step works one use out.
type step struct {
	program *Program
	file    *code.File
	use     Use
}

func (s *step) run(v *types.Var) Use {
	i := len(s.use.Path) - 1
	if Refers(v.Type()) {
		s.reference(i)
	} else {
		s.memory(i)
	}
	s.captured(v)
	return s.use
}

// Refers reports whether values of a type are references to memory that can be
// changed through them.
func Refers(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface, *types.Signature, *types.Chan:
		return true
	}
	return false
}

func (s *step) is(kind Kind, at int, ref bool, why string) {
	s.use.Kind, s.use.At, s.use.Ref, s.use.Why = kind, at, ref, why
}

func (s *step) typeOf(i int) types.Type {
	e, ok := s.use.Path[i].(ast.Expr)
	if !ok {
		return types.Typ[types.Invalid]
	}
	t := s.file.Pkg.Info.TypeOf(e)
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}

// memory works out what becomes of Path[i], which denotes the memory.
func (s *step) memory(i int) {
	if i == 0 {
		s.is(Access, i, false, "")
		return
	}
	e := s.use.Path[i]
	switch p := s.use.Path[i-1].(type) {
	case *ast.ParenExpr:
		s.memory(i - 1)
	case *ast.SelectorExpr:
		if p.X != e {
			s.is(Access, i, false, "")
			return
		}
		s.selected(i, p)
	case *ast.IndexExpr:
		if _, ok := s.typeOf(i).Underlying().(*types.Array); ok && p.X == e {
			s.memory(i - 1)
			return
		}
		s.is(Access, i, false, "")
	case *ast.SliceExpr:
		if _, ok := s.typeOf(i).Underlying().(*types.Array); ok && p.X == e {
			s.reference(i - 1)
			return
		}
		s.is(Access, i, false, "")
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			s.reference(i - 1)
			return
		}
		s.is(Access, i, false, "")
	default:
		s.is(Access, i, false, "")
	}
}

// selected is for a field or method of Path[i], memory or a pointer to it.
func (s *step) selected(i int, sel *ast.SelectorExpr) {
	selection := s.file.Pkg.Info.Selections[sel]
	if selection == nil {
		s.is(Access, i, false, "")
		return
	}
	if selection.Kind() == types.FieldVal {
		if throughPointer(selection) {
			s.is(Access, i-1, false, "")
			return
		}
		s.memory(i - 1)
		return
	}
	fn, _ := selection.Obj().(*types.Func)
	_, called := s.call(i - 1)
	switch {
	case selection.Kind() != types.MethodVal || fn == nil || !called:
		s.is(Kept, i-1, false, "is bound to a method value")
	case Refers(fn.Signature().Recv().Type()):
		s.given(i, fn, -1)
	default:
		s.is(Access, i, false, "")
	}
}

// call returns the call whose function is Path[i].
func (s *step) call(i int) (*ast.CallExpr, bool) {
	for ; i > 0; i-- {
		switch p := s.use.Path[i-1].(type) {
		case *ast.ParenExpr:
		case *ast.CallExpr:
			return p, p.Fun == s.use.Path[i]
		default:
			return nil, false
		}
	}
	return nil, false
}

// throughPointer reports whether a field is reached through a pointer that is
// itself a field: it is in memory further away.
func throughPointer(s *types.Selection) bool {
	t := s.Recv()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	for _, i := range s.Index()[:len(s.Index())-1] {
		u, ok := t.Underlying().(*types.Struct)
		if !ok {
			return true
		}
		if t = u.Field(i).Type(); Refers(t) {
			return true
		}
	}
	return false
}
