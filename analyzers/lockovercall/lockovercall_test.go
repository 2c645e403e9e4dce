package lockovercall

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func set(t *testing.T, flags map[string]string) {
	t.Helper()
	for name, value := range flags {
		was := Analyzer.Analysis.Flags.Lookup(name).Value.String()
		if err := Analyzer.Analysis.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { Analyzer.Analysis.Flags.Set(name, was) })
	}
}

func Test(t *testing.T) {
	set(t, map[string]string{"components": "pricing=shop/pricing,orders=shop/orders,orders=shop/audit", "contracts": "pricing=shop/pricing.Service"})
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, "shop/orders", "shop/audit", "shop/pricing")
}

func TestFixes(t *testing.T) {
	set(t, map[string]string{"components": "pricing=fixes/pricing,orders=fixes/orders", "contracts": "pricing=fixes/pricing.Service"})
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Analyzer.Analysis, "fixes/orders")
}
