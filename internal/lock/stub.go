package lock

import (
	"fmt"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Stubs returns replacements for the generated Go files of a component, for use
// while its contract is read: together they declare only the function that
// composition roots call. read returns a file's content, nil if it doesn't
// exist.
func (p *Part) Stubs(module string, read func(string) []byte) map[string][]byte {
	out := map[string][]byte{}
	var files []string
	for file := range p.Generated {
		if content := read(file); content != nil && strings.HasSuffix(file, ".go") {
			out[file] = PackageClause(content)
			if !component.IsValuesFile(file) && !component.IsLibraryFile(file) { // which may be in a package without a contract
				files = append(files, file)
			}
		}
	}
	if len(files) == 0 {
		return out
	}
	slices.Sort(files)
	dot := strings.LastIndexByte(p.Contract, '.')
	dir, name := path.Clean(p.Contract[:dot]), p.Contract[dot+1:]
	first := files[0]
	if path.Dir(first) == dir {
		out[first] = fmt.Appendf(out[first], "\nfunc unweldOpen(s %s) %s { return s }\n", name, name)
		return out
	}
	out[first] = fmt.Appendf(out[first], `
import (
	"context"

	contract %q
)

func Open(ctx context.Context, construct func(context.Context) (contract.%s, error)) (contract.%s, error) {
	return construct(ctx)
}
`, path.Join(module, dir), name, name)
	return out
}

// PackageClause returns a Go file reduced to its package clause.
func PackageClause(content []byte) []byte {
	f, err := parser.ParseFile(token.NewFileSet(), "", content, parser.PackageClauseOnly)
	if err != nil {
		return []byte("package broken\n")
	}
	return []byte("package " + f.Name.Name + "\n")
}
