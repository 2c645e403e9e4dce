package component

import (
	"fmt"

	"github.com/unweld/unweld/internal/text"
)

// A Visit is one type found by a Walker.
type Visit struct {
	ID   TypeID
	Type *Type     // nil if the contract doesn't describe it
	Path string    // Price(quote).Lines[]
	Span text.Span // of the nearest enclosing declaration: a type or the method
}

// A Walker visits the types that the values of a contract consist of, each
// once. It is the only traversal of a contract's data; internal/crossing has
// the one of Go's types, from which the data is made. It isn't safe for
// concurrent use.
type Walker struct {
	contract *Contract
	visit    func(Visit) bool
	seen     map[TypeID]bool
}

// Walker returns a new walker. visit is called once per type, and reports
// whether the parts of the type are to be visited too. A type that the contract
// doesn't describe has no parts.
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

// Errors visits the types inside the typed errors of the contract.
func (w *Walker) Errors() {
	for _, e := range w.contract.Errors {
		if e.Type != "" {
			w.Type(e.Type, e.Name, w.contract.Span)
		}
	}
}

// Type visits a type and its parts. path and span say where it is used.
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

// A Part is a direct constituent of a type: the element of a list, pointer or
// stream, a map's key and element, a field, an implementation of an interface,
// a parameter or result of a method of a handle.
type Part struct {
	Type TypeID
	Path string // appended to the path of the whole: "[]", "[key]", ".Lines"
}

// Parts returns the direct constituents of the type.
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
