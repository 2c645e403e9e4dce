package threaderror

import (
	"go/ast"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// offer offers the function or method whose signature is at the place, or says
// why it can't return an error.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	f, target := thread.Target(site)
	if f == nil {
		return nil
	}
	return []refactor.Offer{{
		Title:    "Return an error from " + f.Name.Name,
		Request:  refactor.Request{Target: target},
		Disabled: unable(site, f),
	}}
}

func unable(site *refactor.Site, f *ast.FuncDecl) string {
	if why := thread.Fixed(site, f); why != "" {
		return why
	}
	if returnsError(f) {
		return f.Name.Name + " returns an error already"
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
