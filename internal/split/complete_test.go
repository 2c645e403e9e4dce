package split

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestKeysHaveDocs: each key of the format says what it is for, in the schema, too.
func TestKeysHaveDocs(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Map, reflect.Slice, reflect.Pointer:
			visit(typ.Elem())
		case reflect.Struct:
			if seen[typ] {
				return
			}
			seen[typ] = true
			for _, f := range yamlFields(typ) {
				if keyDocs[typ][f.name] == "" {
					t.Errorf("%s: nothing says what %s is for", typ, f.name)
				}
				visit(typ.Field(f.index).Type)
			}
		}
	}
	visit(reflect.TypeFor[Config]())
	var schema struct {
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(Schema(terms), &schema); err != nil || schema.Properties["splits"].Description == "" {
		t.Errorf("the schema has no descriptions: %v", err)
	}
}

// TestComplete asks for what can stand where ^ is.
func TestComplete(t *testing.T) {
	words := Words{Components: []string{"carts", "pricing"}, Undeclared: []string{"tax"}, Endpoints: []string{"pricing.Quote"}, Packages: []string{"./carts", "./pricing"}, Contracts: []string{"./pricing.Service"}, Splits: []string{"micro"}}
	for _, c := range []struct{ in, want, not string }{
		{"^", "version components rules splits editor", ""},
		{"ver^", "version", "rules"},
		{"version: ^", "1", ""},
		{"version: 1\n^", "rules", ""},
		{"components:\n  ^", "tax", "carts"},
		{"components:\n  tax:\n    ^", "packages contract owner options", ""},
		{"components:\n  tax: {^", "packages contract", ""},
		{"components:\n  tax: {packages: [./carts], con^", "contract", "packages"},
		{"components:\n  tax: {packages: [^", "./carts ./carts/... ./pricing", ""},
		{"components:\n  tax: {packages: [./carts, ./p^", "./pricing ./pricing/...", "./carts"},
		{"components:\n  tax:\n    packages:\n      - ./c^", "./carts", "./pricing"},
		{"components:\n  tax:\n    packages:\n    - ^", "./carts", ""},
		{"components:\n  tax:\n    packages: [./tax]\n    contract: ^", "./pricing.Service", ""},
		{"rules:\n  allow:\n    ^", "carts pricing", ""},
		{"rules:\n  allow:\n    carts: [^", "pricing \"*\"", ""},
		{"rules: {allow: {carts: [], pricing: [c^", "carts", ""},
		{"rules:\n  tests: ^", "true false", ""},
		{"splits:\n  micro:\n    units:\n      main:\n        components: ['*']\n        ^", "packaging state scale", "links"},
		{"splits:\n  micro:\n    units:\n      main: {components: [\"*\"]}\n    ^", "units links", "packaging"},
		{"splits:\n  micro:\n    units:\n      a: {components: [^", "carts", ""},
		{"splits:\n  micro:\n    units:\n      a: {endpoints: [pri^", "pricing.Quote", ""},
		{"splits:\n  micro:\n    units:\n      a: {state: {store: ^", "memory", ""},
		{"splits:\n  micro:\n    units:\n      a: {packaging: ^", "oci", ""},
		{"editor: {split: ^", "micro", ""},
		{"# comment\neditor:\n  split: m^", "micro", ""},
		{"nonsense:\n  x: ^", "", "version"},
		{"- ^", "", "version"},
	} {
		offset := strings.Index(c.in, "^")
		got, start := Complete([]byte(strings.Replace(c.in, "^", "\nversion: 1\n", 1)), offset, words, terms)
		var labels []string
		for _, g := range got {
			labels = append(labels, g.Label)
		}
		for _, want := range strings.Fields(c.want) {
			if !slices.Contains(labels, want) {
				t.Errorf("%q: no %s in %q", c.in, want, labels)
			}
		}
		if c.not != "" && slices.Contains(labels, c.not) || c.want == "" && len(labels) > 0 {
			t.Errorf("%q: there is %q", c.in, labels)
		}
		if start > offset || strings.ContainsAny(c.in[start:offset], " \n") {
			t.Errorf("%q: the word begins at %d", c.in, start)
		}
	}
}

// FuzzComplete: whatever is written, completion ends without harm.
func FuzzComplete(f *testing.F) {
	f.Add("a: {b: [c, {d", 5)
	f.Add("- - - x: ]}", 9)
	f.Fuzz(func(t *testing.T, in string, offset int) {
		_, start := Complete([]byte(in), offset, Words{}, terms)
		if start < 0 || start > len(in) {
			t.Errorf("%q at %d: the word begins at %d", in, offset, start)
		}
	})
}
