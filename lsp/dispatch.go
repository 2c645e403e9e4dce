package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/wire"
)

// A request handler runs beside others, on a view that doesn't change.
type request func(context.Context, *server, view, json.RawMessage) (any, error)

// A notification handler runs on the read loop and must be quick.
type notification func(*server, *jsonrpc2.Conn, json.RawMessage) error

var requests = map[string]request{
	"initialize":                initialize,
	"shutdown":                  shutdown,
	"textDocument/codeAction":   codeAction,
	"codeAction/resolve":        resolve,
	"textDocument/hover":        hover,
	"workspace/executeCommand":  executeCommand,
	"textDocument/codeLens":     codeLens,
	"textDocument/completion":   completion,
	"textDocument/definition":   definition,
	"textDocument/documentLink": documentLink,
	"textDocument/inlayHint":    inlayHint,
	"workspace/symbol":          workspaceSymbol,

	"textDocument/prepareCallHierarchy": prepareCallHierarchy,
	"callHierarchy/incomingCalls":       incomingCalls,
	"callHierarchy/outgoingCalls":       outgoingCalls,

	"textDocument/diagnostic": documentDiagnostic,
	"workspace/diagnostic":    workspaceDiagnostic,

	"unweld/components": components,
	"unweld/graph":      graph,
	"unweld/form":       form,
	"unweld/catalogue":  catalogue,
	"unweld/split":      splitPreview,
}

// awaiting are the requests that are answered by an analysis. It makes room for all others.
var awaiting = map[string]bool{"textDocument/diagnostic": true, "workspace/diagnostic": true}

var notifications = map[string]notification{
	"initialized":                     initialized,
	"exit":                            exit,
	"$/cancelRequest":                 cancelRequest,
	"textDocument/didOpen":            didOpen,
	"textDocument/didChange":          didChange,
	"textDocument/didSave":            didSave,
	"textDocument/didClose":           didClose,
	"workspace/didChangeWatchedFiles": didChangeWatchedFiles,

	"window/workDoneProgress/cancel": cancelProgress,

	"workspace/didChangeConfiguration":    didChangeConfiguration,
	"workspace/didChangeWorkspaceFolders": didChangeWorkspaceFolders,
}

// Handle takes one message on the read loop.
func (s *server) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	params := json.RawMessage("null")
	if req.Params != nil {
		params = *req.Params
	}
	if req.Notif {
		if err := s.notified(conn, req.Method, params); err != nil {
			s.log(ctx, conn, protocol.MessageTypeWarning, req.Method+": "+err.Error())
		}
		return
	}
	handle, ok := requests[req.Method]
	if err := s.checkState(req.Method, ok); err != nil {
		conn.ReplyWithError(ctx, req.ID, err)
		return
	}
	if req.Method == "initialize" { // what follows depends on it
		s.conn = conn
		s.answer(ctx, conn, req.ID, handle, s.docs.view(), params)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.calls[req.ID] = cancel
	s.mu.Unlock()
	end := func() {}
	if !awaiting[req.Method] {
		end = s.waited.Begin()
	}
	v := s.docs.view()
	s.running.Go(func() {
		defer s.finished(req.ID)
		defer end()
		s.answer(ctx, conn, req.ID, handle, v, params)
	})
}

// checkState says what is wrong with a request at this time, if anything is.
func (s *server) checkState(method string, known bool) *jsonrpc2.Error {
	switch initialized := s.client.Load() != nil; {
	case s.shutdown.Load():
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: method + ": the server is shutting down"}
	case !initialized && method != "initialize":
		return &jsonrpc2.Error{Code: wire.ServerNotInitialized, Message: method + ": the server expects initialize first"}
	case initialized && method == "initialize":
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "initialize: came twice"}
	case !known:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: method + ": not offered by this server"}
	}
	return nil
}

// answer handles a request and replies. One that is cancelled is answered at
// once, though its handler may need a moment to notice.
func (s *server) answer(ctx context.Context, conn *jsonrpc2.Conn, id jsonrpc2.ID, handle request, v view, params json.RawMessage) {
	type outcome struct {
		result any
		err    error
	}
	done := make(chan outcome, 1)
	s.running.Go(func() {
		result, err := recovered(func() (any, error) { return handle(ctx, s, v, params) })
		done <- outcome{result, err}
	})
	var o outcome
	select {
	case o = <-done:
	case <-ctx.Done():
		o.err = context.Cause(ctx)
	}
	if o.err != nil {
		conn.ReplyWithError(context.WithoutCancel(ctx), id, protocolError(ctx, o.err))
		return
	}
	conn.Reply(ctx, id, o.result)
}

func (s *server) finished(id jsonrpc2.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.calls[id]; cancel != nil {
		cancel()
	}
	delete(s.calls, id)
}

func (s *server) notified(conn *jsonrpc2.Conn, method string, params json.RawMessage) error {
	handle, ok := notifications[method]
	if !ok || s.client.Load() == nil && method != "exit" {
		return nil // the protocol lets both be dropped
	}
	_, err := recovered(func() (any, error) { return nil, handle(s, conn, params) })
	return err
}

// recovered makes a panic in f an error: one request fails, the server goes on.
func recovered(f func() (any, error)) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// decode reads params into v; what doesn't fit is the client's mistake.
func decode(params json.RawMessage, v any) error {
	if err := json.Unmarshal(params, v); err != nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return nil
}

func protocolError(ctx context.Context, err error) *jsonrpc2.Error {
	if e, ok := errors.AsType[*jsonrpc2.Error](err); ok {
		return e
	}
	code := int64(wire.RequestFailed)
	if _, ok := errors.AsType[*change.ConflictError](err); ok {
		code = wire.ContentModified
	}
	if ctx.Err() != nil {
		code = wire.RequestCancelled
	}
	return &jsonrpc2.Error{Code: code, Message: err.Error()}
}

func (s *server) log(ctx context.Context, conn *jsonrpc2.Conn, kind protocol.MessageType, message string) {
	conn.Notify(ctx, "window/logMessage", protocol.LogMessageParams{Type: kind, Message: message})
}
