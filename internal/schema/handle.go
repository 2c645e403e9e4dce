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
	var methods []component.Method
	var of []component.TypeID
	for _, t := range types {
		name := b.handleName(t)
		for _, m := range t.Methods {
			m.Params = append([]component.Param{{Name: "handle", Type: t.Ref}}, m.Params...)
			if slices.ContainsFunc(m.Params[1:], func(p component.Param) bool { return p.Name == "handle" }) {
				m.Params[0].Name = "unweld_handle"
			}
			m.Name = b.free(name+"_"+m.Name, methods)
			methods, of = append(methods, m), append(of, t.ID)
		}
	}
	for i, m := range methods {
		b.number(m.Name)
		b.method(m, of[i])
	}
	b.s.KeepName = b.free(keepName, methods)
	b.s.Keep = b.number(b.s.KeepName)
}

// HandleName returns an identifier for the type of a handle, from which the names of
// its methods on the wire are made: Session, or sql_Tx where another package declares
// it. That of a type that isn't declared consists of its methods.
func (s *Schema) HandleName(id component.TypeID) string {
	t := s.Type(id)
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

func (b *builder) handleName(t *component.Type) string { return b.s.HandleName(t.ID) }

// free returns a name that no method has: name itself, if it can be. The lock tells
// of a method that takes the place of another one by the handle that is its first
// parameter.
func (b *builder) free(name string, methods []component.Method) string {
	base := name
	has := func(m component.Method) bool { return m.Name == name }
	for i := 2; slices.ContainsFunc(b.s.contract.Methods, has) || slices.ContainsFunc(methods, has); i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}
