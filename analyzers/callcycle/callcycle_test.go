package callcycle

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

func Test(t *testing.T) {
	members := "orders=shop/orders,orders=shop/place,pricing=shop/pricing,stock=shop/stock,orders=shop/quiet,mail=shop/mail"
	if err := Analyzer.Analysis.Flags.Set("components", members); err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, "shop/orders", "shop/pricing", "shop/place", "shop/stock", "shop/quiet", "shop/mail")
}

// TestGroups gives calls as "from to", between components of one package each.
func TestGroups(t *testing.T) {
	for _, tt := range []struct {
		name, calls string
		want        []string // path: message
	}{
		{"none", "a b, b c, a c", nil},
		{"itself", "a a", nil},
		{"two", "a b, b a", []string{"a b: a calls b and b calls a"}},
		{"three", "c a, a b, b c", []string{"a b c: a calls b, b calls c and c calls a"}},
		{"shortest of several", "a b, b c, c a, c b", []string{"a b c: b calls c and c calls b; 3 components depend on each other in this way: a, b, c"}},
		{"two groups", "a b, b a, b x, x y, y x", []string{"a b: a calls b and b calls a", "x y: x calls y and y calls x"}},
		{"only leads to one", "m a, a b, b a, b z", []string{"a b: a calls b and b calls a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &analyzers.Program{ComponentOf: func(d component.DeclID) string { return d.Pkg }}
			for i, c := range strings.Split(tt.calls, ", ") {
				from, to, _ := strings.Cut(c, " ")
				of := component.Subject{Decl: component.DeclID{Pkg: from, Name: "F"}}
				p.AddFacts([]component.FunctionFacts{{Of: of, At: text.Span{File: "f.go", Line: i + 1}, By: []component.AnalyzerFacts{{Analyzer: "calls", Facts: []component.Fact{{Kind: calls.Calls, Text: calls.Remote,
					Span: text.Span{Line: 1, Col: 1}, To: component.Subject{Decl: component.DeclID{Pkg: to, Name: "F"}}}}}}}})
			}
			var got []string
			for _, pr := range p.Run([]*analyzers.Analyzer{&Analyzer}) {
				message, _, _ := strings.Cut(pr.Message, ": in one process")
				got = append(got, pr.Path+": "+message)
				if len(pr.Related) < 2 || pr.Related[0].Span != pr.Span {
					t.Errorf("evidence: %+v", pr.Related)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
