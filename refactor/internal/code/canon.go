package code

import (
	"slices"
	"strconv"
	"strings"

	"go/types"
)

// Canon spells a type so that two types are identical if and only if they are
// spelled alike, whichever variants of their packages they come from.
func Canon(t types.Type) string { return canon(t, (*types.Package).Path) }

// canon spells a type so that two types are identical if and only if they are
// spelled alike: without the names of parameters, with aliases resolved, and
// with packages as q has them. Types of different variants of a package, whose
// objects differ, are spelled alike too.
func canon(t types.Type, q types.Qualifier) string {
	var b strings.Builder
	(&speller{&b, q}).write(t)
	return b.String()
}

type speller struct {
	*strings.Builder
	q types.Qualifier
}

func (s *speller) write(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		s.basic(t)
	case *types.Named:
		s.named(t)
	case *types.Pointer:
		s.WriteByte('*')
		s.write(t.Elem())
	case *types.Slice:
		s.WriteString("[]")
		s.write(t.Elem())
	case *types.Array:
		s.WriteString("[" + strconv.FormatInt(t.Len(), 10) + "]")
		s.write(t.Elem())
	case *types.Map:
		s.WriteString("map[")
		s.write(t.Key())
		s.WriteByte(']')
		s.write(t.Elem())
	case *types.Chan:
		s.WriteString([]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + "(")
		s.write(t.Elem())
		s.WriteByte(')')
	case *types.Signature:
		s.WriteString("func")
		s.signature(t)
	case *types.Struct:
		s.structure(t)
	case *types.Interface:
		s.iface(t)
	case *types.TypeParam:
		s.WriteString("$" + strconv.Itoa(t.Index()))
	default:
		s.WriteString(types.TypeString(t, s.q))
	}
}

// basic writes byte as uint8 and rune as int32.
func (s *speller) basic(t *types.Basic) {
	if int(t.Kind()) < len(types.Typ) && types.Typ[t.Kind()] != nil {
		s.WriteString(types.Typ[t.Kind()].Name())
		return
	}
	s.WriteString(t.Name())
}

func (s *speller) named(t *types.Named) {
	if p := t.Obj().Pkg(); p != nil {
		s.WriteString(s.q(p) + ".")
	}
	s.WriteString(t.Obj().Name())
	if args := t.TypeArgs(); args.Len() > 0 {
		s.WriteByte('[')
		for a := range args.Types() {
			s.write(a)
			s.WriteByte(',')
		}
		s.WriteByte(']')
	}
}

func (s *speller) signature(t *types.Signature) {
	s.tuple(t.Params())
	if t.Variadic() {
		s.WriteString("...")
	}
	s.WriteByte(' ')
	s.tuple(t.Results())
}

func (s *speller) tuple(t *types.Tuple) {
	s.WriteByte('(')
	for i := range t.Len() {
		if i > 0 {
			s.WriteString(", ")
		}
		s.write(t.At(i).Type())
	}
	s.WriteByte(')')
}

func (s *speller) structure(t *types.Struct) {
	s.WriteString("struct{")
	for i := range t.NumFields() {
		f := t.Field(i)
		if !f.Exported() && f.Pkg() != nil {
			s.WriteString(s.q(f.Pkg()) + ".")
		}
		s.WriteString(f.Name() + " ")
		if f.Embedded() {
			s.WriteString("embedded ")
		}
		s.write(f.Type())
		s.WriteString(strconv.Quote(t.Tag(i)) + ";")
	}
	s.WriteByte('}')
}

func (s *speller) iface(t *types.Interface) {
	if t.Empty() {
		s.WriteString("any")
		return
	}
	var parts []string
	for m := range t.Methods() {
		name := m.Name()
		if !m.Exported() && m.Pkg() != nil {
			name = s.q(m.Pkg()) + "." + name
		}
		inner := speller{&strings.Builder{}, s.q}
		inner.signature(m.Signature())
		parts = append(parts, name+inner.String())
	}
	for e := range t.EmbeddedTypes() {
		if !types.IsInterface(e) { // a union or a type: constraints only
			parts = append(parts, types.TypeString(e, s.q))
		}
	}
	slices.Sort(parts)
	s.WriteString("interface{" + strings.Join(parts, ";") + "}")
}
