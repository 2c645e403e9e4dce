package codegen

import (
	"fmt"
	"go/token"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// unnameableTypes reports the types that values of the contract consist of and
// that the target package can't write down, each with the path that leads to
// it. Without their names no codec can be generated.
func unnameableTypes(c *component.Contract, target component.Package) []component.Problem {
	n := &naming{c: c, target: target, seen: map[component.TypeID]bool{}}
	for _, m := range c.Remote() {
		for _, p := range m.Params {
			n.walk(p.Type, m.Name+"("+p.Name+")", m.Span)
		}
		for i, r := range m.Results {
			n.walk(r.Type, fmt.Sprintf("%s() result %d", m.Name, i+1), m.Span)
		}
	}
	for _, e := range c.Errors {
		n.walk(e.Type, e.Name, c.Span)
	}
	return n.problems
}

type naming struct {
	c        *component.Contract
	target   component.Package
	seen     map[component.TypeID]bool
	problems []component.Problem
}

func (n *naming) walk(id component.TypeID, path string, span text.Span) {
	t := n.c.Type(id)
	if t == nil || n.seen[id] {
		return // the schema reports a type that isn't there
	}
	n.seen[id] = true
	if t.Span.IsValid() {
		span = t.Span
	}
	if why, hint := n.problem(t); why != "" {
		n.problems = append(n.problems, component.Problem{
			Code: "unexported-type", Severity: component.Error, Component: n.c.Component, Path: path, Span: span,
			Message: fmt.Sprintf("%s (%s) %s, so generated code can't name it", path, id, why), Hint: hint,
		})
		return
	}
	switch t.Kind {
	case component.KindSlice, component.KindArray:
		n.walk(t.Elem, path+"[]", span)
	case component.KindPointer:
		n.walk(t.Elem, path, span)
	case component.KindMap:
		n.walk(t.Key, path+"[key]", span)
		n.walk(t.Elem, path+"[]", span)
	case component.KindStruct:
		for _, f := range t.Fields {
			n.walk(f.Type, path+"."+f.Name, span)
		}
	}
}

// problem says why the target package can't write a type down.
func (n *naming) problem(t *component.Type) (why, hint string) {
	if t.Name == "" {
		for _, f := range t.Fields {
			if !token.IsExported(f.Name) && n.target.Path != n.c.Package.Path {
				return "has the unexported field " + f.Name, "export the field, or declare the type"
			}
		}
		return "", ""
	}
	switch {
	case t.Package.Path == n.target.Path || t.Package.Path == "":
		return "", ""
	case !token.IsExported(t.Name):
		return "is not exported", "export the type " + t.Name
	case t.Package.Name == "main":
		return "is declared in package main", "move it to a package that can be imported"
	case !visible(t.Package.Path, n.target.Path):
		return "is declared in an internal package", "move it to a package that " + n.target.Path + " can import"
	}
	return "", ""
}
