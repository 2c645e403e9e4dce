package injectglobal

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor"
)

// offer offers the variable whose name is declared at the place, with the lock that
// is declared beside it.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() {
		return nil
	}
	for _, d := range site.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for i, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for _, id := range spec.Names {
				if id.Name != "_" && site.Covers(id.Pos(), id.End()) {
					return offered(site, g, i, id)
				}
			}
		}
	}
	return nil
}

func offered(site *refactor.Site, g *ast.GenDecl, i int, id *ast.Ident) []refactor.Offer {
	spec := g.Specs[i].(*ast.ValueSpec)
	names := []string{id.Name}
	if lock := lockBeside(g, i); lock != "" && !writtenLock(spec) && len(spec.Names) == 1 {
		names = []string{lock, id.Name}
	}
	if constantSyntax(spec) {
		return nil
	}
	o := refactor.Offer{
		Title:   "Inject " + strings.Join(names, " and ") + " where they are used",
		Request: refactor.Request{Target: site.Target(names...)},
	}
	if len(names) == 1 {
		o.Title = "Inject " + names[0] + " where it is used"
	}
	if ast.IsGenerated(site.Syntax) {
		o.Disabled = "a tool wrote this file, and would write it again"
	} else if len(spec.Values) > 0 && len(spec.Values) != len(spec.Names) {
		o.Disabled = id.Name + " is set together with others by one call"
	}
	return []refactor.Offer{o}
}

// lockBeside returns the name of a mutex that is declared right before or after a
// variable of the same group.
func lockBeside(g *ast.GenDecl, i int) string {
	for _, k := range []int{i - 1, i + 1} {
		if k < 0 || k >= len(g.Specs) || len(g.Specs) > 3 {
			continue
		}
		if spec := g.Specs[k].(*ast.ValueSpec); writtenLock(spec) && len(spec.Names) == 1 {
			return spec.Names[0].Name
		}
	}
	return ""
}

// writtenLock reports a variable of type sync.Mutex or sync.RWMutex.
func writtenLock(spec *ast.ValueSpec) bool {
	sel, ok := spec.Type.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "sync" && (sel.Sel.Name == "Mutex" || sel.Sel.Name == "RWMutex")
}

// constantSyntax reports variables that are plainly never changed.
func constantSyntax(spec *ast.ValueSpec) bool {
	return len(spec.Values) > 0 && !slices.ContainsFunc(spec.Values, func(e ast.Expr) bool {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		return !ok || !slices.Contains([]string{"errors.New", "fmt.Errorf", "regexp.MustCompile"}, x.Name+"."+sel.Sel.Name)
	})
}
