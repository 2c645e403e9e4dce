package streamincontract

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func Test(t *testing.T) {
	run(t, "a", "")
}

// TestCarried checks what is left where a binding carries streams: those inside of
// values.
func TestCarried(t *testing.T) {
	run(t, "b", "other=handle,pipe=stream")
}

func run(t *testing.T, pkg, carries string) {
	t.Helper()
	for flag, value := range map[string]string{"contracts": pkg + ".Service", "carries": carries} {
		if err := Analyzer.Analysis.Flags.Set(flag, value); err != nil {
			t.Fatal(err)
		}
	}
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, pkg)
}
