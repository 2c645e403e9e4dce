package lsp_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

// able is an editor that shows documents, progress and the buttons of a message, and
// executes commands.
const able = `{"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create","rename","delete"],"changeAnnotationSupport":{}}},
	"window":{"workDoneProgress":true,"showDocument":{"support":true}},"experimental":{"unweld":{"buttons":true}}}`

const nobody = `package buf

type Writer struct{ rows []string }

func (w *Writer) Add(row string) { w.rows = append(w.rows, row) }

func (w *Writer) Watch(c chan string) {}
`

// TestRefusal: what can't be done is no failed request but a message with the reason, its
// place and the next step.
func TestRefusal(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Dir(module(t, "package p\n\nimport \"example.com/p/buf\"\n\ntype App struct{ w *buf.Writer }\n\nfunc (a *App) Run() { a.w.Watch(nil); a.w.Add(\"a\") }\n"))
	file := filepath.Join(dir, "buf", "buf.go")
	must(t, os.Mkdir(filepath.Dir(file), 0o777))
	write(t, file, nobody)
	for name, capabilities := range map[string]string{"plain": lsptest.Capabilities, "able": able} {
		t.Run(name, func(t *testing.T) {
			e := start(t, capabilities)
			e.Choose("Show place")
			must(t, e.Open(ctx, file))
			actions, err := e.Actions(ctx, file, "Writer struct")
			must(t, err)
			edit, err := e.Perform(ctx, actions[0])
			if err != nil || edit != nil {
				t.Fatalf("resolved with %+v, %v", edit, err)
			}
			if name == "able" {
				must(t, e.AwaitRequest(patience, "window/showDocument"))
				asked := strings.Join(e.Requests(), "\n")
				for _, want := range []string{"Extract Writer as a component", "buf/buf.go:3:6: nobody would hold", "Next: ", `"title":"Show place"`, `"title":"About nobody-holds"`, `"takeFocus":true`} {
					if !strings.Contains(asked, want) {
						t.Errorf("the server didn't ask with %s: %s", want, asked)
					}
				}
				return
			}
			if said := e.Messages(); len(said) != 1 || !strings.Contains(said[0], "buf/buf.go:3:6: nobody would hold") || !strings.Contains(said[0], "Next: ") {
				t.Errorf("the user was told %q", said)
			}
		})
	}
}

// TestNotes: what there is to know of a change reaches the user when it is carried out,
// and a client that can is to have it confirmed.
func TestNotes(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, able)
	must(t, e.Open(ctx, file))
	edit, err := e.Perform(ctx, extractAction(t, e, file))
	must(t, err)
	for name, a := range edit.ChangeAnnotations {
		if !a.NeedsConfirmation {
			t.Errorf("%s needs no confirmation: %+v", name, a)
		}
	}
	before := map[string]string{}
	for path, content := range e.Buffers() { // the user saves, and thinks better of it
		was, err := os.ReadFile(path)
		if err == nil {
			before[path] = string(was)
		}
		write(t, path, string(content))
	}
	session, err := engine.Open(ctx, engine.Options{Dir: dir})
	must(t, err)
	if title, err := session.Undo(); err != nil || title != "extract pricing" {
		t.Errorf("Undo: %q, %v", title, err)
	}
	for path := range e.Buffers() {
		if now, _ := os.ReadFile(path); string(now) != before[path] {
			t.Errorf("%s wasn't taken back", path)
		}
	}
	said := strings.Join(append(e.Messages(), e.Requests()...), "\n")
	if !strings.Contains(said, "what other modules can import changes") {
		t.Errorf("the user was told %s", said)
	}
}

// TestConfirms: a client that has the user confirm a change itself gets what there is to
// show, and an edit that its editor doesn't ask about again.
func TestConfirms(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, strings.Replace(able, `"buttons":true`, `"buttons":true,"confirms":true,"creates":true`, 1))
	must(t, e.Open(ctx, file))
	var resolved wire.CodeAction
	must(t, e.Conn.Call(ctx, "codeAction/resolve", extractAction(t, e, file), &resolved))
	for name, a := range resolved.Edit.ChangeAnnotations {
		if a.NeedsConfirmation {
			t.Errorf("%s is confirmed twice", name)
		}
	}
	var data struct {
		Confirm *struct {
			Files int
			Notes []string
			Diff  string
		}
		Created []struct{ URI, Text string }
	}
	must(t, json.Unmarshal(resolved.Data, &data))
	if c := data.Confirm; c == nil || c.Files < 3 || len(c.Notes) == 0 || !strings.Contains(c.Diff, "+++ b/pricing/service.go") {
		t.Errorf("the client is to show %+v", c)
	}
	if len(data.Created) != 1 || !strings.HasSuffix(data.Created[0].URI, "/pricing/service.go") || !strings.Contains(data.Created[0].Text, "type Service interface") {
		t.Errorf("the client is to make %+v", data.Created)
	}
	for _, step := range resolved.Edit.DocumentChanges {
		if step.Kind == "create" || step.TextDocument != nil && strings.HasSuffix(string(step.TextDocument.URI), "/pricing/service.go") {
			t.Errorf("a new file is in the edit, too: %+v", step)
		}
	}
}

// TestMovePackage carries out an edit that moves files.
func TestMovePackage(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "tax", "tax.go")
	e := start(t, able)
	must(t, e.Open(ctx, file))
	actions, err := e.Actions(ctx, file, "package tax")
	must(t, err)
	var names []string
	for _, a := range actions {
		if strings.HasPrefix(a.Title, "Move package") {
			edit, err := e.Perform(ctx, a)
			must(t, err)
			if edit == nil || e.Buffer(file) != "" {
				t.Errorf("tax.go is where it was; messages %q", e.Messages())
			}
			return
		}
		names = append(names, a.Title)
	}
	t.Errorf("there are only %q", names)
}

// TestProgress: who waits is told what for, and can end it.
func TestProgress(t *testing.T) {
	ctx, g := t.Context(), newGate(t)
	file := module(t, gated)
	e := start(t, able)
	g.close(t)
	must(t, e.Open(ctx, file))
	looking, err := e.AwaitProgress(patience, "begin")
	must(t, err)
	if looking.Value.Title != "Unweld looks at "+filepath.Base(filepath.Dir(file)) || looking.Value.Cancellable {
		t.Errorf("progress of the first analysis: %+v", looking.Value)
	}
	g.open(t)
	must(t, e.AwaitVersion(file, patience))
	e.ForgetProgress()
	must(t, e.Replace(ctx, file, "import \"time\"", "import \"time\"\nimport _ \"fmt\""))
	actions, err := e.Actions(ctx, file, "Engine struct")
	if err != nil || len(actions) == 0 {
		t.Fatal(actions, err)
	}
	g.close(t)
	call, err := e.Conn.DispatchCall(ctx, "codeAction/resolve", actions[0])
	must(t, err)
	begun, err := e.AwaitProgress(patience, "begin")
	must(t, err)
	if begun.Value.Title != actions[0].Title || !begun.Value.Cancellable {
		t.Errorf("progress: %+v", begun.Value)
	}
	must(t, e.Conn.Notify(ctx, "window/workDoneProgress/cancel", wire.Progress{Token: begun.Token}))
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if rpc, ok := call.Wait(limited, nil).(*jsonrpc2.Error); !ok || rpc.Code != wire.RequestCancelled {
		t.Errorf("what the user ended returned %v", rpc)
	}
	g.open(t)
	_, err = e.AwaitProgress(patience, "end")
	must(t, err)
}
