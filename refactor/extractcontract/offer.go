package extractcontract

import (
	"go/ast"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// offer offers the struct type whose name stands at the place, or says why there is
// no interface to be had of it.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	ts := site.Type()
	if ts == nil || site.Test() {
		return nil
	}
	if _, ok := ts.Type.(*ast.StructType); !ok {
		return nil
	}
	why := ""
	switch {
	case !ts.Name.IsExported():
		why = ts.Name.Name + " isn't exported, so nothing outside its package uses it"
	case site.Syntax.Name.Name == "main":
		why = "nobody can import a main package"
	}
	return []refactor.Offer{{
		Title:    "Extract a contract from what uses " + ts.Name.Name,
		Request:  refactor.Request{Target: site.Target(ts.Name.Name)},
		Disabled: why,

		Suggestions: map[string][]string{paramName: naming.Suggest(site.Syntax, ts.Name.Name)},
	}}
}
