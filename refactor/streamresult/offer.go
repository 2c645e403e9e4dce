package streamresult

import (
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/listuse"
)

// offer offers the function or method whose signature is at the place, if it returns
// a slice that it makes itself.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if f := site.Func(); f == nil || f.Body == nil || f.Type.Results == nil || !listuse.Makes(f) {
		return nil
	}
	return listuse.Offer(site, func(name string) string { return "Hand out the elements of " + name + " one by one" })
}
