package wraptransaction

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// offer offers the function at the place if it begins a transaction, and gives that to
// a function of another package before it commits.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f, target := thread.Target(site)
	if f == nil || f.Body == nil {
		return nil
	}
	tx, commits := transaction(f)
	if tx == "" || !commits {
		return nil
	}
	callee, call := lastGiven(site, f, tx)
	if call == "" {
		return nil
	}
	o := refactor.Offer{
		Title:   "Let " + callee + " follow the commit of " + f.Name.Name,
		Request: refactor.Request{Target: target, Params: map[string]string{paramCall: call}},
	}
	if ast.IsGenerated(site.Syntax) {
		o.Disabled = "a tool wrote this file, and would write it again"
	}
	return []refactor.Offer{o}
}

// transaction returns the variable that a function begins a transaction in, and
// whether it commits that.
func transaction(f *ast.FuncDecl) (tx string, commits bool) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Rhs) != 1 || len(n.Lhs) != 2 {
				return true
			}
			c, ok := n.Rhs[0].(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := c.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "BeginTx" || sel.Sel.Name == "Begin") {
				if id, ok := n.Lhs[0].(*ast.Ident); ok && n.Tok == token.DEFINE {
					tx = id.Name
				}
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Commit" {
				x, ok := sel.X.(*ast.Ident)
				commits = commits || ok && x.Name == tx && tx != ""
			}
		}
		return true
	})
	return tx, commits
}

// lastGiven returns the last function of another package that is called with the
// transaction, as the code and as requests name it.
func lastGiven(site *refactor.Site, f *ast.FuncDecl, tx string) (callee, call string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok || pkg.Name == tx {
			return true
		}
		for _, a := range c.Args {
			if id, ok := a.(*ast.Ident); ok && id.Name == tx {
				if path := imported(site, pkg.Name); path != "" {
					callee, call = pkg.Name+"."+sel.Sel.Name, path+"."+sel.Sel.Name
				}
			}
		}
		return true
	})
	return callee, call
}

// imported returns the path of a package by the name that the file knows it by.
func imported(site *refactor.Site, name string) string {
	for _, s := range site.Syntax.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		base := p
		for i := len(p) - 1; i >= 0; i-- {
			if p[i] == '/' {
				base = p[i+1:]
				break
			}
		}
		if s.Name != nil {
			base = s.Name.Name
		}
		if base == name {
			return p
		}
	}
	return ""
}
