package threaderror

import (
	"go/ast"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// offer offers the function or method whose signature is at the place, or says
// why it can't return an error.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f := site.Func()
	if f == nil || site.Test() {
		return nil // no target names a function of a test
	}
	target := strings.TrimSuffix(site.Dir(), "/") + "."
	if recv := source.Receiver(f); recv != "" {
		target += recv + "."
	}
	return []refactor.Offer{{
		Title:    "Return an error from " + f.Name.Name,
		Request:  refactor.Request{Target: target + f.Name.Name},
		Disabled: unable(site, f),
	}}
}

func unable(site *refactor.Site, f *ast.FuncDecl) string {
	name := f.Name.Name
	switch {
	case f.Body == nil:
		return name + " has no Go body"
	case f.Recv == nil && (name == "init" || name == "main" && site.Syntax.Name.Name == "main"):
		return "the runtime calls " + name
	case returnsError(f):
		return name + " returns an error already"
	}
	return ""
}

// returnsError reports a last result that is written error.
func returnsError(f *ast.FuncDecl) bool {
	rs := f.Type.Results
	if rs == nil || len(rs.List) == 0 {
		return false
	}
	id, ok := rs.List[len(rs.List)-1].Type.(*ast.Ident)
	return ok && id.Name == "error"
}
