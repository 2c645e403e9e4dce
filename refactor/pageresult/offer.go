package pageresult

import (
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/listuse"
)

// offer offers the function or method whose signature is at the place, if it returns
// a slice.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	return listuse.Offer(site, func(name string) string { return "Return " + name + " in pages" })
}
