package sharedglobal

import (
	"fmt"
	"testing"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

func TestOnlyVariablesThatChange(t *testing.T) {
	for _, tt := range []struct {
		name    string
		mutable bool
		kind    string
		owner   map[string]string
		want    string
	}{
		{"changed by its owner", true, "global", map[string]string{"m/stock": "stock", "m/orders": "orders"}, "shared-global stock stock/r.go:3:5 orders/o.go:9:2"},
		{"changed by the other", false, "write", map[string]string{"m/stock": "stock", "m/orders": "orders"}, "shared-global stock stock/r.go:3:5 orders/o.go:9:2"},
		{"set once", false, "global", map[string]string{"m/stock": "stock", "m/orders": "orders"}, ""},
		{"called", true, "call", map[string]string{"m/stock": "stock", "m/orders": "orders"}, ""},
		{"of the same component", true, "global", map[string]string{"m/stock": "stock", "m/orders": "stock"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			summaries := []*component.Summary{
				{Package: component.Package{Path: "m/stock", Name: "stock", Dir: "stock"}, Module: "m", Decls: []component.Decl{
					{Name: "Rates", Kind: "var", Mutable: tt.mutable, Span: text.Span{File: "stock/r.go", Line: 3, Col: 5}}}},
				{Package: component.Package{Path: "m/orders", Name: "orders", Dir: "orders"}, Module: "m", Decls: []component.Decl{{Name: "F", Kind: "func"}},
					Refs: []component.Ref{{From: component.DeclID{Pkg: "m/orders", Name: "F"}, To: component.DeclID{Pkg: "m/stock", Name: "Rates"}, Kind: tt.kind, Count: 1,
						Span: text.Span{File: "orders/o.go", Line: 9, Col: 2}}}},
			}
			r := cluster.Find(summaries, cluster.Options{Module: "m", Declared: tt.owner})
			p := &analyzers.Program{Summaries: summaries, Result: r, ComponentOf: r.ComponentOf()}
			got := ""
			for _, h := range p.Run([]*analyzers.Analyzer{&Analyzer}) {
				got += fmt.Sprint(h.Code, " ", h.Component, " ", h.Span, " ", h.Related[0].Span)
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
