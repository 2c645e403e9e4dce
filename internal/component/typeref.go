package component

import (
	"iter"
	"strconv"
	"strings"
)

// A TypeRef is a Go type as it is written, as plain data: its name, not its
// definition. Aliases are resolved, so identical types have equal references.
type TypeRef struct {
	Kind RefKind `json:"kind,omitempty"`

	// Path, Package and Name are the import path of a declared type's package,
	// that package's name, and the type's own. Predeclared types have the last
	// only.
	Path    string    `json:"path,omitempty"`
	Package string    `json:"package,omitempty"`
	Name    string    `json:"name,omitempty"`
	Args    []TypeRef `json:"args,omitempty"` // of an instance of a generic type

	Elem *TypeRef `json:"elem,omitempty"` // RefPointer, RefSlice, RefArray, RefMap, RefChan
	Key  *TypeRef `json:"key,omitempty"`  // RefMap
	Len  int64    `json:"len,omitempty"`  // RefArray
	Dir  ChanDir  `json:"dir,omitempty"`  // RefChan

	Params   []TypeRef `json:"params,omitempty"` // RefFunc
	Results  []TypeRef `json:"results,omitempty"`
	Variadic bool      `json:"variadic,omitempty"` // the last of Params is the slice

	// Members are the fields of RefStruct in order, and the methods of
	// RefInterface, embedded ones included, by name.
	Members []RefMember `json:"members,omitempty"`
}

// RefKind is the form of a TypeRef.
type RefKind string

// The forms. The zero value is no type.
const (
	RefBasic     RefKind = "basic" // predeclared, and unsafe.Pointer
	RefNamed     RefKind = "named" // declared; error is too
	RefPointer   RefKind = "pointer"
	RefSlice     RefKind = "slice"
	RefArray     RefKind = "array"
	RefMap       RefKind = "map"
	RefChan      RefKind = "chan"
	RefFunc      RefKind = "func"
	RefStruct    RefKind = "struct"
	RefInterface RefKind = "interface"
	RefTypeParam RefKind = "typeparam" // of a generic declaration, by Name
)

// ChanDir is the direction of a channel type; empty means both.
type ChanDir string

// The directions of one-way channels.
const (
	ChanSend    ChanDir = "send"
	ChanReceive ChanDir = "receive"
)

// A RefMember is a field of a struct or a method of an interface.
type RefMember struct {
	Name     string  `json:"name"`
	Type     TypeRef `json:"type"` // of a method, RefFunc
	Embedded bool    `json:"embedded,omitempty"`
	Tag      string  `json:"tag,omitempty"`
}

// Basic returns the reference of a predeclared type: "string".
func Basic(name string) TypeRef { return TypeRef{Kind: RefBasic, Name: name} }

// NamedRef returns the reference of a type that p declares.
func NamedRef(p Package, name string, args ...TypeRef) TypeRef {
	return TypeRef{Kind: RefNamed, Path: p.Path, Package: p.Name, Name: name, Args: args}
}

// PointerTo returns the reference of *t.
func PointerTo(t TypeRef) TypeRef { return TypeRef{Kind: RefPointer, Elem: &t} }

// SliceOf returns the reference of []t.
func SliceOf(t TypeRef) TypeRef { return TypeRef{Kind: RefSlice, Elem: &t} }

// MapOf returns the reference of map[key]elem.
func MapOf(key, elem TypeRef) TypeRef { return TypeRef{Kind: RefMap, Key: &key, Elem: &elem} }

// IsZero reports whether t is no type.
func (t TypeRef) IsZero() bool { return t.Kind == "" }

// ID returns the key of the type, or "" for the zero TypeRef.
func (t TypeRef) ID() TypeID { return TypeID(t.String()) }

// String spells the type canonically, with full import paths.
func (t TypeRef) String() string {
	return t.Spell(func(n TypeRef, args string) string {
		if n.Path == "" {
			return n.Name + args
		}
		return n.Path + "." + n.Name + args
	})
}

// Short spells the type with package names instead of import paths.
func (t TypeRef) Short() string {
	return t.Spell(func(n TypeRef, args string) string {
		if n.Package == "" {
			return n.Name + args
		}
		return n.Package + "." + n.Name + args
	})
}

// Data reports whether the written type contains no function, channel or type
// parameter.
func (t TypeRef) Data() bool {
	for part := range t.Mentioned() {
		switch part.Kind {
		case RefFunc, RefChan, RefTypeParam:
			return false
		}
	}
	return true
}

// Spell writes the type in Go syntax. named writes a predeclared or declared
// type; its type arguments are given in brackets, or are empty.
func (t TypeRef) Spell(named func(t TypeRef, args string) string) string {
	switch t.Kind {
	case RefBasic, RefNamed, RefTypeParam:
		args := ""
		if len(t.Args) > 0 {
			args = "[" + spellAll(t.Args, ",", named) + "]"
		}
		return named(t, args)
	case RefPointer:
		return "*" + t.Elem.Spell(named)
	case RefSlice:
		return "[]" + t.Elem.Spell(named)
	case RefArray:
		return "[" + strconv.FormatInt(t.Len, 10) + "]" + t.Elem.Spell(named)
	case RefMap:
		return "map[" + t.Key.Spell(named) + "]" + t.Elem.Spell(named)
	case RefChan:
		return t.spellChan(named)
	case RefFunc:
		return "func" + t.signature(named)
	case RefStruct:
		return t.spellStruct(named)
	case RefInterface:
		return t.spellInterface(named)
	}
	return ""
}

func spellAll(ts []TypeRef, separator string, named func(TypeRef, string) string) string {
	var out []string
	for _, t := range ts {
		out = append(out, t.Spell(named))
	}
	return strings.Join(out, separator)
}

func (t TypeRef) spellChan(named func(TypeRef, string) string) string {
	elem := t.Elem.Spell(named)
	switch t.Dir {
	case ChanSend:
		return "chan<- " + elem
	case ChanReceive:
		return "<-chan " + elem
	}
	if t.Elem.Kind == RefChan && t.Elem.Dir == ChanReceive {
		return "chan (" + elem + ")" // chan <-chan is read as chan<- chan
	}
	return "chan " + elem
}

// signature spells parameters and results.
func (t TypeRef) signature(named func(TypeRef, string) string) string {
	params := spellAll(t.Params, ", ", named)
	if n := len(t.Params); t.Variadic && n > 0 {
		fixed := append([]TypeRef{}, t.Params[:n-1]...)
		params = strings.TrimPrefix(spellAll(fixed, ", ", named)+", ..."+t.Params[n-1].Elem.Spell(named), ", ")
	}
	switch len(t.Results) {
	case 0:
		return "(" + params + ")"
	case 1:
		return "(" + params + ") " + t.Results[0].Spell(named)
	}
	return "(" + params + ") (" + spellAll(t.Results, ", ", named) + ")"
}

func (t TypeRef) spellStruct(named func(TypeRef, string) string) string {
	var fields []string
	for _, m := range t.Members {
		s := m.Type.Spell(named)
		if !m.Embedded {
			s = m.Name + " " + s
		}
		if m.Tag != "" {
			s += " " + strconv.Quote(m.Tag)
		}
		fields = append(fields, s)
	}
	return "struct{" + strings.Join(fields, "; ") + "}"
}

func (t TypeRef) spellInterface(named func(TypeRef, string) string) string {
	if len(t.Members) == 0 {
		return "any"
	}
	var methods []string
	for _, m := range t.Members {
		methods = append(methods, m.Name+m.Type.signature(named))
	}
	return "interface{" + strings.Join(methods, "; ") + "}"
}

// Mentioned iterates over t and all references in it: for map[string]Page[Item]
// these are the map, string, Page[Item] and Item.
func (t TypeRef) Mentioned() iter.Seq[TypeRef] {
	return func(yield func(TypeRef) bool) { t.mention(yield) }
}

func (t TypeRef) mention(yield func(TypeRef) bool) bool {
	if t.IsZero() || !yield(t) {
		return t.IsZero()
	}
	for _, part := range []*TypeRef{t.Key, t.Elem} {
		if part != nil && !part.mention(yield) {
			return false
		}
	}
	for _, list := range [][]TypeRef{t.Args, t.Params, t.Results} {
		for _, part := range list {
			if !part.mention(yield) {
				return false
			}
		}
	}
	for _, m := range t.Members {
		if !m.Type.mention(yield) {
			return false
		}
	}
	return true
}
