package movedeclaration

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor"
)

// offer offers to move the declarations that are selected, or the one at the
// place, to a new package below the one that they are in.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() || site.PackageClause() {
		return nil
	}
	names := declared(site)
	if len(names) == 0 {
		return nil
	}
	to := path.Join(site.Dir(), packageName(names[0], path.Base(site.Dir())))
	o := refactor.Offer{
		Title:   "Move " + strings.Join(names, ", ") + " to another package",
		Request: refactor.Request{Target: site.Target(names...), Params: map[string]string{paramTo: "./" + to}},
	}
	if ast.IsGenerated(site.Syntax) {
		o.Disabled = "a tool wrote this file, and would write it again"
	}
	return []refactor.Offer{o}
}

// packageName makes the name of a new package in a folder. It must not hide what the
// language calls so.
func packageName(declared, folder string) string {
	name := strings.ToLower(strings.TrimLeft(declared, "_"))
	if types.Universe.Lookup(name) != nil {
		name = folder + name
	}
	if !token.IsIdentifier(name) || name == "main" || name == "internal" || name == "vendor" || name == "testdata" {
		return "moved"
	}
	return name
}

// declared lists the names of the declarations at the place.
func declared(site *refactor.Site) []string {
	decls := site.Selected()
	if f := site.Func(); f != nil && len(decls) == 0 {
		decls = []ast.Decl{f}
	}
	if t := site.Type(); t != nil && len(decls) == 0 {
		return []string{t.Name.Name}
	}
	var out []string
	for _, d := range decls {
		for _, name := range namesOf(site, d) {
			if name != "_" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func namesOf(site *refactor.Site, d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "init" && !(d.Name.Name == "main" && site.Syntax.Name.Name == "main") {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var out []string
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, spec.Name.Name)
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					out = append(out, n.Name)
				}
			}
		}
		return out
	}
	return nil
}
