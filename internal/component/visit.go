package component

import (
	"fmt"

	"github.com/unweld/unweld/internal/text"
)

// A Visit is one type on the way through what values consist of.
type Visit struct {
	ID   TypeID
	Type *Type     // nil if the contract doesn't describe it
	Path string    // Price(quote).Lines[]
	Span text.Span // of the nearest declaration on the way: a type or the method
}

// A Walker goes through the types that values of a contract consist of, each
// once. It is the one walk over the data of a contract; internal/crossing has that
// over Go's types, which the data is made from.
type Walker struct {
	contract *Contract
	visit    func(Visit) bool
	seen     map[TypeID]bool
}

// Walker returns a walker that has seen nothing. visit says whether what the
// type is made of is visited too. Of a type that isn't described nothing is.
func (c *Contract) Walker(visit func(Visit) (descend bool)) *Walker {
	return &Walker{c, visit, map[TypeID]bool{}}
}

// Method visits the parameters and results of a method.
func (w *Walker) Method(m *Method) {
	w.Params(m)
	for i, r := range m.Results {
		w.Type(r.Type.ID(), fmt.Sprintf("%s() result %d", m.Name, i+1), m.Span)
	}
}

// Params visits the parameters of a method.
func (w *Walker) Params(m *Method) {
	for _, p := range m.Params {
		w.Type(p.Type.ID(), m.Name+"("+p.Name+")", m.Span)
	}
}

// Errors visits what the typed errors of the contract carry.
func (w *Walker) Errors() {
	for _, e := range w.contract.Errors {
		if e.Type != "" {
			w.Type(e.Type, e.Name, w.contract.Span)
		}
	}
}

// Type visits a type and what it is made of. path and span say where it is
// mentioned.
func (w *Walker) Type(id TypeID, path string, span text.Span) {
	if id == "" || w.seen[id] {
		return
	}
	w.seen[id] = true
	t := w.contract.Type(id)
	if t != nil && t.Span.IsValid() {
		span = t.Span
	}
	if !w.visit(Visit{id, t, path, span}) || t == nil {
		return
	}
	for _, p := range t.Parts() {
		w.Type(p.Type, path+p.Path, span)
	}
}

// A Part is what a type is made of, directly: the element of a list, pointer or
// stream, a map's key and element, a field, a type behind an interface, what a
// method of a handle takes and gives.
type Part struct {
	Type TypeID
	Path string // to be added to that of the whole: "[]", "[key]", ".Lines"
}

// Parts returns what values of the type are made of, directly.
func (t *Type) Parts() []Part {
	switch t.Kind {
	case KindSlice, KindArray:
		return []Part{{t.Elem, "[]"}}
	case KindPointer:
		return []Part{{t.Elem, ""}}
	case KindMap:
		return []Part{{t.Key, "[key]"}, {t.Elem, "[]"}}
	case KindStruct:
		parts := make([]Part, 0, len(t.Fields))
		for _, f := range t.Fields {
			parts = append(parts, Part{f.Type, "." + f.Name})
		}
		return parts
	case KindUnion, KindAny:
		parts := make([]Part, 0, len(t.Fields))
		for _, f := range t.Fields {
			parts = append(parts, Part{f.Type, ".(" + f.Name + ")"})
		}
		return parts
	case KindStream, KindHandle:
		return t.exchanged()
	}
	return nil
}

// exchanged is what crosses by a stream or handle.
func (t *Type) exchanged() []Part {
	var parts []Part
	if t.Key != "" {
		parts = append(parts, Part{t.Key, "[key]"})
	}
	if t.Elem != "" {
		parts = append(parts, Part{t.Elem, "[]"})
	}
	for i := range t.Methods {
		m := &t.Methods[i]
		name := ""
		if m.Name != "" {
			name = "." + m.Name
		}
		for _, p := range m.Params {
			parts = append(parts, Part{p.Type.ID(), name + "(" + p.Name + ")"})
		}
		for j, r := range m.Results {
			parts = append(parts, Part{r.Type.ID(), fmt.Sprintf("%s() result %d", name, j+1)})
		}
	}
	return parts
}
