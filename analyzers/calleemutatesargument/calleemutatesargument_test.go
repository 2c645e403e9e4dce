package calleemutatesargument

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func Test(t *testing.T) {
	for name, value := range map[string]string{"components": "salt=a/salt", "contracts": "salt=a/salt.Service"} {
		if err := Analyzer.Analysis.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, "a/salt")
}
