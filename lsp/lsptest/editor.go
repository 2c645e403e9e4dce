// Package lsptest is an editor for tests: it speaks to a language server over
// pipes, keeps buffers as an editor does, and applies edits as strictly as the
// protocol allows.
package lsptest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// Capabilities of a modern editor: what Neovim and VS Code say of themselves.
const Capabilities = `{"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create","rename","delete"],"changeAnnotationSupport":{}}}}`

// An Editor is the client's end of one connection.
type Editor struct {
	Conn *jsonrpc2.Conn
	// Raw writes bytes to the server as they are, without framing.
	Raw io.Writer
	// Encoding is what the server chose to count columns in.
	Encoding string
	// Done gets what the server returned.
	Done <-chan error

	mu          sync.Mutex
	changed     *sync.Cond
	encoding    text.Encoding
	buffers     map[string]*buffer
	diagnostics map[protocol.DocumentURI]protocol.PublishDiagnosticsParams
	published   []protocol.PublishDiagnosticsParams // all, in the order in which they came
	messages    []string
	progress    []wire.Progress
	choice      string          // the button of a message that the user presses
	requests    []string        // that the server made, with their parameters
	settings    json.RawMessage // what workspace/configuration is answered with
}

type buffer struct {
	version int32
	text    []byte
	open    bool // the server knows of it
}

// Start runs serve and connects to it. Nothing is sent yet.
func Start(ctx context.Context, serve func(context.Context, io.Reader, io.Writer) error) *Editor {
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := serve(ctx, serverIn, serverOut)
		serverOut.Close()
		done <- err
	}()
	e := &Editor{Raw: clientOut, Done: done, buffers: map[string]*buffer{}, diagnostics: map[protocol.DocumentURI]protocol.PublishDiagnosticsParams{}}
	e.changed = sync.NewCond(&e.mu)
	stream := jsonrpc2.NewBufferedStream(pipe{clientIn, clientOut}, jsonrpc2.VSCodeObjectCodec{})
	e.Conn = jsonrpc2.NewConn(ctx, stream, e)
	return e
}

type pipe struct {
	io.ReadCloser
	out *io.PipeWriter
}

func (p pipe) Write(b []byte) (int, error) { return p.out.Write(b) }

func (p pipe) Close() error {
	p.out.Close()
	return p.ReadCloser.Close()
}

// Initialize makes the handshake with the given client capabilities.
func (e *Editor) Initialize(ctx context.Context, capabilities string) (protocol.InitializeResult, error) {
	return e.InitializeWith(ctx, `{"processId":null,"rootUri":null,"capabilities":`+capabilities+`}`)
}

// InitializeWith makes the handshake with the given parameters.
func (e *Editor) InitializeWith(ctx context.Context, parameters string) (protocol.InitializeResult, error) {
	var result protocol.InitializeResult
	params, raw := json.RawMessage(parameters), json.RawMessage{}
	if err := e.Conn.Call(ctx, "initialize", &params, &raw); err != nil {
		return result, err
	}
	var later wire.InitializeResult
	if err := errors.Join(json.Unmarshal(raw, &result), json.Unmarshal(raw, &later)); err != nil {
		return result, err
	}
	e.Encoding = later.Capabilities.PositionEncoding
	e.encoding = map[string]text.Encoding{"utf-8": text.UTF8, "utf-32": text.UTF32}[e.Encoding]
	return result, e.Conn.Notify(ctx, "initialized", struct{}{})
}

// Handle takes what the server sends.
func (e *Editor) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !req.Notif {
		params := "null"
		if req.Params != nil {
			params = string(*req.Params)
		}
		e.requests = append(e.requests, req.Method+": "+params)
		e.answer(ctx, conn, req)
		e.changed.Broadcast()
		return
	}
	switch req.Method {
	case "textDocument/publishDiagnostics":
		var p protocol.PublishDiagnosticsParams
		if strings.Contains(string(*req.Params), `"diagnostics":null`) {
			e.messages = append(e.messages, "diagnostics: null was sent for an empty list")
		}
		if err := json.Unmarshal(*req.Params, &p); err == nil {
			e.diagnostics[p.URI] = p
			e.published = append(e.published, p)
		}
	case "$/progress":
		var p wire.Progress
		if err := json.Unmarshal(*req.Params, &p); err == nil {
			e.progress = append(e.progress, p)
		}
	default:
		e.messages = append(e.messages, req.Method+": "+string(*req.Params))
	}
	e.changed.Broadcast()
}

// answer answers a request of the server, with the lock held.
func (e *Editor) answer(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	switch req.Method {
	case "client/registerCapability", "window/workDoneProgress/create", "workspace/diagnostic/refresh":
		conn.Reply(ctx, req.ID, nil)
	case "window/showDocument":
		conn.Reply(ctx, req.ID, map[string]bool{"success": true})
	case "window/showMessageRequest":
		conn.Reply(ctx, req.ID, map[string]string{"title": e.choice})
	case "workspace/applyEdit", "unweld/applyEdit":
		var p struct {
			Edit    wire.WorkspaceEdit `json:"edit"`
			Created []struct {
				URI  protocol.DocumentURI `json:"uri"`
				Text string               `json:"text"`
			} `json:"created"`
		}
		if err := json.Unmarshal(*req.Params, &p); err != nil {
			conn.ReplyWithError(ctx, req.ID, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()})
			return
		}
		go func() {
			answer := map[string]any{"applied": true}
			if err := e.Apply(&p.Edit); err != nil {
				answer = map[string]any{"applied": false, "failureReason": err.Error()}
			}
			e.mu.Lock()
			for _, c := range p.Created {
				path, _ := convert.Path(c.URI)
				e.buffers[path] = &buffer{text: []byte(c.Text)}
			}
			e.mu.Unlock()
			conn.Reply(ctx, req.ID, answer)
		}()
	case "workspace/configuration":
		conn.Reply(ctx, req.ID, []json.RawMessage{e.settings})
	default:
		conn.ReplyWithError(ctx, req.ID, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: req.Method + ": this editor doesn't know it"})
	}
}

// Configure sets what the server gets when it asks for the configuration.
func (e *Editor) Configure(settings string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settings = json.RawMessage(settings)
}

// Choose makes the user press a button of each message that has some.
func (e *Editor) Choose(button string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choice = button
}

// AwaitRequest waits until the server has asked for something that has part in it.
func (e *Editor) AwaitRequest(limit time.Duration, part string) error {
	return e.wait(limit, func() error {
		for _, r := range e.requests {
			if strings.Contains(r, part) {
				return nil
			}
		}
		return fmt.Errorf("no request with %s in %v; there are %q", part, limit, e.requests)
	})
}

// AwaitProgress waits until the server has said something of a kind about work under
// way, and returns it.
func (e *Editor) AwaitProgress(limit time.Duration, kind string) (p wire.Progress, err error) {
	err = e.wait(limit, func() error {
		for _, p = range e.progress {
			if p.Value != nil && p.Value.Kind == kind {
				return nil
			}
		}
		return fmt.Errorf("no progress of kind %s in %v", kind, limit)
	})
	return p, err
}

// ForgetProgress makes AwaitProgress wait for what comes from now on.
func (e *Editor) ForgetProgress() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.progress = nil
}

// Requests returns what the server has asked for, each with its parameters.
func (e *Editor) Requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.requests...)
}

// Messages returns what else the server has sent.
func (e *Editor) Messages() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.messages...)
}

// Published returns all diagnostics that the server has sent for path, in order.
func (e *Editor) Published(path string) []protocol.PublishDiagnosticsParams {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []protocol.PublishDiagnosticsParams
	for _, p := range e.published {
		if p.URI == convert.URI(path) {
			out = append(out, p)
		}
	}
	return out
}

// AwaitMessage waits until the server has sent something else whose method begins
// with prefix.
func (e *Editor) AwaitMessage(limit time.Duration, prefix string) error {
	return e.wait(limit, func() error {
		for _, m := range e.messages {
			if strings.HasPrefix(m, prefix) {
				return nil
			}
		}
		return fmt.Errorf("no %s in %v; there are %q", prefix, limit, e.messages)
	})
}

// Diagnostics returns what the server said last of each file, by path, where it said
// anything.
func (e *Editor) Diagnostics() map[string][]protocol.Diagnostic {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := map[string][]protocol.Diagnostic{}
	for uri, p := range e.diagnostics {
		if path, ok := convert.Path(uri); ok && len(p.Diagnostics) > 0 {
			all[path] = p.Diagnostics
		}
	}
	return all
}

// Open opens the file at path with its content on disk.
func (e *Editor) Open(ctx context.Context, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return e.OpenText(ctx, path, content)
}

// OpenText opens a buffer for the file at path, which needn't exist.
func (e *Editor) OpenText(ctx context.Context, path string, content []byte) error {
	language := "go"
	if filepath.Ext(path) != ".go" {
		language = strings.TrimPrefix(filepath.Ext(path), ".")
	}
	e.mu.Lock()
	e.buffers[path] = &buffer{1, content, true}
	e.mu.Unlock()
	return e.Conn.Notify(ctx, "textDocument/didOpen", protocol.DidOpenTextDocumentParams{
		TextDocument: protocol.TextDocumentItem{URI: convert.URI(path), LanguageID: protocol.LanguageIdentifier(language), Version: 1, Text: string(content)},
	})
}

// Replace types new in place of the first old in an open buffer.
func (e *Editor) Replace(ctx context.Context, path, old, new string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.buffers[path]
	at := strings.Index(string(b.text), old)
	if at < 0 {
		return fmt.Errorf("%s: no %q in the buffer", path, old)
	}
	r := convert.Range(text.NewLines(b.text).In(e.encoding), at, at+len(old))
	b.text = []byte(string(b.text[:at]) + new + string(b.text[at+len(old):]))
	b.version++
	return e.Conn.Notify(ctx, "textDocument/didChange", wire.DidChangeParams{
		TextDocument: protocol.VersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: convert.URI(path)}, Version: b.version},
		ContentChanges: []wire.ContentChange{{Range: &r, Text: new}},
	})
}

// Buffer returns the text of an open or edited buffer.
func (e *Editor) Buffer(path string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if b := e.buffers[path]; b != nil {
		return string(b.text)
	}
	return ""
}

// Buffers returns every buffer, by path, to be saved.
func (e *Editor) Buffers() map[string][]byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := map[string][]byte{}
	for path, b := range e.buffers {
		if b != nil {
			all[path] = b.text
		}
	}
	return all
}

// Await waits until ok accepts the diagnostics last sent for path.
func (e *Editor) Await(path string, limit time.Duration, ok func([]protocol.Diagnostic) bool) ([]protocol.Diagnostic, error) {
	p, err := e.await(path, limit, func(p protocol.PublishDiagnosticsParams) bool { return ok(p.Diagnostics) })
	return p.Diagnostics, err
}

// AwaitVersion waits for diagnostics of the buffer of path as it is now.
func (e *Editor) AwaitVersion(path string, limit time.Duration) error {
	e.mu.Lock()
	version := e.buffers[path].version
	e.mu.Unlock()
	_, err := e.await(path, limit, func(p protocol.PublishDiagnosticsParams) bool { return p.Version == uint32(version) })
	return err
}

func (e *Editor) await(path string, limit time.Duration, ok func(protocol.PublishDiagnosticsParams) bool) (p protocol.PublishDiagnosticsParams, err error) {
	err = e.wait(limit, func() error {
		sent := false
		if p, sent = e.diagnostics[convert.URI(path)]; sent && ok(p) {
			return nil
		}
		return fmt.Errorf("%s: no such diagnostics in %v; the last were %+v, messages %q", path, limit, p, e.messages)
	})
	return p, err
}

// wait waits until missing, which is called with the lock held, returns nil.
func (e *Editor) wait(limit time.Duration, missing func() error) error {
	late := time.AfterFunc(limit, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.changed.Broadcast()
	})
	defer late.Stop()
	end := time.Now().Add(limit)
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		err := missing()
		if err == nil || !time.Now().Before(end) {
			return err
		}
		e.changed.Wait()
	}
}

// Actions lists the code actions where needle first stands in an open buffer.
func (e *Editor) Actions(ctx context.Context, path, needle string) ([]wire.CodeAction, error) {
	at, err := e.find(path, needle)
	if err != nil {
		return nil, err
	}
	return e.ActionsAt(ctx, path, protocol.Range{Start: at, End: at})
}

// find returns where needle first stands in an open buffer.
func (e *Editor) find(path, needle string) (protocol.Position, error) {
	content := e.Buffer(path)
	at := strings.Index(content, needle)
	if at < 0 {
		return protocol.Position{}, fmt.Errorf("%s: no %q in the buffer", path, needle)
	}
	return convert.Range(text.NewLines([]byte(content)).In(e.encoding), at, at).Start, nil
}

// ActionsAt lists the code actions for a range, with the diagnostics that meet it.
func (e *Editor) ActionsAt(ctx context.Context, path string, r protocol.Range) ([]wire.CodeAction, error) {
	e.mu.Lock()
	shown := []protocol.Diagnostic{}
	for _, d := range e.diagnostics[convert.URI(path)].Diagnostics {
		if comparePositions(d.Range.Start, r.End) <= 0 && comparePositions(r.Start, d.Range.End) <= 0 {
			shown = append(shown, d)
		}
	}
	e.mu.Unlock()
	var actions []wire.CodeAction
	err := e.Conn.Call(ctx, "textDocument/codeAction", protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: convert.URI(path)}, Range: r, Context: protocol.CodeActionContext{Diagnostics: shown},
	}, &actions)
	return actions, err
}

// Perform does what an editor does with an action that the user chose: it has it
// resolved where the server left something for that, applies its edit, and has its
// command executed.
func (e *Editor) Perform(ctx context.Context, action wire.CodeAction) (*wire.WorkspaceEdit, error) {
	resolved := action
	if action.Data != nil {
		resolved = wire.CodeAction{}
		if err := e.Conn.Call(ctx, "codeAction/resolve", action, &resolved); err != nil {
			return nil, err
		}
	}
	if resolved.Edit != nil {
		if err := e.Apply(resolved.Edit); err != nil {
			return nil, err
		}
	}
	if c := resolved.Command; c != nil {
		return resolved.Edit, e.Conn.Call(ctx, "workspace/executeCommand", protocol.ExecuteCommandParams{Command: c.Command, Arguments: c.Arguments}, nil)
	}
	return resolved.Edit, nil
}

// Resolve asks for the edit of an action.
func (e *Editor) Resolve(ctx context.Context, action wire.CodeAction) (*wire.WorkspaceEdit, error) {
	var resolved wire.CodeAction
	if err := e.Conn.Call(ctx, "codeAction/resolve", action, &resolved); err != nil {
		return nil, err
	}
	if resolved.Edit == nil {
		return nil, fmt.Errorf("%s: resolved without an edit", action.Title)
	}
	return resolved.Edit, nil
}

// Hover asks what the server knows where needle first stands in an open buffer;
// nil where it knows nothing.
func (e *Editor) Hover(ctx context.Context, path, needle string) (*protocol.Hover, error) {
	at, err := e.find(path, needle)
	if err != nil {
		return nil, err
	}
	return e.HoverAt(ctx, path, at)
}

// HoverAt is Hover at a position.
func (e *Editor) HoverAt(ctx context.Context, path string, at protocol.Position) (*protocol.Hover, error) {
	var hover *protocol.Hover
	err := e.Conn.Call(ctx, "textDocument/hover", protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: convert.URI(path)}, Position: at,
	}}, &hover)
	return hover, err
}

// Text returns what stands in a range of an open buffer.
func (e *Editor) Text(path string, r protocol.Range) string {
	content := e.Buffer(path)
	span := convert.Span(path, []byte(content), r, e.encoding)
	return content[span.Start:span.End]
}
