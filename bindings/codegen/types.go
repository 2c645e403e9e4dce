package codegen

import (
	"fmt"
	"go/token"

	"github.com/unweld/unweld/internal/component"
)

// unnameableTypes reports the types that values of the contract consist of and
// that the target package can't write down, each with the path that leads to
// it. Without their names no codec can be generated.
func unnameableTypes(c *component.Contract, target component.Package) []component.Problem {
	n := &naming{c: c, target: target}
	w := c.Walker(n.visit)
	for _, m := range c.Generated() {
		w.Method(&m)
	}
	w.Errors()
	return n.problems
}

type naming struct {
	c        *component.Contract
	target   component.Package
	problems []component.Problem
}

func (n *naming) visit(v component.Visit) bool {
	if v.Type == nil {
		return false // the schema reports a type that isn't there
	}
	why, hint := n.problem(v.Type)
	owner, elsewhere := valuesOf(v.Type, n.target)
	if why == "" && elsewhere && owner.Dir == "" {
		why, hint = "has unexported fields and is of another module", "cross with a type of your own that has the same content"
	}
	if why == "" {
		return !elsewhere // its package names what is in it
	}
	n.problems = append(n.problems, component.Problem{
		Code: "unexported-type", Severity: component.Error, Component: n.c.Component, Path: v.Path, Span: v.Span,
		Message: fmt.Sprintf("%s (%s) %s, so generated code can't name it", v.Path, v.ID, why), Hint: hint,
	})
	return false
}

// problem says why the target package can't write a type down.
func (n *naming) problem(t *component.Type) (why, hint string) {
	if t.Name == "" {
		for _, f := range t.Fields {
			if t.Kind == component.KindStruct && !token.IsExported(f.Name) && n.target.Path != n.c.Package.Path {
				return "has the unexported field " + f.Name, "export the field, or declare the type"
			}
		}
		return "", ""
	}
	if why, hint = n.unreachable(t.Package, t.Name); why != "" {
		return why, hint
	}
	for _, arg := range t.Ref.Args {
		for r := range arg.Mentioned() {
			if why, hint = n.unreachable(component.Package{Path: r.Path, Name: r.Package}, r.Name); why != "" {
				return "has the type argument " + r.String() + ", which " + why, hint
			}
		}
	}
	return "", ""
}

// unreachable says why the target package can't name a declared type.
func (n *naming) unreachable(home component.Package, name string) (why, hint string) {
	switch {
	case home.Path == n.target.Path || home.Path == "":
		return "", ""
	case !token.IsExported(name):
		return "is not exported", "export the type " + name
	case home.Name == "main":
		return "is declared in package main", "move it to a package that can be imported"
	case !visible(home.Path, n.target.Path):
		return "is declared in an internal package", "move it to a package that " + n.target.Path + " can import"
	}
	return "", ""
}
