package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/crossing"
)

// mayDecide lists who writes codes of package crossing down, beside it.
var mayDecide = []struct{ pattern, what string }{
	{"internal/crossing/...", "decides"},
	{"internal/codes", "documents"},
	{"analyzers/...", "documents, one folder a code"},
	{"internal/contract", "what isn't an interface is no contract; puts what crossing says into a contract"},
	{"internal/schema", "a contract that doesn't describe its own types"},
	{"refactor/extract", "a target that is generic as a whole"},
}

// TestOneAnswer fails where code beside package crossing says by itself that
// something can't cross: it would have to write one of the codes.
func TestOneAnswer(t *testing.T) {
	named := 0
	for _, p := range load(t, "../..") {
		allowed := slices.ContainsFunc(mayDecide, func(m struct{ pattern, what string }) bool { return within(p.rel(), []string{m.pattern}) })
		for _, file := range p.Files {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING || !strings.Contains(lit.Value, "-") {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil || !slices.Contains(crossing.Codes, text) {
					return true
				}
				if named++; !allowed {
					t.Errorf("%s: %s: whether something can cross is decided by internal/crossing alone", fset.Position(lit.Pos()), text)
				}
				return true
			})
		}
	}
	if named < len(crossing.Codes) {
		t.Errorf("only %d codes found: the walk missed the code", named)
	}
}
