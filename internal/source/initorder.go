package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/scc"
)

// usesOf lists the functions and variables of its own package that a node
// refers to.
func usesOf(p *Package, n ast.Node) []string {
	uses := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if name := usedName(p, p.Info.Uses[id]); name != "" {
				uses[name] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(uses))
}

// usedName is the name of a function, method or package variable of p, or "".
func usedName(p *Package, obj types.Object) string {
	if obj == nil || obj.Pkg() != p.Types {
		return ""
	}
	switch obj := obj.(type) {
	case *types.Func:
		recv := obj.Signature().Recv()
		if recv == nil {
			return obj.Name()
		}
		t := types.Unalias(recv.Type())
		if ptr, ok := t.(*types.Pointer); ok {
			t = types.Unalias(ptr.Elem())
		}
		if named, ok := t.(*types.Named); ok && !types.IsInterface(named) {
			return named.Obj().Name() + "." + obj.Name()
		}
	case *types.Var:
		if obj.Parent() == p.Types.Scope() {
			return obj.Name()
		}
	}
	return ""
}

// initCycle reports whether the initialization of a package variable may lead
// back to it, through functions whose bodies weren't checked together.
func initCycle(p *Package, all []*Body) bool {
	uses := map[string][]string{}
	variable := map[string]bool{}
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					variable[name.Name] = true
					for j, v := range spec.Values {
						if i == j || len(spec.Values) == 1 {
							uses[name.Name] = append(uses[name.Name], usesOf(p, v)...)
						}
					}
				}
			}
		}
	}
	for _, b := range all {
		name := b.Decl.Name.Name
		if recv := Receiver(b.Decl); recv != "" {
			name = recv + "." + name
		}
		uses[name] = append(uses[name], b.Uses...)
	}
	next := func(name string) iter.Seq[string] { return slices.Values(uses[name]) }
	for group := range scc.Groups(slices.Values(slices.Sorted(maps.Keys(variable))), next) {
		if scc.Cyclic(group, next) && slices.ContainsFunc(group, func(name string) bool { return variable[name] }) {
			return true
		}
	}
	return false
}
