package tui

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/unweld/unweld/engine"
)

// TestLines uses the explorer without a screen.
func TestLines(t *testing.T) {
	script := []struct{ line, want string }{
		{"", "selected: app"},
		{"2", "selected: carts"},
		{"enter", "components: carts"},
		{"esc", "selected: carts"},
		{"/web", "filter web, 1 of 15"},
		{"back", "14 components, sorted by component"},
		{"sort used", "sorted by used by"},
		{"matrix", "selected: "},
		{"hazards", "folded: error  no-context"},
		{"split", "main (14, and all else)"},
		{"last", "selected: folded: web"},
		{"n", "crossings at 31 of 32 entry points (+31)"},
		{"w", "type it in one line: :write"},
		{"write two", "not written yet: add split two to unweld.yaml"},
		{"esc", "crossings at 31 of 32 entry points"},
		{"help", "add the split to unweld.yaml under that name"},
		{"dance", "no command “dance”"},
		{"q", ""},
	}
	var in strings.Builder
	for _, s := range script {
		in.WriteString(s.line + "\n")
	}
	var out bytes.Buffer
	if err := RunLines(t.Context(), opened(session(t)), strings.NewReader(in.String()), &out); err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(out.String(), "command, or help:\n")
	if len(answers) != len(script)+1 {
		t.Fatalf("%d answers to %d lines:\n%s", len(answers)-1, len(script), out.String())
	}
	for i, s := range script {
		if !strings.Contains(answers[i+1], s.want) {
			t.Errorf("%q is answered without %q:\n%s", s.line, s.want, answers[i+1])
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\r▸▾│─") {
		t.Error("something is for the eye alone")
	}
	fails := errors.New("no module here")
	err := RunLines(t.Context(), func(context.Context, func(string)) (*engine.Session, error) { return nil, fails }, strings.NewReader(""), &out)
	if !errors.Is(err, fails) {
		t.Errorf("the error is %v", err)
	}
}
