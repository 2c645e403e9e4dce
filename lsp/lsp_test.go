package lsp_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

const patience = 90 * time.Second // on a busy machine

// shop copies the sample module.
func shop(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "testdata", "modules", "shop"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// apart makes unweld.yaml say that the hazards between some components of the shop are
// to be told.
func apart(t *testing.T, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, "unweld.yaml"), `version: 1
components:
  carts: {packages: [./carts]}
  pricing: {packages: [./pricing]}
  tax: {packages: [./tax]}
editor: {split: micro}
`)
}

// module writes a module of one package, for tests that need no more.
func module(t *testing.T, content string) (file string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "p.go")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/p\n\ngo 1.26\n")
	write(t, file, content)
	return file
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// start runs a server and shuts it down in the end, in the way of the protocol.
func start(t *testing.T, capabilities string) *lsptest.Editor {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	e := lsptest.Start(ctx, lsp.Serve)
	t.Cleanup(func() {
		defer cancel()
		if err := e.Conn.Call(ctx, "shutdown", nil, nil); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		e.Conn.Notify(ctx, "exit", nil)
		select {
		case err := <-e.Done:
			if err != nil {
				t.Errorf("the server ended with: %v", err)
			}
		case <-time.After(patience):
			t.Error("the server goes on after exit")
		}
	})
	if _, err := e.Initialize(ctx, capabilities); err != nil {
		t.Fatal(err)
	}
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func has(code, at string) func([]protocol.Diagnostic) bool {
	return func(ds []protocol.Diagnostic) bool {
		return slices.ContainsFunc(ds, func(d protocol.Diagnostic) bool { return d.Code == code && strings.Contains(d.Message, at) })
	}
}

func TestDiagnostics(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	file := filepath.Join(dir, "carts", "carts.go")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	ds, err := e.Await(file, patience, has("no-context", "Drop takes no context"))
	must(t, err)
	i := slices.IndexFunc(ds, func(d protocol.Diagnostic) bool {
		return d.Code == "no-context" && strings.HasPrefix(d.Message, "Drop ")
	})
	d, line := ds[i], strings.Split(e.Buffer(file), "\n")[ds[i].Range.Start.Line]
	if got := line[d.Range.Start.Character:d.Range.End.Character]; got != "Drop" || d.Range.End.Line != d.Range.Start.Line {
		t.Errorf("the diagnostic is on %q of %q", got, line)
	}
	if d.Source != "unweld" || d.Severity != protocol.DiagnosticSeverityWarning || d.CodeDescription == nil ||
		!strings.HasSuffix(string(d.CodeDescription.Href), "/docs/hazards.md#no-context") || len(d.RelatedInformation) == 0 {
		t.Errorf("diagnostic: %+v", d)
	}

	// The buffer counts, not the disk: a comment with a character of two UTF-16
	// units moves the method, and a context makes the hazard go.
	must(t, e.Replace(ctx, file, "package carts", "package carts /* 𝔘 */\n\nimport \"context\""))
	must(t, e.Replace(ctx, file, ") Drop(", ") Drop(_ context.Context, "))
	_, err = e.Await(file, patience, func(ds []protocol.Diagnostic) bool {
		return len(ds) > 0 && !has("no-context", "Drop takes no context")(ds)
	})
	must(t, err)
	for _, m := range e.Messages() {
		t.Errorf("the server also sent: %s", m)
	}
}

// TestQuiet opens a program that has hazards everywhere and no unweld.yaml: nothing is
// said of any file, and hover tells what there is. When the file comes, it is told.
func TestQuiet(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "carts", "carts.go")
	e := start(t, lsptest.Capabilities)
	for _, f := range goFiles(t, dir) {
		must(t, e.Open(ctx, f))
	}
	must(t, e.AwaitVersion(file, patience))
	hover, err := e.Hover(ctx, file, "Drop(")
	must(t, err)
	if hover == nil || !strings.Contains(hover.Contents.Value, "**no-context**: Drop takes no context") {
		t.Errorf("hover: %+v", hover)
	}
	for path, ds := range e.Diagnostics() {
		t.Errorf("%s: %+v", path, ds)
	}
	for _, m := range e.Messages() {
		t.Errorf("the server also sent: %s", m)
	}
	apart(t, dir)
	must(t, e.Conn.Notify(ctx, "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}}))
	_, err = e.Await(file, patience, has("no-context", "Drop takes no context"))
	must(t, err)
}

// TestConfiguration: what the client is configured with counts before anything is said,
// and from when it changes.
func TestConfiguration(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	file := filepath.Join(dir, "carts", "carts.go")
	e := lsptest.Start(ctx, lsp.Serve)
	e.Configure(`{"off": ["no-context"], "path": "unweld"}`)
	_, err := e.InitializeWith(ctx, `{"processId":null,"rootUri":null,"capabilities":{"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true},"didChangeWatchedFiles":{"dynamicRegistration":true}}}}`)
	must(t, err)
	must(t, e.Open(ctx, file))
	ds, err := e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return len(ds) > 0 })
	must(t, err)
	for _, d := range ds {
		if d.Code == "no-context" {
			t.Errorf("a code that is off is shown: %+v", d)
		}
	}
	asked := strings.Join(e.Requests(), "\n")
	for _, want := range []string{`"section":"unweld"`, `workspace/didChangeConfiguration`, `**/unweld.yaml`} {
		if !strings.Contains(asked, want) {
			t.Errorf("the server didn't ask for %s: %s", want, asked)
		}
	}
	e.Configure(`{"severity": {"no-context": "hint"}, "scope": "open"}`)
	must(t, e.Conn.Notify(ctx, "workspace/didChangeConfiguration", map[string]any{"settings": nil}))
	_, err = e.Await(file, patience, func(ds []protocol.Diagnostic) bool {
		return slices.ContainsFunc(ds, func(d protocol.Diagnostic) bool {
			return d.Code == "no-context" && d.Severity == protocol.DiagnosticSeverityHint
		})
	})
	must(t, err)
	for path := range e.Diagnostics() {
		if path != file {
			_, err := e.Await(path, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 0 })
			must(t, err)
		}
	}
	must(t, e.Conn.Call(ctx, "shutdown", nil, nil))
	e.Conn.Notify(ctx, "exit", nil)
	must(t, <-e.Done)
}

// TestConfigurationIsTold: who shows what depends on the settings is told when other ones count,
// also while no file is open.
func TestConfigurationIsTold(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	e := lsptest.Start(ctx, lsp.Serve)
	e.Configure(`{"split": "micro"}`)
	_, err := e.InitializeWith(ctx, fmt.Sprintf(`{"processId":null,"rootUri":%q,"capabilities":{"experimental":{"unweld":{"changed":true}},"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true}}}}`, convert.URI(dir)))
	must(t, err)
	split := func() string {
		var overview struct{ Split string }
		must(t, e.Conn.Call(ctx, "unweld/components", map[string]any{"uri": convert.URI(dir)}, &overview))
		return overview.Split
	}
	if got := split(); got != "micro" {
		t.Fatalf("the split is %q", got)
	}
	e.Configure(`{"split": "monolith"}`)
	must(t, e.Conn.Notify(ctx, "workspace/didChangeConfiguration", map[string]any{"settings": nil}))
	must(t, e.AwaitMessage(patience, "unweld/configured"))
	if got := split(); got != "monolith" {
		t.Errorf("afterwards the split is %q", got)
	}
	must(t, e.Conn.Notify(ctx, "workspace/didChangeConfiguration", map[string]any{"settings": nil}))
	must(t, e.Conn.Call(ctx, "shutdown", nil, nil))
	e.Conn.Notify(ctx, "exit", nil)
	must(t, <-e.Done)
	if n := strings.Count(strings.Join(e.Messages(), "\n"), "unweld/configured"); n != 1 {
		t.Errorf("it was told %d times: %s", n, e.Messages())
	}
}

func TestNoHazards(t *testing.T) {
	file := module(t, "package p\n\nfunc F() {}\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(t.Context(), file))
	_, err := e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return ds != nil && len(ds) == 0 })
	must(t, err)
	for _, m := range e.Messages() {
		t.Errorf("the server also sent: %s", m)
	}
}

// TestUnable takes the go command away: the user is told once, and what was
// said of the module stands until it can be analysed again.
func TestUnable(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	file, path := filepath.Join(dir, "carts", "carts.go"), os.Getenv("PATH")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	known := has("no-context", "Drop takes no context")
	_, err := e.Await(file, patience, known)
	must(t, err)

	t.Setenv("PATH", t.TempDir())
	sent := len(e.Published(file))
	must(t, e.Replace(ctx, file, "package carts", "package carts // 1"))
	must(t, e.AwaitMessage(patience, "window/showMessage"))
	must(t, e.Replace(ctx, file, "package carts", "package carts // 2"))
	time.Sleep(time.Second) // if it were said again, it would be by now
	told := e.Messages()
	if len(told) != 1 || !strings.Contains(told[0], "can't analyse "+dir) {
		t.Errorf("the user was told %q", told)
	}
	if now := len(e.Published(file)); now != sent {
		t.Errorf("what was known was sent %d times more, of a text that it isn't of", now-sent)
	}
	if ds, err := e.Await(file, 0, known); err != nil {
		t.Errorf("what was known is gone: %v, %v", ds, err)
	}

	t.Setenv("PATH", path)
	must(t, e.Replace(ctx, file, ") Drop(", ") Drop(_ context.Context, "))
	must(t, e.Replace(ctx, file, "package carts", "package carts\n\nimport \"context\"\n"))
	_, err = e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return len(ds) > 0 && !known(ds) })
	must(t, err)
	if more := e.Messages()[len(told):]; len(more) > 0 {
		t.Errorf("the server also sent %q", more)
	}
}

// TestExtract applies the offered action in editors of different abilities.
func TestExtract(t *testing.T) {
	for name, capabilities := range map[string]string{"modern": lsptest.Capabilities, "plain": "{}"} {
		t.Run(name, func(t *testing.T) {
			ctx, dir := t.Context(), shop(t)
			file := filepath.Join(dir, "pricing", "pricing.go")
			e := start(t, capabilities)
			must(t, e.Open(ctx, file))
			must(t, e.Replace(ctx, file, "package pricing", "package pricing // 𝔘 is unsaved"))
			edit, err := e.Resolve(ctx, extractAction(t, e, file))
			must(t, err)
			if modern := name == "modern"; modern != (len(edit.Changes) == 0) || modern != (len(edit.DocumentChanges) > 0) {
				t.Errorf("an editor that is %s got %d changes and %d document changes", name, len(edit.Changes), len(edit.DocumentChanges))
			}
			must(t, e.Apply(edit))
			service := e.Buffer(filepath.Join(dir, "pricing", "service.go"))
			if !strings.Contains(service, "type Service interface") || !strings.Contains(e.Buffer(file), "// 𝔘 is unsaved") {
				t.Errorf("service.go:\n%s", service)
			}
			for path, content := range e.Buffers() {
				write(t, path, string(content))
			}
			build := exec.CommandContext(ctx, "go", "vet", "./...")
			build.Dir = dir
			if out, err := build.CombinedOutput(); err != nil {
				t.Errorf("the applied edit doesn't compile: %v\n%s", err, out)
			}
		})
	}
}

func extractAction(t *testing.T, e *lsptest.Editor, file string) wire.CodeAction {
	t.Helper()
	actions, err := e.Actions(t.Context(), file, "Engine struct")
	must(t, err)
	if len(actions) == 0 || actions[0].Kind != "refactor.extract.component" || actions[0].Edit != nil {
		t.Fatalf("actions on type Engine: %+v", actions)
	}
	return actions[0]
}

// TestStaleAction wants no edit for a buffer that has gone on.
func TestStaleAction(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\ntype Engine struct{ n int }\n\nfunc (e *Engine) N() int { e.n++; return e.n }\n")
	cmd := filepath.Join(filepath.Dir(file), "cmd")
	must(t, os.Mkdir(cmd, 0o777))
	write(t, filepath.Join(cmd, "main.go"), "package main\n\nimport \"example.com/p\"\n\nfunc main() {\n\te := &p.Engine{}\n\tprintln(e.N())\n}\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	action := extractAction(t, e, file)
	must(t, e.Replace(ctx, file, "package p", "// P.\npackage p"))
	_, err := e.Resolve(ctx, action)
	if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != wire.ContentModified {
		t.Errorf("resolved with %v, want code %d", err, wire.ContentModified)
	}

	// The buffer goes on while the edit is computed.
	action = extractAction(t, e, file)
	call, err := e.Conn.DispatchCall(ctx, "codeAction/resolve", action)
	must(t, err)
	must(t, e.Replace(ctx, file, "// P.", "// P is short."))
	err = call.Wait(ctx, nil)
	if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != wire.ContentModified || !strings.Contains(rpc.Message, "p.go") {
		t.Errorf("overtaken by a change it resolved with %v, want code %d", err, wire.ContentModified)
	}
}

// TestOnly lists nothing to an editor that asks for other kinds.
func TestOnly(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\ntype Engine struct{}\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	for only, want := range map[protocol.CodeActionKind]int{"refactor": 5, "refactor.extract": 4, "refactor.move": 1, "refactor.ext": 0, "quickfix": 0} {
		var got []wire.CodeAction
		must(t, e.Conn.Call(ctx, "textDocument/codeAction", protocol.CodeActionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: protocol.DocumentURI("file://" + file)},
			Range:        protocol.Range{Start: protocol.Position{Line: 2, Character: 6}},
			Context:      protocol.CodeActionContext{Only: []protocol.CodeActionKind{only}},
		}, &got))
		if len(got) != want {
			t.Errorf("%d actions of kind %s, want %d", len(got), only, want)
		}
	}
}

// TestNothingOffered answers with an empty list, not with null.
func TestNothingOffered(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\nvar n = 1 // nothing\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	actions, err := e.Actions(ctx, file, "// nothing")
	must(t, err)
	if actions == nil || len(actions) > 0 {
		t.Errorf("actions: %#v", actions)
	}
}

// TestOrder types many changes at once; each builds on the one before.
func TestOrder(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\ntype Engine0 struct{}\n")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	for i := range 500 {
		must(t, e.Replace(ctx, file, fmt.Sprintf("Engine%d struct", i), fmt.Sprintf("Engine%d struct", i+1)))
		if i%50 == 0 {
			want := fmt.Sprintf("Extract Engine%d as a component", i+1)
			if actions, err := e.Actions(ctx, file, "Engine"); err != nil || len(actions) == 0 || actions[0].Title != want {
				t.Fatalf("actions %+v, %v, want %q", actions, err, want)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	action := extractAction(t, e, file)
	call, err := e.Conn.DispatchCall(ctx, "codeAction/resolve", action, jsonrpc2.PickID(jsonrpc2.ID{Num: 77000}))
	must(t, err)
	must(t, e.Conn.Notify(ctx, "$/cancelRequest", map[string]any{"id": 77000}))
	err = call.Wait(ctx, nil)
	if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != wire.RequestCancelled {
		t.Errorf("a cancelled request returned %v", err)
	}
}

// TestHostile sends what no good editor sends; the server answers and goes on.
func TestHostile(t *testing.T) {
	ctx := t.Context()
	file := module(t, "package p\n\ntype Engine struct{}\n")
	e := start(t, lsptest.Capabilities)
	for _, content := range []string{"{", "[]", "42", `{"jsonrpc":"2.0","method":7}`, ""} {
		_, err := fmt.Fprintf(e.Raw, "Content-Length: %d\r\n\r\n%s", len(content), content)
		must(t, err)
	}
	for _, uri := range []protocol.DocumentURI{"untitled:Untitled-1", "", "git:/a.go?x", "%zz", "file://host/x.go"} {
		must(t, e.Conn.Notify(ctx, "textDocument/didOpen", protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: uri, Text: "package p"}}))
		var actions []wire.CodeAction
		must(t, e.Conn.Call(ctx, "textDocument/codeAction", protocol.CodeActionParams{TextDocument: protocol.TextDocumentIdentifier{URI: uri}}, &actions))
		if actions == nil || len(actions) > 0 {
			t.Errorf("%q: actions %v, want an empty list", uri, actions)
		}
	}
	must(t, e.Conn.Notify(ctx, "textDocument/didChange", []int{1}))
	must(t, e.Conn.Notify(ctx, "$/whatever", nil))
	for method, want := range map[string]int64{"textDocument/rename": jsonrpc2.CodeMethodNotFound, "textDocument/hover": jsonrpc2.CodeInvalidParams, "codeAction/resolve": jsonrpc2.CodeInvalidParams, "initialize": jsonrpc2.CodeInvalidRequest} {
		err := e.Conn.Call(ctx, method, []int{1}, nil)
		if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != want {
			t.Errorf("%s: %v, want code %d", method, err, want)
		}
	}
	must(t, e.Open(ctx, file))
	extractAction(t, e, file)
}

// TestGone: an editor that dies leaves no server behind.
func TestGone(t *testing.T) {
	e := lsptest.Start(t.Context(), lsp.Serve)
	if err := e.Conn.Call(t.Context(), "textDocument/codeAction", struct{}{}, nil); err == nil {
		t.Error("a request before initialize was answered")
	}
	e.Raw.(io.Closer).Close()
	select {
	case err := <-e.Done:
		if err != lsp.ErrNoShutdown {
			t.Errorf("the server ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("the server goes on without an editor")
	}
}
