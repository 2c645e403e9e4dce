package threadcontext_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/threadcontext"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestThread runs the archives of testdata.
func TestThread(t *testing.T) {
	archive.Suite{Refactoring: threadcontext.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nimport \"context\"\n\nfunc F(n int) int { return n }\n\nfunc G(ctx context.Context) {}\n\nfunc init() {}\n\ntype T[E any] struct{}\n\nfunc (t *T[E]) M() {}\n\nfunc asm()\n\n" +
		"type U []int\n\nfunc (u U) Len() int { return 0 }\n\nfunc (u U) Less(i, j int) bool { return true }\n\nfunc (u U) Swap(i, j int) {}\n\n" +
		"func (u U) Error() string { return \"\" }\n\nfunc (u U) String(n int) string { return \"\" }\n\nfunc (u U) MarshalText() ([]byte, error) { return nil, nil }\n\nfunc (u T) Len() int { return 0 }\n\n" +
		"func (u U) Write(b []byte) (n int, err error) { return 0, nil }\n\nfunc (u U) Read(n int) (int, error) { return 0, nil }\n"
	for needle, want := range map[string]string{
		"F(n":     "./a.F",
		"M()":     "./a.T.M",
		"G(ctx":   "./a.G: G takes a context already",
		"init":    "./a.init: the runtime calls init",
		"asm":     "./a.asm: asm has no Go body",
		"Swap(i":  "./a.U.Swap: the standard library has an interface with this Swap",
		"Error":   "./a.U.Error: other packages look for a method Error by interface",
		"Marshal": "./a.U.MarshalText: other packages look for a method MarshalText by interface",
		"String":  "./a.U.String",
		"Len":     "./a.U.Len: the standard library has an interface with Len and the methods beside it",
		"Write(b": "./a.U.Write: the standard library has an interface with this Write",
		"Read(n":  "./a.U.Read",
		"T) Len":  "./a.T.Len",
		"type T":  "",
		"return":  "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range threadcontext.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := threadcontext.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
