package lsp_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

// A gate holds up every go command while it is closed.
type gate struct{ closed, reached string }

// newGate puts a go command on the path that goes through the gate.
func newGate(t *testing.T) *gate {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	real, err := exec.LookPath("go")
	must(t, err)
	dir := t.TempDir()
	g := &gate{filepath.Join(dir, "closed"), filepath.Join(dir, "reached")}
	script := fmt.Sprintf("#!/bin/sh\nif [ -e %[1]s ]; then echo >>%[2]s; while [ -e %[1]s ]; do sleep 0.05; done; fi\nexec %[3]s \"$@\"\n", g.closed, g.reached, real)
	must(t, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o777))
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Cleanup(func() { os.Remove(g.closed) })
	return g
}

func (g *gate) close(t *testing.T) {
	t.Helper()
	os.Remove(g.reached)
	must(t, os.WriteFile(g.closed, nil, 0o666))
}

func (g *gate) open(t *testing.T) {
	t.Helper()
	must(t, os.Remove(g.closed))
}

// await waits until somebody stands before the gate.
func (g *gate) await(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(g.reached); err == nil {
			return
		}
	}
	t.Fatal("no go command was started")
}

const gated = `package p

import "time"

// An Engine computes.
type Engine struct{ last time.Time }

func (e *Engine) Run() { e.last = time.Now() }
`

// TestRequestsPassAnAnalysis: while an analysis is held up, the first of a module
// or a later one, requests about buffers are answered.
func TestRequestsPassAnAnalysis(t *testing.T) {
	ctx, g := t.Context(), newGate(t)
	file := module(t, gated)
	e := start(t, lsptest.Capabilities)
	ask := func(when, title string) {
		t.Helper()
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		actions, err := e.Actions(limited, file, "Engine struct")
		if err != nil || len(actions) == 0 || actions[0].Title != title {
			t.Errorf("%s: actions %+v, %v", when, actions, err)
		}
		var hover *protocol.Hover
		must(t, e.Conn.Call(limited, "textDocument/hover", protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: convert.URI(file)}, Position: protocol.Position{Line: 5, Character: 6}}}, &hover))
	}
	g.close(t)
	must(t, e.Open(ctx, file))
	g.await(t)
	ask("first analysis", "Extract Engine as a component")
	g.open(t)
	must(t, e.AwaitVersion(file, patience))

	g.close(t)
	must(t, e.Replace(ctx, file, "type Engine struct", "type Motor struct"))
	must(t, e.Replace(ctx, file, "import \"time\"", "import (\n\t\"fmt\"\n\t\"time\"\n)\n\nvar _ fmt.Stringer\n\ntype Engine struct{}"))
	g.await(t)
	ask("later analysis", "Extract Engine as a component")
	g.open(t)
	must(t, e.AwaitVersion(file, patience))
}

// TestStaleIsNotPublished: what an analysis found of a version that was typed over
// is not sent.
func TestStaleIsNotPublished(t *testing.T) {
	ctx, g := t.Context(), newGate(t)
	file := module(t, gated)
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	must(t, e.AwaitVersion(file, patience))

	g.close(t)
	must(t, e.Replace(ctx, file, "import \"time\"", "import \"time\"\nimport _ \"fmt\"")) // version 2
	g.await(t)
	must(t, e.Replace(ctx, file, "Run()", "Run2()")) // version 3
	g.open(t)
	must(t, e.AwaitVersion(file, patience))
	for _, p := range e.Published(file) {
		if p.Version == 2 {
			t.Error("diagnostics of version 2 were sent after version 3 had come")
		}
	}
}

// TestCancelAtOnce: a request that is held up is answered when it is cancelled,
// not when what holds it up is over. The analysis that made room for it comes
// after it.
func TestCancelAtOnce(t *testing.T) {
	ctx, g := t.Context(), newGate(t)
	file := module(t, gated)
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	must(t, e.AwaitVersion(file, patience))
	g.close(t)
	must(t, e.Replace(ctx, file, "import \"time\"", "import \"time\"\nimport _ \"fmt\""))
	g.await(t)
	actions, err := e.Actions(ctx, file, "Engine struct")
	if err != nil || len(actions) == 0 {
		t.Fatal(actions, err)
	}
	os.Remove(g.reached)
	call, err := e.Conn.DispatchCall(ctx, "codeAction/resolve", actions[0], jsonrpc2.PickID(jsonrpc2.ID{Num: 88000}))
	must(t, err)
	g.await(t)
	must(t, e.Conn.Notify(ctx, "$/cancelRequest", map[string]any{"id": 88000}))
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if rpc, ok := call.Wait(limited, nil).(*jsonrpc2.Error); !ok || rpc.Code != wire.RequestCancelled {
		t.Errorf("a cancelled request returned %v", rpc)
	}
	g.open(t)
	must(t, e.AwaitVersion(file, patience))
}

// TestPublishesWhatChanged: an edit sends the diagnostics of the file that was
// edited and of those where they are others now, and of no more.
func TestPublishesWhatChanged(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	edited, other := filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, edited))
	must(t, e.Open(ctx, other))
	must(t, e.AwaitVersion(edited, patience))
	must(t, e.AwaitVersion(other, patience))
	_, err := e.Await(filepath.Join(dir, "tax", "tax.go"), patience, func(ds []protocol.Diagnostic) bool { return len(ds) > 0 }) // the last
	must(t, err)
	count := func() map[string]int {
		n := map[string]int{}
		for _, file := range goFiles(t, dir) {
			n[file] = len(e.Published(file))
		}
		return n
	}
	before := count()
	must(t, e.Replace(ctx, edited, "package carts", "package carts // edited"))
	must(t, e.AwaitVersion(edited, patience))
	for file, n := range count() {
		want := before[file]
		if file == edited {
			want++
		}
		if n != want {
			t.Errorf("%s: diagnostics were sent %d times, want %d", file, n, want)
		}
	}
}

// TestClears: a file that isn't open has hazards because of a use in one that is.
// When the use is typed over, they are taken back, once.
func TestClears(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\nimport \"example.com/p/svc\"\n\nfunc Use(s *svc.Service) { s.Wait(nil) }\n")
	there := filepath.Join(filepath.Dir(file), "svc", "svc.go")
	must(t, os.Mkdir(filepath.Dir(there), 0o777))
	write(t, there, "package svc\n\ntype Service struct{ n int }\n\nfunc (s *Service) Wait(done chan int) { s.n++ }\n")
	write(t, filepath.Join(filepath.Dir(file), "unweld.yaml"), "version: 1\ncomponents:\n  svc: {packages: [./svc]}\n  p: {packages: [.]}\neditor: {split: micro}\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	_, err := e.Await(there, patience, func(ds []protocol.Diagnostic) bool { return has("chan-in-contract", "")(ds) })
	must(t, err)
	must(t, e.Replace(ctx, file, "s.Wait(nil)", ""))
	_, err = e.Await(there, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 0 })
	must(t, err)
	sent := len(e.Published(there))
	must(t, e.Replace(ctx, file, "Use(", "Use2("))
	must(t, e.AwaitVersion(file, patience))
	if now := len(e.Published(there)); now != sent {
		t.Errorf("that there is nothing was said %d times", now-sent+1)
	}
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	must(t, filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		if filepath.Ext(name) == ".go" {
			files = append(files, name)
		}
		return err
	}))
	return files
}
