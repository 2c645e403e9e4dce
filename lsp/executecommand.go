package lsp

import (
	"context"
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
)

// commands are what clients can have executed, by name.
var commands = map[string]func(context.Context, *server, view, []json.RawMessage) (any, error){
	appliedCommand: applied,
}

// executeCommand executes one of them.
func executeCommand(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p struct {
		Command   string            `json:"command"`
		Arguments []json.RawMessage `json:"arguments"`
	}
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	run, ok := commands[p.Command]
	if !ok {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: p.Command + ": no such command"}
	}
	return run(ctx, s, v, p.Arguments)
}
