package lsp_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

// pulling is a client that asks for diagnostics.
const pulling = `{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true},"workspaceEdit":{"documentChanges":true,"resourceOperations":["create"]}}}`

// pull asks for the diagnostics of a file.
func pull(t *testing.T, e *lsptest.Editor, path, former string) (r wire.DiagnosticReport) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	params := map[string]any{"textDocument": map[string]any{"uri": convert.URI(path)}}
	if former != "" {
		params["previousResultId"] = former
	}
	must(t, e.Conn.Call(ctx, "textDocument/diagnostic", params, &r))
	if (r.Items != nil) != (r.Kind == wire.ReportFull) || r.ResultID == "" {
		t.Errorf("not a report: %+v", r)
	}
	return r
}

func items(r wire.DiagnosticReport) string {
	if r.Items == nil {
		return r.Kind
	}
	var all []string
	for _, d := range *r.Items {
		all = append(all, d.Code.(string))
	}
	return strings.Join(all, " ")
}

type workspaceReport struct {
	Items []wire.WorkspaceDiagnosticReport `json:"items"`
}

// former is what a client sends of the results that it has.
func (r workspaceReport) former() map[string]any {
	ids := []map[string]any{}
	for _, f := range r.Items {
		ids = append(ids, map[string]any{"uri": f.URI, "value": f.ResultID})
	}
	return map[string]any{"previousResultIds": ids}
}

func (r workspaceReport) of(path string) string {
	for _, f := range r.Items {
		if f.URI == convert.URI(path) {
			return items(f.DiagnosticReport)
		}
	}
	return "not there"
}

// TestPull: a client that asks for diagnostics isn't sent those of open files, has each
// result once, and is told when it has to ask again.
func TestPull(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	carts, pricing, config := filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "pricing", "pricing.go"), filepath.Join(dir, "unweld.yaml")
	e := start(t, pulling)
	must(t, e.Open(ctx, carts))
	first := pull(t, e, carts, "")
	if !strings.Contains(items(first), "no-context") {
		t.Fatalf("the first report: %+v", first)
	}
	if again := pull(t, e, carts, first.ResultID); again.Kind != wire.ReportUnchanged || again.ResultID != first.ResultID {
		t.Errorf("nothing has changed, and it is %+v", again)
	}

	// Nobody has asked for the other files yet.
	_, err := e.Await(pricing, patience, func(ds []protocol.Diagnostic) bool { return len(ds) > 0 })
	must(t, err)

	must(t, e.Replace(ctx, carts, "package carts", "package carts\n\nvar Shared int"))
	second := pull(t, e, carts, first.ResultID)
	if second.Kind != wire.ReportFull || second.ResultID == first.ResultID {
		t.Errorf("after an edit: %+v", second)
	}
	if outside := pull(t, e, filepath.Join(t.TempDir(), "x.go"), ""); items(outside) != "" {
		t.Errorf("a file of no module has %q", items(outside))
	}

	must(t, e.Open(ctx, config))
	must(t, e.Replace(ctx, config, "split: micro", "split: monolith"))
	must(t, e.AwaitRequest(patience, "workspace/diagnostic/refresh"))
	if quiet := pull(t, e, carts, second.ResultID); items(quiet) != "" {
		t.Errorf("all runs in one process, and there is %q", items(quiet))
	}
	for _, path := range []string{carts, config} {
		if sent := e.Published(path); len(sent) > 0 {
			t.Errorf("diagnostics of %s were sent, too: %+v", path, sent)
		}
	}
}

// TestPullWorkspace: from the first time that the client asks for all files, it is sent
// none. It has each result once: until there is another the request waits.
func TestPullWorkspace(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	carts, pricing := filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, pulling)
	must(t, e.Open(ctx, carts))
	sent, err := e.Await(pricing, patience, func(ds []protocol.Diagnostic) bool { return len(ds) > 0 })
	must(t, err)
	var all workspaceReport
	must(t, e.Conn.Call(ctx, "workspace/diagnostic", workspaceReport{}.former(), &all))
	if got := strings.Count(all.of(pricing), "-context"); got == 0 || !strings.Contains(all.of(carts), "no-context") {
		t.Errorf("the first report: %+v", all)
	}
	for _, f := range all.Items {
		if open := f.URI == convert.URI(carts); open != (f.Version != nil) {
			t.Errorf("%s is open: %v, its version is %v", f.URI, open, f.Version)
		}
	}
	_, err = e.Await(pricing, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 0 })
	if err != nil {
		t.Errorf("%d diagnostics that were sent before are there twice: %v", len(sent), err)
	}

	call, err := e.Conn.DispatchCall(ctx, "workspace/diagnostic", all.former())
	must(t, err)
	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	var next workspaceReport
	if err := call.Wait(short, &next); err == nil {
		t.Errorf("nothing has changed, and the answer is %+v", next)
	}
	must(t, e.Replace(ctx, carts, "package carts", "package carts\n\nvar Shared int"))
	must(t, call.Wait(ctx, &next))
	if !strings.Contains(next.of(carts), "no-context") || next.of(filepath.Join(dir, "tax", "tax.go")) != wire.ReportUnchanged {
		t.Errorf("carts.go was edited, and the report is %+v", next)
	}

	id := jsonrpc2.ID{Str: "held", IsString: true}
	held, err := e.Conn.DispatchCall(ctx, "workspace/diagnostic", next.former(), jsonrpc2.PickID(id))
	must(t, err)
	must(t, e.Conn.Notify(ctx, "$/cancelRequest", map[string]any{"id": id}))
	err = held.Wait(ctx, nil)
	if rpc, ok := errors.AsType[*jsonrpc2.Error](err); !ok || rpc.Code != wire.RequestCancelled {
		t.Errorf("a request that was cancelled: %v", err)
	}
}

// TestPullIsOffered to clients that say that they ask, and to no others.
func TestPullIsOffered(t *testing.T) {
	for capabilities, want := range map[string]bool{pulling: true, lsptest.Capabilities: false} {
		e := lsptest.Start(t.Context(), lsp.Serve)
		params := json.RawMessage(`{"capabilities":` + capabilities + `}`)
		var result wire.InitializeResult
		must(t, e.Conn.Call(t.Context(), "initialize", &params, &result))
		if got := result.Capabilities.DiagnosticProvider != nil; got != want {
			t.Errorf("offered: %v, want %v", got, want)
		}
		e.Conn.Close()
		<-e.Done
	}
}
