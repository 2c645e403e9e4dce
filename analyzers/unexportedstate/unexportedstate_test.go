package unexportedstate

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func Test(t *testing.T) {
	if err := Analyzer.Analysis.Flags.Set("contracts", "a.Service,a.Funcs"); err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, "a")
}
