package contract

import (
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// ID returns the canonical spelling of t: identical types have the same one,
// whatever aliases they were written with.
func ID(t types.Type) component.TypeID { return component.TypeID(spell(t)) }

func spell(t types.Type) string {
	switch u := types.Unalias(t).(type) {
	case *types.Basic:
		if int(u.Kind()) < len(types.Typ) {
			return types.Typ[u.Kind()].Name() // uint8 for byte
		}
		return u.Name()
	case *types.Pointer:
		return "*" + spell(u.Elem())
	case *types.Slice:
		return "[]" + spell(u.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(u.Len(), 10) + "]" + spell(u.Elem())
	case *types.Map:
		return "map[" + spell(u.Key()) + "]" + spell(u.Elem())
	case *types.Named:
		return spellNamed(u)
	case *types.Struct:
		return spellStruct(u)
	}
	return types.TypeString(t, (*types.Package).Path)
}

func spellNamed(t *types.Named) string {
	name := t.Obj().Name()
	if p := t.Obj().Pkg(); p != nil {
		name = p.Path() + "." + name
	}
	if t.TypeArgs().Len() == 0 {
		return name
	}
	var args []string
	for a := range t.TypeArgs().Types() {
		args = append(args, spell(a))
	}
	return name + "[" + strings.Join(args, ",") + "]"
}

func spellStruct(t *types.Struct) string {
	var fields []string
	for i := range t.NumFields() {
		f := t.Field(i)
		s := spell(f.Type())
		if !f.Embedded() {
			s = f.Name() + " " + s
		}
		if tag := t.Tag(i); tag != "" {
			s += " " + strconv.Quote(tag)
		}
		fields = append(fields, s)
	}
	return "struct{" + strings.Join(fields, "; ") + "}"
}
