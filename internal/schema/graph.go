package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Refers returns the messages that a value of the type directly refers to.
func (s *Schema) Refers(id component.TypeID) []*Message {
	t := s.Type(id)
	switch s.FormOf(id) {
	case Single:
		if IsMessage(t.Kind) {
			return []*Message{s.StructMessage(id)}
		}
	case Optional:
		return s.Refers(t.Elem)
	case Boxed:
		return []*Message{s.BoxMessage(t.Elem)}
	case Map:
		return []*Message{s.EntryMessage(id)}
	case List:
		switch s.Element(t.Elem) {
		case Each:
			return s.Refers(t.Elem)
		case Nullable:
			return []*Message{s.StructMessage(s.Type(t.Elem).Elem)}
		case Wrapped:
			return []*Message{s.BoxMessage(t.Elem)}
		}
	}
	return nil
}

func (s *Schema) fieldRefers(f Field) []*Message {
	if f.Form == Variant {
		return []*Message{s.VariantMessage(f.Type)}
	}
	return s.Refers(f.Type)
}

func (s *Schema) markRecursive() {
	for _, m := range s.Messages {
		m.Recursive = s.reaches(m, m, map[*Message]bool{})
	}
}

func (s *Schema) reaches(from, to *Message, seen map[*Message]bool) bool {
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, f := range from.Fields {
		for _, next := range s.fieldRefers(f) {
			if next == to || s.reaches(next, to, seen) {
				return true
			}
		}
	}
	return false
}

func (s *Schema) markFallible() {
	for changed := true; changed; {
		changed = false
		for _, m := range s.Messages {
			if !m.Fallible && s.fails(m) {
				m.Fallible, changed = true, true
			}
		}
	}
}

func (s *Schema) fails(m *Message) bool {
	if m.Recursive || m.Kind == Union || m.Kind == Element { // another type may be behind the interface; elements have one kind of codec
		return true
	}
	for _, f := range m.Fields {
		if s.FailsInline(f.Type) {
			return true
		}
		for _, next := range s.fieldRefers(f) {
			if next.Fallible {
				return true
			}
		}
	}
	return false
}

// FailsInline reports whether encoding the value itself, without the messages
// it refers to, can fail: it is encoded by its own methods, or is an error.
func (s *Schema) FailsInline(id component.TypeID) bool {
	t := s.Type(id)
	switch s.FormOf(id) {
	case Single:
		return t.Kind == component.KindExternal && Externals[t.Codec].Via != ""
	case Optional:
		return s.FailsInline(t.Elem)
	case List:
		return s.Element(t.Elem) == Each && s.FailsInline(t.Elem)
	case ErrorTree:
		return true
	}
	return false
}

// nameMessages gives every message a name for the .proto file: that of the
// type where it is unique, with the package's in front where it isn't.
func (s *Schema) nameMessages() {
	used := map[string]bool{"Service": true, "Time": true, "URL": true, "Complex": true, "Error": true}
	for _, m := range s.Messages {
		if m.Name != "" {
			used[m.Name] = true
		}
	}
	for _, m := range s.Messages {
		if m.Name != "" {
			continue
		}
		base := s.TypeName(m.Type) + map[MessageKind]string{Box: "Box", Entry: "Entry"}[m.Kind]
		name := base
		if t := s.Type(m.Type); used[name] && t.Name != "" {
			name = exported(t.Package.Name) + base
		}
		for i := 2; used[name]; i++ {
			name = fmt.Sprintf("%s%d", base, i)
		}
		used[name] = true
		m.Name = name
	}
}

// TypeName returns an identifier for a type, which needn't be unique:
// QuoteList, StringToQuoteMap.
func (s *Schema) TypeName(id component.TypeID) string {
	t := s.Type(id)
	if t.Name != "" {
		return exported(t.Name)
	}
	switch t.Kind {
	case component.KindSlice, component.KindArray:
		return s.TypeName(t.Elem) + "List"
	case component.KindPointer:
		return s.TypeName(t.Elem) + "Pointer"
	case component.KindMap:
		return s.TypeName(t.Key) + "To" + s.TypeName(t.Elem)
	case component.KindStruct:
		return "Anonymous"
	}
	return exported(string(t.Kind))
}

func exported(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// HoldsInterface reports whether a value of a comparable type has an interface in it.
func (s *Schema) HoldsInterface(id component.TypeID) bool {
	t := s.Type(id)
	switch {
	case isInterface(t.Kind):
		return true
	case t.Kind != component.KindStruct && t.Kind != component.KindArray:
		return false
	}
	return slices.ContainsFunc(t.Parts(), func(p component.Part) bool { return s.HoldsInterface(p.Type) })
}
