package lsp

import (
	"context"
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/wire"
)

// actCommand is the command of an action for a client that can't resolve one, such as
// the eglot of Emacs 28: it does what resolving it does, and has the client carry out the edit.
const actCommand = "unweld.act"

// act executes it.
func act(ctx context.Context, s *server, v view, arguments []json.RawMessage) (any, error) {
	var title string
	var data actionData
	if len(arguments) != 2 || json.Unmarshal(arguments[0], &title) != nil || json.Unmarshal(arguments[1], &data) != nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: actCommand + ": expects what the server put into the action"}
	}
	path, ok := pathOf(data.URI)
	if !ok {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: actCommand + ": the action names no file"}
	}
	if doc, open := v[path]; !open || doc.version != data.Version {
		return nil, conflict(path)
	}
	return s.change(ctx, v, data.URI, title, func(ctx context.Context, p *project) (change.Set, error) { return edit(ctx, p, data) })
}

// deliver puts into an action what the client keeps of it until the user chooses it.
func (s *server) deliver(action *wire.CodeAction, data actionData) (err error) {
	client := s.client.Load()
	if client.TextDocument.CodeAction.ResolveSupport != nil || !client.Workspace.ApplyEdit {
		action.Data, err = json.Marshal(data)
		return err
	}
	if action.Command == nil {
		action.Command = &protocol.Command{Title: action.Title, Command: actCommand, Arguments: []any{action.Title, data}}
	}
	return nil
}
