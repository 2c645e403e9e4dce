package retype

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// hidden returns why the package of the interface can't write the signature of a
// method, or "".
func (f *Flow) hidden(m *types.Func) string {
	return f.hiddenType(m.Signature(), 0)
}

// hiddenType returns why the package of the interface can't write a type, or "".
func (f *Flow) hiddenType(t types.Type, depth int) string {
	if depth > 8 {
		return ""
	}
	in := func(ts ...types.Type) string {
		for _, t := range ts {
			if why := f.hiddenType(t, depth+1); why != "" {
				return why
			}
		}
		return ""
	}
	tuple := func(ts *types.Tuple) string {
		for v := range ts.Variables() {
			if why := in(v.Type()); why != "" {
				return why
			}
		}
		return ""
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if why := f.hiddenName(t.Obj()); why != "" {
			return why
		}
		for a := range t.TypeArgs().Types() {
			if why := in(a); why != "" {
				return why
			}
		}
	case *types.Pointer:
		return in(t.Elem())
	case *types.Slice:
		return in(t.Elem())
	case *types.Array:
		return in(t.Elem())
	case *types.Chan:
		return in(t.Elem())
	case *types.Map:
		return in(t.Key(), t.Elem())
	case *types.Signature:
		if why := tuple(t.Params()); why != "" {
			return why
		}
		return tuple(t.Results())
	case *types.Struct:
		for v := range t.Fields() {
			if why := in(v.Type()); why != "" {
				return why
			}
		}
	}
	return ""
}

func (f *Flow) hiddenName(obj *types.TypeName) string {
	if obj.Pkg() == nil || obj.Pkg().Path() == f.Path {
		return ""
	}
	switch {
	case !obj.Exported():
		return "whose signature has the unexported " + obj.Pkg().Name() + "." + obj.Name()
	case obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope():
		return "whose signature has a type of a function"
	case !code.Visible(obj.Pkg().Path(), f.Path):
		return "whose signature has a type of " + obj.Pkg().Path() + ", which is internal"
	case code.Imports(obj.Pkg(), f.Path):
		return "whose signature has a type of " + obj.Pkg().Path() + ", which imports the package of the interface"
	}
	return ""
}

// decoded returns why a field keeps its type: what fills structs from data can't make
// a value for an interface, and what looks at them sees another type. It is "" where
// nothing does so.
func (f *Flow) decoded(s *slot, field *ast.Field, stack []ast.Node) string {
	file := s.file
	exported := false
	for _, n := range field.Names {
		exported = exported || n.IsExported()
	}
	if exported && field.Tag != nil {
		if tag, err := strconv.Unquote(field.Tag.Value); err == nil && filled(tag) {
			return "its tag says that something fills it from data, which can't fill an interface"
		}
	}
	name := "its struct"
	for i := len(stack) - 1; i >= 0; i-- {
		if ts, ok := stack[i].(*ast.TypeSpec); ok {
			name = ts.Name.Name
			break
		}
	}
	for _, n := range field.Names {
		v, ok := file.Pkg.Info.Defs[n].(*types.Var)
		switch {
		case !ok:
		case n.IsExported() && f.World.DecodedField(v):
			return name + " is filled from data, which can't fill an interface"
		case f.World.LookedAt(v):
			return "reflection looks at " + name + ", and would see another type"
		case f.World.Printed(v):
			s.printed = name
		}
	}
	return ""
}

// filled reports a tag by which something may set the field: all do but those that
// say that it is left out.
func filled(tag string) bool {
	for tag = strings.TrimSpace(tag); tag != ""; tag = strings.TrimSpace(tag) {
		_, rest, ok := strings.Cut(tag, ":\"")
		if !ok {
			return true // of no form that is known
		}
		value, rest, ok := strings.Cut(rest, "\"")
		if !ok || value != "-" {
			return true
		}
		tag = rest
	}
	return false
}
