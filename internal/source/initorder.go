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
	var uses []string
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if name := usedName(p, p.Info.Uses[id]); name != "" && !slices.Contains(uses, name) {
				uses = append(uses, name)
			}
		}
		return true
	})
	slices.Sort(uses)
	return uses
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
	values := valueUses(p)
	uses := maps.Clone(values)
	for _, b := range all {
		name := initName(b.Decl)
		uses[name] = append(uses[name][:len(uses[name]):len(uses[name])], b.Uses...)
	}
	return cyclic(values, uses)
}

// initName is the name of a function or method as Uses have it.
func initName(d *ast.FuncDecl) string {
	if recv := Receiver(d); recv != "" {
		return recv + "." + d.Name.Name
	}
	return d.Name.Name
}

// valueUses lists what the values of the package's variables refer to, by the
// name of the variable.
func valueUses(p *Package) map[string][]string {
	uses := map[string][]string{}
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					uses[name.Name] = append(uses[name.Name], []string{}...)
					for j, v := range spec.Values {
						if i == j || len(spec.Values) == 1 {
							uses[name.Name] = append(uses[name.Name], usesOf(p, v)...)
						}
					}
				}
			}
		}
	}
	return uses
}

// cyclic reports whether a variable leads back to itself.
func cyclic(variable, uses map[string][]string) bool {
	next := func(name string) iter.Seq[string] { return slices.Values(uses[name]) }
	for group := range scc.Groups(slices.Values(slices.Sorted(maps.Keys(variable))), next) {
		isVariable := func(name string) bool { _, ok := variable[name]; return ok }
		if scc.Cyclic(group, next) && slices.ContainsFunc(group, isVariable) {
			return true
		}
	}
	return false
}
