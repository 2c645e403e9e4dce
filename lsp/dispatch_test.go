package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/lsp/lsptest"
)

// TestPanic: a request that panics fails, and the next one is served.
func TestPanic(t *testing.T) {
	requests["test/panic"] = func(context.Context, *server, view, json.RawMessage) (any, error) { panic("boom") }
	notifications["test/panic"] = func(*server, *jsonrpc2.Conn, json.RawMessage) error { panic("bang") }
	t.Cleanup(func() {
		delete(requests, "test/panic")
		delete(notifications, "test/panic")
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e := lsptest.Start(ctx, Serve)
	if _, err := e.Initialize(ctx, "{}"); err != nil {
		t.Fatal(err)
	}
	e.Conn.Notify(ctx, "test/panic", nil)
	err := e.Conn.Call(ctx, "test/panic", nil, nil)
	if rpc, ok := errors.AsType[*jsonrpc2.Error](err); !ok || !strings.Contains(rpc.Message, "internal error: boom") {
		t.Errorf("the request returned %v", err)
	}
	if got := strings.Join(e.Messages(), "\n"); !strings.Contains(got, "internal error: bang") {
		t.Errorf("the panic of the notification isn't in the log: %s", got)
	}
	if err := e.Conn.Call(ctx, "shutdown", nil, nil); err != nil {
		t.Errorf("after the panic: %v", err)
	}
	if err := e.Conn.Call(ctx, "textDocument/codeAction", nil, nil); err == nil {
		t.Error("a request after shutdown was served")
	}
	e.Conn.Notify(ctx, "exit", nil)
	if err := <-e.Done; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
