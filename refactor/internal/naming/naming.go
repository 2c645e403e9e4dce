// Package naming makes names for what refactorings declare: plurals, and names that
// nothing at the place has yet.
package naming

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/unweld/unweld/refactor/internal/code"
)

// Plural returns the plural of a name in camel case, and whether it has one that
// differs from it.
func Plural(name string) (string, bool) {
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return "", false
	case strings.HasSuffix(name, "ID") || strings.HasSuffix(name, "URL") || strings.HasSuffix(name, "SKU"):
		return name + "s", true
	case slices.ContainsFunc([]string{"data", "info", "many", "all", "children", "people", "metadata"}, func(s string) bool { return strings.HasSuffix(lower, s) }):
		return name, false
	case strings.HasSuffix(lower, "ss"), strings.HasSuffix(lower, "x"), strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"), strings.HasSuffix(lower, "us"), strings.HasSuffix(lower, "is"):
		return name + "es", true
	case strings.HasSuffix(lower, "s"):
		return name, false
	case strings.HasSuffix(lower, "y") && len(name) > 1 && !strings.ContainsRune("aeiou", rune(lower[len(lower)-2])):
		return name[:len(name)-1] + "ies", true
	}
	return name + "s", true
}

// Singular returns the singular of a plural, and whether it is one.
func Singular(name string) (string, bool) {
	candidates := []string{strings.TrimSuffix(name, "s"), strings.TrimSuffix(name, "es")}
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		candidates = slices.Insert(candidates, 0, stem+"y")
	}
	for _, one := range candidates {
		if many, ok := Plural(one); ok && many == name {
			return one, true
		}
	}
	return name, false
}

// Words separates a name in camel case into its words.
func Words(name string) []string {
	var out []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			out = append(out, string(runes[start:i]))
			start = i
		}
	}
	return out
}

// Names are the names that new declarations in one function must differ in.
type Names map[string]bool

// In collects the names that are mentioned in a function, or mean something around
// it.
func In(f *code.File, fn ast.Node) Names {
	used := Names{}
	for s := f.Pkg.Types.Scope(); s != nil; s = s.Parent() {
		for _, name := range s.Names() {
			used[name] = true
		}
	}
	for _, spec := range f.AST.Imports {
		if p := f.Pkg.Info.PkgNameOf(spec); p != nil {
			used[p.Name()] = true
		}
	}
	selected := map[*ast.Ident]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.Ident:
			if v, ok := f.Pkg.Info.Uses[n].(*types.Var); !selected[n] && (!ok || !v.IsField()) {
				used[n.Name] = true
			}
		}
		return true
	})
	return used
}

// Take returns the first candidate that is free, or the first one with a number, and
// takes it.
func (used Names) Take(candidates ...string) string {
	free := func(name string) bool { return token.IsIdentifier(name) && name != "_" && !used[name] }
	for _, c := range candidates {
		if free(c) {
			used[c] = true
			return c
		}
	}
	for i := 2; ; i++ {
		if c := candidates[0] + strconv.Itoa(i); free(c) {
			used[c] = true
			return c
		}
	}
}
