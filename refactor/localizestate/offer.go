package localizestate

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// offer offers to move the field at the place out of a struct that has others, with
// those that only the same methods of the file use.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() {
		return nil
	}
	for _, d := range site.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.TypeSpec)
			st, ok := spec.Type.(*ast.StructType)
			if !ok || spec.TypeParams != nil || st.Fields.NumFields() < 2 {
				continue
			}
			for _, f := range st.Fields.List {
				for _, id := range f.Names {
					if site.Covers(id.Pos(), id.End()) {
						return offered(site, spec, f, id.Name, st)
					}
				}
			}
		}
	}
	return nil
}

func offered(site *refactor.Site, spec *ast.TypeSpec, f *ast.Field, name string, st *ast.StructType) []refactor.Offer {
	names := companions(site, spec.Name.Name, name, st)
	into := naming.Exported(name)
	if declared(site, into) {
		into += "State"
	}
	if !ast.IsExported(into) {
		return nil
	}
	o := refactor.Offer{
		Title:   "Move " + strings.Join(names, ", ") + " of " + spec.Name.Name + " into a struct of their own",
		Request: refactor.Request{Target: site.Target(spec.Name.Name), Params: map[string]string{paramFields: strings.Join(names, ","), paramInto: into}},
	}
	if len(names) == 1 {
		o.Title = "Move " + name + " of " + spec.Name.Name + " into a struct of its own"
	}
	switch {
	case ast.IsGenerated(site.Syntax):
		o.Disabled = "a tool wrote this file, and would write it again"
	case f.Tag != nil:
		o.Disabled = "a tag says how " + name + " is encoded"
	}
	return []refactor.Offer{o}
}

// declared reports a name that the file declares.
func declared(site *refactor.Site, name string) bool {
	for _, d := range site.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == name {
				return true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.Name == name {
						return true
					}
				case *ast.ValueSpec:
					if slices.ContainsFunc(s.Names, func(id *ast.Ident) bool { return id.Name == name }) {
						return true
					}
				}
			}
		}
	}
	return false
}

// companions are a field and the others that no method of the file uses without it.
func companions(site *refactor.Site, typ, name string, st *ast.StructType) []string {
	used := map[string][]map[string]bool{} // by field: the fields of each method that uses it
	for _, d := range site.Syntax.Decls {
		m, ok := d.(*ast.FuncDecl)
		if !ok || m.Body == nil || source.Receiver(m) != typ || len(m.Recv.List[0].Names) == 0 {
			continue
		}
		fields := selectedOf(m)
		for f := range fields {
			used[f] = append(used[f], fields)
		}
	}
	out := []string{}
	for _, f := range st.Fields.List {
		for _, id := range f.Names {
			with := used[id.Name]
			if id.Name == name || f.Tag == nil && len(with) > 0 && !slices.ContainsFunc(with, func(fields map[string]bool) bool { return !fields[name] }) {
				out = append(out, id.Name)
			}
		}
	}
	if len(out) == st.Fields.NumFields() {
		return []string{name}
	}
	return out
}

// selectedOf are the names that a method selects from its receiver.
func selectedOf(m *ast.FuncDecl) map[string]bool {
	recv, out := m.Recv.List[0].Names[0].Name, map[string]bool{}
	ast.Inspect(m.Body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == recv {
				out[sel.Sel.Name] = true
			}
		}
		return true
	})
	return out
}
