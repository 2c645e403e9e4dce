package reorder

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A cell is a class of memory.
type cell struct {
	kind kind
	key  string     // of a field or a variable: which one
	typ  string     // the type of what is in it; "" where no pointer leads to it
	name string     // for messages
	v    *types.Var // the variable, for those of functions
}

type kind int

const (
	inVar   kind = iota // a variable, of the package or of a function
	inField             // a field of any struct of one type
	inElem              // the elements of slices and arrays
	inMap               // the entries of maps
	inDeref             // what a pointer leads to
	inOther             // a whole struct of another module's type
	inPart              // a field of one
)

// meets reports whether two cells may be the same memory.
func (c cell) meets(d cell) bool {
	switch {
	case c.kind == inDeref || d.kind == inDeref:
		return c.typ != "" && d.typ != "" && sameType(c.typ, d.typ)
	case c.kind == inOther && d.kind == inPart, c.kind == inPart && d.kind == inOther:
		return sameType(c.typ, d.typ)
	case c.kind != d.kind || c.kind == inPart:
		return false
	case c.kind == inVar || c.kind == inField:
		return c.key == d.key
	}
	return sameType(c.typ, d.typ)
}

// sameType compares types as code.Canon spells them; a type parameter may be any.
func sameType(a, b string) bool {
	return a == b || strings.Contains(a, "$") || strings.Contains(b, "$")
}

// cells are classes of memory, each with the first place that has to do with it.
type cells map[cell]token.Pos

func (s cells) add(c cell, pos token.Pos) {
	if known, ok := s[c]; !ok || pos < known {
		s[c] = pos
	}
}

func (s cells) addAll(t cells) {
	for c, pos := range t {
		s.add(c, pos)
	}
}

// sorted lists the cells, so that the first conflict is always the same.
func (s cells) sorted() []cell {
	return slices.SortedFunc(maps.Keys(s), func(a, b cell) int {
		return cmp.Or(cmp.Compare(s[a], s[b]), cmp.Compare(a.kind, b.kind), strings.Compare(a.key, b.key), strings.Compare(a.typ, b.typ))
	})
}

// whole adds a cell of the given type with all that is inside of it.
func (a *Analysis) whole(s cells, c cell, t types.Type, pos token.Pos) {
	s.add(c, pos)
	a.inside(s, t, pos, 0)
}

// inside adds the fields and elements of a value, without what pointers lead to.
func (a *Analysis) inside(s cells, t types.Type, pos token.Pos, depth int) {
	if t == nil || depth > 12 {
		return
	}
	if a.foreign(t) {
		s.add(otherOf(t), pos)
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			s.add(a.field(f), pos)
			a.inside(s, f.Type(), pos, depth+1)
		}
	case *types.Array:
		s.add(elemOf(u.Elem()), pos)
		a.inside(s, u.Elem(), pos, depth+1)
	}
}

// behind adds all memory that a value of a type leads to.
func (a *Analysis) behind(s cells, t types.Type, pos token.Pos, seen map[types.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	if a.foreign(t) {
		for arg := range types.Unalias(t).(*types.Named).TypeArgs().Types() {
			a.whole(s, derefOf(arg), arg, pos)
			a.behind(s, arg, pos, seen)
		}
		return
	}
	elem := func(c cell, e types.Type) {
		a.whole(s, c, e, pos)
		a.behind(s, e, pos, seen)
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		elem(derefOf(u.Elem()), u.Elem())
	case *types.Slice:
		elem(elemOf(u.Elem()), u.Elem())
	case *types.Array:
		a.behind(s, u.Elem(), pos, seen)
	case *types.Map:
		elem(mapOf(u), u.Elem())
		a.behind(s, u.Key(), pos, seen)
	case *types.Struct:
		for f := range u.Fields() {
			a.behind(s, f.Type(), pos, seen)
		}
	}
}

// foreign reports a struct type of another module, whose fields aren't told apart.
func (a *Analysis) foreign(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || a.world.FileOf(n.Obj()) != nil {
		return false
	}
	_, isStruct := n.Underlying().(*types.Struct)
	return isStruct
}

func otherOf(t types.Type) cell {
	return cell{kind: inOther, typ: code.Canon(t), name: "a " + short(t)}
}
func partOf(t types.Type) cell { return cell{kind: inPart, typ: code.Canon(t), name: "a " + short(t)} }

func (a *Analysis) field(f *types.Var) cell {
	f = f.Origin()
	return cell{kind: inField, key: a.objectKey(f), typ: code.Canon(f.Type()), name: "field " + f.Name()}
}

func (a *Analysis) variable(v *types.Var, typed bool) cell {
	c := cell{kind: inVar, key: a.objectKey(v), name: v.Name(), v: v}
	if typed {
		c.typ = code.Canon(v.Type())
	}
	return c
}

// content is the memory that a variable alone leads to.
func (a *Analysis) content(v *types.Var) cell {
	c := a.variable(v, false)
	c.key, c.name = c.key+" content", "what "+v.Name()+" holds"
	return c
}

// objectKey identifies an object across the variants of a package. Fields of other
// modules are told apart by name and type only.
func (a *Analysis) objectKey(v *types.Var) string {
	if a.world.FileOf(v) != nil {
		return fmt.Sprint(a.world.Key(v))
	}
	path := ""
	if v.Pkg() != nil {
		path = v.Pkg().Path()
	}
	return path + "." + v.Name() + " " + code.Canon(v.Type())
}

func elemOf(t types.Type) cell {
	return cell{kind: inElem, typ: code.Canon(t), name: "elements of []" + short(t)}
}
func derefOf(t types.Type) cell {
	return cell{kind: inDeref, typ: code.Canon(t), name: "what a *" + short(t) + " points to"}
}
func mapOf(t *types.Map) cell {
	return cell{kind: inMap, typ: code.Canon(t), name: "entries of a " + short(t)}
}

func short(t types.Type) string { return types.TypeString(t, (*types.Package).Name) }
