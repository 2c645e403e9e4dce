package lsp_test

import (
	"os"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

// TestAhead: the module is loaded while the user looks through the actions that they asked
// for, and not when the editor asks because the cursor moved, or where there is nothing
// to choose.
func TestAhead(t *testing.T) {
	g := newGate(t)
	file := module(t, "package p\n\n// Nothing to do here.\n\ntype T struct{ n int }\n\nfunc (t *T) M() { t.n++ }\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(t.Context(), file))
	asks := func(line uint32, kind int) (actions []wire.CodeAction) {
		t.Helper()
		at := protocol.Position{Line: line, Character: 5}
		must(t, e.Conn.Call(t.Context(), "textDocument/codeAction", map[string]any{
			"textDocument": protocol.TextDocumentIdentifier{URI: convert.URI(file)},
			"range":        protocol.Range{Start: at, End: at},
			"context":      map[string]any{"diagnostics": []any{}, "triggerKind": kind},
		}, &actions))
		return actions
	}
	const user, cursor = 1, 2
	must(t, e.AwaitVersion(file, patience)) // what the list itself needs is known
	g.close(t)
	if len(asks(4, cursor)) == 0 {
		t.Fatal("there is no action for a type")
	}
	if n := len(asks(3, user)); n != 0 {
		t.Fatalf("%d actions for an empty line", n)
	}
	time.Sleep(200 * time.Millisecond)
	if _, err := os.Stat(g.reached); err == nil {
		t.Fatal("the module was loaded though nobody asked")
	}
	asks(4, user)
	g.await(t)
	asks(4, user) // once is enough
	must(t, e.Replace(t.Context(), file, "t.n++", "t.n--"))
	g.open(t)
	actions, err := e.Actions(t.Context(), file, "T struct")
	must(t, err)
	if _, err := e.Perform(t.Context(), actions[0]); err != nil {
		t.Errorf("after a change: %v", err)
	}
}
