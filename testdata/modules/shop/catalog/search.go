package catalog

import (
	"strings"
	"unicode"
)

// index maps words to the SKUs of the products that contain them.
type index map[string]map[string]bool

func (ix index) add(p Product) {
	for _, w := range words(p.SKU + " " + p.Name + " " + p.Description + " " + p.Category) {
		if ix[w] == nil {
			ix[w] = make(map[string]bool)
		}
		ix[w][p.SKU] = true
	}
}

// matches reports whether each word of query is the beginning of a word of
// the product.
func (ix index) matches(sku, query string) bool {
	for _, q := range words(query) {
		if !ix.hasPrefix(sku, q) {
			return false
		}
	}
	return true
}

func (ix index) hasPrefix(sku, prefix string) bool {
	for w, skus := range ix {
		if strings.HasPrefix(w, prefix) && skus[sku] {
			return true
		}
	}
	return false
}

// words splits text at everything but letters and digits, in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
