package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Lock records every number that was ever assigned. It is the schema part of
// unweld.lock; its JSON encoding is deterministic.
type Lock struct {
	Methods map[string]MethodLock `json:"methods"`
	Types   map[string]TypeLock   `json:"types"` // by type ID

	// Fingerprints are those of all compatible schemas generated so far, the
	// present one last.
	Fingerprints []string `json:"fingerprints,omitempty"`
}

// A MethodLock records the numbers of one method. The entry of a removed method
// is kept, so that its number isn't reused.
type MethodLock struct {
	ID             int         `json:"id"`
	Params         []FieldLock `json:"params,omitempty"`
	Results        []FieldLock `json:"results,omitempty"`
	RemovedParams  []FieldLock `json:"removedParams,omitempty"`
	RemovedResults []FieldLock `json:"removedResults,omitempty"`

	// Requests are the fingerprints of all forms of the request that the
	// present one, which is the last, can read.
	Requests []string `json:"requests,omitempty"`
}

// A TypeLock records the numbers of one message type.
type TypeLock struct {
	Fields  []FieldLock `json:"fields,omitempty"`
	Removed []FieldLock `json:"removed,omitempty"`
}

// A FieldLock is the recorded number of one field.
type FieldLock struct {
	Name   string `json:"name"`
	Number int    `json:"number"`
	Shape  string `json:"shape"` // its encoding; see Schema.shape
}

func (l *Lock) clone() *Lock {
	c := &Lock{Methods: map[string]MethodLock{}, Types: map[string]TypeLock{}}
	if l == nil {
		return c
	}
	c.Fingerprints = slices.Clone(l.Fingerprints)
	for k, m := range l.Methods {
		m.Params, m.Results = slices.Clone(m.Params), slices.Clone(m.Results)
		m.Requests = slices.Clone(m.Requests)
		m.RemovedParams, m.RemovedResults = slices.Clone(m.RemovedParams), slices.Clone(m.RemovedResults)
		c.Methods[k] = m
	}
	for k, t := range l.Types {
		c.Types[k] = TypeLock{Fields: slices.Clone(t.Fields), Removed: slices.Clone(t.Removed)}
	}
	return c
}

// assign numbers the fields in now, in place. It returns the fields and the
// removed ones to remember. A field that comes back with the shape it had gets
// its old number again.
func (b *builder) assign(owner string, span text.Span, now, locked, removed []FieldLock) (fields, gone []FieldLock) {
	next := 0
	for _, f := range slices.Concat(locked, removed) {
		next = max(next, f.Number)
	}
	known := index(locked)
	before := index(removed)
	used := map[int]bool{}
	for i := range now {
		f := &now[i]
		if old, ok := known[f.Name]; ok {
			f.Number = old.Number
			if old.Shape != f.Shape {
				b.incompatible(owner+"."+f.Name, span, old, *f)
			}
		} else if old, ok := before[f.Name]; ok && old.Shape == f.Shape {
			f.Number = old.Number
		} else {
			next++
			f.Number = next
		}
		used[f.Number] = true
	}
	for _, f := range slices.Concat(locked, removed) {
		if !used[f.Number] {
			gone = append(gone, f)
		}
	}
	fields = slices.Clone(now)
	sortByNumber(fields)
	sortByNumber(gone)
	return fields, gone
}

func (b *builder) incompatible(path string, span text.Span, old, now FieldLock) {
	b.problem("incompatible-schema", path, span,
		"keep the field as it was and add one with another name",
		"%s changes from %s to %s, which running units of the last version would misread", path, old.Shape, now.Shape)
}

func index(fs []FieldLock) map[string]FieldLock {
	m := make(map[string]FieldLock, len(fs))
	for _, f := range fs {
		m[f.Name] = f
	}
	return m
}

// renameToMatch finds renamed parameters: a new name at the place of one that
// is gone, with the same shape. The lock is changed to the new name.
func renameToMatch(locked, now []FieldLock) {
	current := map[string]bool{}
	for _, f := range now {
		current[f.Name] = true
	}
	known := index(locked)
	for i := range now {
		if _, ok := known[now[i].Name]; ok || i >= len(locked) {
			continue
		}
		if old := &locked[i]; !current[old.Name] && old.Shape == now[i].Shape {
			old.Name = now[i].Name
		}
	}
}

// shape spells what a value of the type is on the wire. Types with the same
// shape can replace each other: int and int64, a string and a declared string.
// Structs and boxed declared types go by their ID.
func (b *builder) shape(id component.TypeID) string {
	t := b.s.Type(id)
	switch b.s.FormOf(id) {
	case Optional:
		return b.shape(t.Elem)
	case Boxed:
		return b.boxShape(t.Elem)
	case Bytes, ByteArray:
		return "bytes"
	case List:
		return b.listShape(t.Elem)
	case Map:
		return fmt.Sprintf("map<%s, %s>", b.elementShape(t.Key), b.elementShape(t.Elem))
	case ErrorTree:
		return "error"
	}
	return b.single(t)
}

func (b *builder) listShape(elem component.TypeID) string {
	switch b.s.Element(elem) {
	case Wrapped:
		return "list<" + b.boxShape(elem) + ">"
	case Nullable:
		return "list<" + b.single(b.s.Type(b.s.Type(elem).Elem)) + ">"
	}
	return "list<" + b.single(b.s.Type(elem)) + ">"
}

// elementShape is the shape of a map's key or value, by name where it is
// declared: such types can contain themselves.
func (b *builder) elementShape(id component.TypeID) string {
	if t := b.s.Type(id); t.Name != "" && (t.Kind == component.KindSlice || t.Kind == component.KindMap || t.Kind == component.KindPointer) {
		return "value " + string(id)
	}
	return b.shape(id)
}

func (b *builder) boxShape(id component.TypeID) string {
	if b.s.Type(id).Name != "" {
		return "box " + string(id)
	}
	return "box<" + b.shape(id) + ">"
}

func (b *builder) variantShape(id component.TypeID) string {
	if plain := b.s.variant(id); plain != "" {
		return "message " + string(plain)
	}
	return b.boxShape(id)
}

func (b *builder) single(t *component.Type) string {
	switch {
	case IsSigned(t.Kind):
		return "sint"
	case IsUnsigned(t.Kind):
		return "uint"
	}
	switch t.Kind {
	case component.KindFloat32:
		return "float"
	case component.KindFloat64:
		return "double"
	case component.KindComplex64, component.KindComplex128:
		return "complex"
	case component.KindStruct, component.KindUnion:
		return "message " + string(t.ID)
	case component.KindExternal:
		return Externals[t.Codec].Shape
	}
	return string(t.Kind) // bool, string
}

// Numbers returns every number of the lock, for tests and documentation:
// "Quote.SKU" to 1.
func (l *Lock) Numbers() map[string]int {
	ns := map[string]int{}
	for name, m := range l.Methods {
		ns[name] = m.ID
		for _, f := range m.Params {
			ns[name+"("+f.Name+")"] = f.Number
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.Types)) {
		for _, f := range l.Types[id].Fields {
			ns[id+"."+f.Name] = f.Number
		}
	}
	return ns
}
