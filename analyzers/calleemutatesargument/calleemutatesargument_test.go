package calleemutatesargument

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/unweld/unweld/analyzers"
)

func Test(t *testing.T) {
	run(t, analysistest.TestData())
}

// TestTooMuchToFollow has a function that uses an argument in more ways than facts
// are kept of.
func TestTooMuchToFollow(t *testing.T) {
	var src strings.Builder
	src.WriteString(`package salt // want package:"facts"

import "context"

type Service interface{ Price(ctx context.Context, o *Order) error }

type Order struct{ Total int }

type Engine struct{}

`)
	src.WriteString("func (Engine) Price(ctx context.Context, o *Order) error {\n")
	fmt.Fprintf(&src, "\tf0(o) // want `Price may change what its parameter o leads to .* %d ways, too many to follow`\n", analyzers.MaxFacts+1)
	for i := range analyzers.MaxFacts {
		fmt.Fprintf(&src, "\tf%d(o)\n", i+1)
	}
	src.WriteString("\treturn nil\n}\n\n")
	for i := range analyzers.MaxFacts {
		fmt.Fprintf(&src, "func f%d(o *Order) { println(o.Total) }\n", i)
	}
	fmt.Fprintf(&src, "func f%d(o *Order) { o.Total = 1 }\n", analyzers.MaxFacts)
	dir, clean, err := analysistest.WriteFiles(map[string]string{"a/salt/salt.go": src.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer clean()
	run(t, dir)
}

// run runs the rule on package a/salt in dir, whose contract is Service.
func run(t *testing.T, dir string) {
	t.Helper()
	for name, value := range map[string]string{"components": "salt=a/salt", "contracts": "salt=a/salt.Service"} {
		if err := Analyzer.Analysis.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	analysistest.Run(t, dir, Analyzer.Analysis, "a/salt")
}
