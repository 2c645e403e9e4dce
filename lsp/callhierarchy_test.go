package lsp_test

import (
	"context"
	"encoding/json"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp"
	"github.com/unweld/unweld/lsp/lsptest"
)

// TestCallHierarchyIsNegotiated: it is offered to clients that know it, unless they leave it to gopls; an
// item that isn't the server's has no calls.
func TestCallHierarchyIsNegotiated(t *testing.T) {
	for capabilities, want := range map[string]bool{
		`{}`:                                    false,
		`{"textDocument":{"callHierarchy":{}}}`: true,
		`{"textDocument":{"callHierarchy":{}},"experimental":{"unweld":{"callHierarchy":true}}}`:                     true,
		`{"textDocument":{"callHierarchy":{"dynamicRegistration":true}},"experimental":{"unweld":{"changed":true}}}`: true,
		`{"textDocument":{"callHierarchy":{}},"experimental":{"unweld":{"callHierarchy":false}}}`:                    false,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		e := lsptest.Start(ctx, lsp.Serve)
		var result struct {
			Capabilities struct {
				CallHierarchyProvider bool `json:"callHierarchyProvider"`
			} `json:"capabilities"`
		}
		must(t, e.Conn.Call(ctx, "initialize", json.RawMessage(`{"processId":null,"capabilities":`+capabilities+`}`), &result))
		if got := result.Capabilities.CallHierarchyProvider; got != want {
			t.Errorf("to a client with %s it is offered: %t", capabilities, got)
		}
		var in []protocol.CallHierarchyIncomingCall
		must(t, e.Conn.Call(ctx, "callHierarchy/incomingCalls", json.RawMessage(`{"item":{"name":"x","kind":12,"uri":"file:///nowhere/a.go","range":{},"selectionRange":{}}}`), &in))
		if in == nil || len(in) != 0 {
			t.Errorf("calls of an item of another server: %v", in)
		}
		cancel()
		<-e.Done
	}
}
