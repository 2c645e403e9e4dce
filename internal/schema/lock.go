package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

	// ParamOrder and ResultOrder are the names in the order of the signature, where
	// that isn't the order of the numbers. They aren't part of the encoding.
	ParamOrder  []string `json:"paramOrder,omitempty"`
	ResultOrder []string `json:"resultOrder,omitempty"`

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

// orderOf is what MethodLock records of the order of a signature.
func orderOf(now []FieldLock) []string {
	if slices.IsSortedFunc(now, func(a, b FieldLock) int { return a.Number - b.Number }) {
		return nil
	}
	names := make([]string, len(now))
	for i, f := range now {
		names[i] = f.Name
	}
	return names
}

// A renaming finds parameters, or results, that only have another name.
type renaming struct {
	locked []FieldLock // changed to the new names
	order  []string    // of the signature they are from; nil: that of the numbers
	prefix string      // of the names that stand for none
	known  map[string]bool
}

// match gives each locked parameter of which the name is gone the new name at its
// place in the signature, if the shape is the same. Where several of one shape are
// gone or new, nobody can tell which is which, and match returns their names:
// they could have changed places as well, which the same names would have told.
func (r *renaming) match(now, removed []FieldLock) (old, fresh []string) {
	r.known = map[string]bool{}
	for _, f := range slices.Concat(r.locked, removed) {
		r.known[f.Name] = true
	}
	for i, f := range now {
		if r.known[f.Name] {
			continue
		}
		gone, added := r.gone(f.Shape, now), r.added(f.Shape, now)
		at := r.at(i)
		switch {
		case at == nil || !slices.Contains(gone, at.Name) || at.Shape != f.Shape:
			if len(gone) > 0 && len(gone)+len(added) > 2 && !r.placeholders(gone) && !r.placeholders(added) {
				return gone, added
			}
		case len(gone) == 1 && len(added) == 1, r.placeholders(gone), r.placeholders(added):
			defer func() { at.Name = f.Name }() // not while others are compared
		default:
			return gone, added
		}
	}
	return nil, nil
}

// at is the locked parameter at a place in the signature, or nil.
func (r *renaming) at(i int) *FieldLock {
	switch {
	case i >= len(r.locked):
		return nil
	case len(r.order) != len(r.locked):
		return &r.locked[i]
	}
	j := slices.IndexFunc(r.locked, func(f FieldLock) bool { return f.Name == r.order[i] })
	if j < 0 {
		return nil
	}
	return &r.locked[j]
}

// gone are the locked names of a shape that the signature hasn't any more.
func (r *renaming) gone(shape string, now []FieldLock) (names []string) {
	current := index(now)
	for _, f := range r.locked {
		if _, ok := current[f.Name]; !ok && f.Shape == shape {
			names = append(names, f.Name)
		}
	}
	return names
}

// added are the names of a shape that were never locked.
func (r *renaming) added(shape string, now []FieldLock) (names []string) {
	for _, f := range now {
		if !r.known[f.Name] && f.Shape == shape {
			names = append(names, f.Name)
		}
	}
	return names
}

// placeholders reports whether no name was written: there were only places.
func (r *renaming) placeholders(names []string) bool {
	for _, n := range names {
		if number, ok := strings.CutPrefix(n, r.prefix); !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			return false
		}
	}
	return true
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
	case Present:
		return b.streamShape(t)
	case Reference:
		return "handle " + string(id)
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
	case component.KindStruct, component.KindUnion, component.KindAny:
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
