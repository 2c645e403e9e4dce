package component_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestIgnores reads directives in all the places that gofmt leaves them in.
func TestIgnores(t *testing.T) {
	const file = `package p

// F does.
//
//unweld:ignore no-context it is quick
func F() {
	g() //unweld:ignore chatty-call,no-error both are
	//unweld:ignore no-error
	// and more
	g()
	s := "//unweld:ignore no-context of a string"
	r := ` + "`\n//unweld:ignore no-context of another\n`" + ` //unweld:ignore x behind it
	//unweld:ignored no-context another word
	_, _ = s, r
}

//unweld:ignore no-context one
//unweld:ignore no-error two
type T struct {
	f int //unweld:ignore c of a field
}

//unweld:ignore no-context of nothing
`
	var got []string
	for _, i := range component.Ignores([]byte(file)) {
		if directive := file[i.At.Start:i.At.End]; !strings.HasPrefix(directive, "//unweld:ignore ") || !strings.HasSuffix(directive, i.Reason) || strings.Count(file[:i.At.Start], "\n")+1 != i.At.Line {
			t.Errorf("%+v is at %q", i, directive)
		}
		got = append(got, fmt.Sprintf("%d %s: %s", i.Line, strings.Join(i.Codes, "+"), i.Reason))
	}
	want := []string{"6 no-context: it is quick", "7 chatty-call+no-error: both are", "10 no-error: ", "14 x: behind it",
		"21 no-context: one", "21 no-error: two", "22 c: of a field", "0 no-context: of nothing"}
	if !slices.Equal(got, want) {
		t.Errorf("directives:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := component.Ignores([]byte(strings.ReplaceAll(file, "\n", "\r\n"))); len(got) != len(want) || got[0].Reason != "it is quick" {
		t.Errorf("with CRLF: %+v", got)
	}
	for _, broken := range []string{"//unweld:ignore", "package p\n/* //unweld:ignore a b", "//unweld:ignore a\n\"", "\x00//unweld:ignore a b\nx"} {
		component.Ignores([]byte(broken))
	}
	all := component.Ignores([]byte(file))
	for _, c := range []struct {
		line              int
		code              string
		ignored, mistaken bool
	}{{6, "no-context", true, false}, {6, "no-error", false, false}, {10, "no-error", false, true}, {7, "no-error", true, false}} {
		if ignored, mistaken := component.Ignored(all, c.line, c.code); ignored != c.ignored || mistaken != c.mistaken {
			t.Errorf("line %d, %s: %v, %v", c.line, c.code, ignored, mistaken)
		}
	}
}
