package http

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/unweld/unweld/internal/component"
)

// camel is a Go name as names are in JSON: UnitPrice is unitPrice, SKU sku, ID id
// and HTTPStatus httpStatus.
func camel(name string) string {
	rs := []rune(name)
	upper := 0
	for upper < len(rs) && unicode.IsUpper(rs[upper]) {
		upper++
	}
	switch {
	case upper > 1 && upper < len(rs) && unicode.IsLower(rs[upper]) && string(rs[upper:]) != "s": // HTTPStatus, but URLs
		upper--
	case upper == 0:
		return name
	}
	return strings.ToLower(string(rs[:upper])) + string(rs[upper:])
}

// unique returns the first of some names that isn't taken, or the last with a number.
func unique(taken map[string]bool, names ...string) string {
	name := names[0]
	for i := 1; taken[name]; i++ {
		if i < len(names) {
			name = names[i]
		} else {
			name = fmt.Sprintf("%s%d", names[len(names)-1], i)
		}
	}
	taken[name] = true
	return name
}

// A tag is what a field's json tag says.
type tag struct {
	name         string // empty: nothing
	omit, hidden bool
}

func parseTag(s string) tag {
	value, ok := reflect.StructTag(s).Lookup("json")
	if !ok {
		return tag{}
	}
	name, options, _ := strings.Cut(value, ",")
	if value == "-" {
		return tag{hidden: true}
	}
	t := tag{name: name}
	for o := range strings.SplitSeq(options, ",") {
		t.omit = t.omit || o == "omitempty" || o == "omitzero"
	}
	for _, r := range name { // as encoding/json, which ignores others
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			t.name = ""
		}
	}
	return t
}

// fieldNames are the names of a struct's fields in JSON. Those that tags give come
// first: two that are made from Go's names must keep clear of them.
func fieldNames(fields []component.Field) (names []string, tags []tag) {
	taken := map[string]bool{}
	names = make([]string, len(fields))
	for i, f := range fields {
		tags = append(tags, parseTag(f.Tag))
		if name := tags[i].name; name != "" {
			names[i] = unique(taken, name)
		}
	}
	for i, f := range fields {
		if names[i] == "" {
			names[i] = unique(taken, camel(f.Name), f.Name)
		}
	}
	return names, tags
}

// paramNames are the names of parameters or results in JSON. A result without a
// name is "result", further ones "result2" and so on.
func paramNames(params []component.Param, plain string) []string {
	taken := map[string]bool{}
	names := make([]string, len(params))
	for i, p := range params {
		if p.Name != "" && p.Name != "_" {
			names[i] = unique(taken, camel(p.Name), p.Name)
		}
	}
	for i := range params {
		if names[i] == "" {
			name := plain
			if i > 0 {
				name = fmt.Sprintf("%s%d", plain, i+1)
			}
			names[i] = unique(taken, name)
		}
	}
	return names
}

// valueNames are the names of a type's constants in JSON: Go's without that of the
// type, with a small first letter, as long as this tells them apart.
func valueNames(t *component.Type) []string {
	names := make([]string, len(t.Constants))
	taken := map[string]bool{}
	for i, c := range t.Constants {
		short := c.Name
		for _, cut := range []string{strings.TrimPrefix(c.Name, t.Name), strings.TrimSuffix(c.Name, t.Name)} {
			if cut != "" && cut != c.Name && unicode.IsUpper([]rune(cut)[0]) {
				short = cut
				break
			}
		}
		names[i] = camel(short)
		if taken[names[i]] {
			return goNames(t)
		}
		taken[names[i]] = true
	}
	return names
}

func goNames(t *component.Type) []string {
	var names []string
	for _, c := range t.Constants {
		names = append(names, c.Name)
	}
	return names
}

// variantNames are the names of the types behind a sealed interface. A pointer to a
// type that is among them itself is "*circle".
func variantNames(t *component.Type) []string {
	values := map[string]bool{}
	for _, f := range t.Fields {
		values[f.Name] = true
	}
	taken := map[string]bool{}
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		base, pointer := strings.CutPrefix(f.Name, "*")
		star := ""
		if pointer && values[base] {
			star = "*"
		}
		names[i] = unique(taken, star+camel(base), f.Name)
	}
	return names
}
