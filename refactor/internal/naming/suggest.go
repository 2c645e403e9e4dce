package naming

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
)

// mostSuggested is how many names a form offers.
const mostSuggested = 5

// Suggest returns names for an interface of a type, as far as its file tells: none that
// the file declares.
func Suggest(file *ast.File, typ string) []string {
	s := Subject{Type: typ, Package: file.Name.Name}
	declared := map[string]bool{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Recv == nil:
				declared[d.Name.Name] = true
			case d.Name.IsExported() && source.Receiver(d) == typ:
				s.Methods = append(s.Methods, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok && d.Tok == token.TYPE && ts.Name != nil {
					declared[ts.Name.Name] = true
				}
			}
		}
	}
	candidates := Contract(s)
	for _, m := range s.Methods { // one alone may be what callers use
		candidates = slices.Insert(candidates, len(candidates)-2, Agent(m))
	}
	var out []string
	for _, c := range candidates {
		if c != "" && !declared[c] && !slices.Contains(out, c) && len(out) < mostSuggested && !strings.HasSuffix(c, "Methods") {
			out = append(out, c)
		}
	}
	return out
}
