package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
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
		if b.Decl.Recv != nil {
			name = receiver(b.Decl) + "." + name
		}
		uses[name] = append(uses[name], b.Uses...)
	}
	search := cycleSearch{uses: uses, variable: variable, index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}}
	for _, v := range slices.Sorted(maps.Keys(variable)) {
		if len(uses[v]) > 0 && search.index[v] == 0 && search.visit(v) {
			return true
		}
	}
	return false
}

// A cycleSearch looks for a strongly connected component that has a variable.
type cycleSearch struct {
	uses     map[string][]string
	variable map[string]bool
	index    map[string]int // from 1, in order of the visit
	low      map[string]int
	on       map[string]bool
	stack    []string
}

func (c *cycleSearch) visit(v string) bool {
	c.index[v] = len(c.index) + 1
	c.low[v] = c.index[v]
	c.stack = append(c.stack, v)
	c.on[v] = true
	self := false
	for _, u := range c.uses[v] {
		switch {
		case u == v:
			self = true
		case c.index[u] == 0:
			if c.visit(u) {
				return true
			}
			c.low[v] = min(c.low[v], c.low[u])
		case c.on[u]:
			c.low[v] = min(c.low[v], c.index[u])
		}
	}
	if c.low[v] < c.index[v] {
		return false
	}
	return c.pop(v, self)
}

// pop takes the component of v off the stack, and reports whether it is a cycle
// that leads through a variable.
func (c *cycleSearch) pop(v string, self bool) bool {
	at := slices.Index(c.stack, v)
	part := c.stack[at:]
	c.stack = c.stack[:at]
	found := false
	for _, u := range part {
		c.on[u] = false
		found = found || c.variable[u]
	}
	return found && (len(part) > 1 || self)
}
