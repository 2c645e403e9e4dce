package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// keepName is the name of the endpoint by which callers say which handles they have.
const keepName = "Handles_keep"

// handles makes the methods of the handles.
func (b *builder) handles() {
	types := b.s.contract.Handles()
	if len(types) == 0 {
		return
	}
	b.nameHandles(types)
	var taken []string
	for _, m := range b.s.contract.Methods {
		taken = append(taken, m.Name)
	}
	for _, t := range types {
		name := b.s.HandleName(t.ID)
		for _, m := range t.Methods {
			m.Params = append([]component.Param{{Name: "handle", Type: t.Ref}}, m.Params...)
			if slices.ContainsFunc(m.Params[1:], func(p component.Param) bool { return p.Name == "handle" }) {
				m.Params[0].Name = "unweld_handle"
			}
			m.Name = free(name+"_"+m.Name, taken)
			taken = append(taken, m.Name)
			b.number(m.Name)
			b.method(m, t.ID)
		}
	}
	b.s.KeepName = free(keepName, taken)
	b.s.Keep = b.number(b.s.KeepName)
}

// HandleName returns an identifier for the type of a handle, from which the names of
// its methods on the wire are made: Session, or sql_Tx where another package declares
// it. That of a type that isn't declared consists of its methods. No other handle has
// the same, in whatever letters.
func (s *Schema) HandleName(id component.TypeID) string { return s.handles[id] }

// HandleMethod is the method of the handle's type that crosses as m, which is one of a
// handle's: they have one order.
func (s *Schema) HandleMethod(m Method) component.Method {
	i := 0
	for _, other := range s.Methods {
		if other.Name == m.Name {
			break
		}
		if other.Handle == m.Handle {
			i++
		}
	}
	return s.Type(m.Handle).Methods[i]
}

// nameHandles fills Schema.handles.
func (b *builder) nameHandles(types []*component.Type) {
	var taken []string
	b.s.handles = map[component.TypeID]string{}
	for _, t := range types {
		name := free(b.s.handleName(t), taken)
		taken = append(taken, name)
		b.s.handles[t.ID] = name
	}
}

func (s *Schema) handleName(t *component.Type) string {
	if t.Name == "" {
		name := ""
		for _, m := range t.Methods {
			name += m.Name
		}
		return name
	}
	name := t.Name
	if t.Package.Path != s.contract.Package.Path {
		name = t.Package.Name + "_" + name
	}
	for _, arg := range t.Ref.Args {
		name += "_" + strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				return r
			}
			return '_'
		}, arg.String())
	}
	return name
}

// free returns a name that isn't taken, however its letters are written: name itself,
// if it can be. The lock tells of a method that takes the place of another one by the
// handle that is its first parameter.
func free(name string, taken []string) string {
	base := name
	has := func(other string) bool { return strings.EqualFold(name, other) }
	for i := 2; slices.ContainsFunc(taken, has); i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}
