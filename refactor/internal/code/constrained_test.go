package code

import (
	"go/parser"
	"go/token"
	"testing"
)

func TestConstrained(t *testing.T) {
	for name, want := range map[string]map[string]bool{
		"a.go": {
			"package p\n":                                    false,
			"//go:build !windows\n\npackage p\n":             true,
			"//go:build linux || !linux\n\npackage p\n":      false,
			"//go:build go1.21\n\npackage p\n":               false,
			"// +build !windows\n\npackage p\n":              true,
			"//go:build mytag\n\npackage p\n":                true,
			"package p\n\n//go:build windows\nfunc f() {}\n": false,
		},
		"a_linux.go": {"package p\n": true},
		"a_unix.go":  {"package p\n": false},
	} {
		for content, want := range want {
			syntax, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			f := &File{Rel: "p/" + name, Before: []byte(content), AST: syntax}
			if got := f.Constrained(); got != want {
				t.Errorf("%s: %v, want %v:\n%s", name, got, want, content)
			}
		}
	}
}
