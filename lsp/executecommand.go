package lsp

import (
	"context"
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/engine"
)

// A command is what a client can have executed.
type command func(context.Context, *server, view, []json.RawMessage) (any, error)

// commands are all of them, by name.
var commands = map[string]command{
	appliedCommand: applied,
	actCommand:     act,

	"unweld.preview":     previewCommand,
	"unweld.explain":     onModule(explainCommand),
	"unweld.check":       onModule(checkCommand),
	"unweld.undo":        onModule(undoCommand),
	"unweld.chooseSplit": onModule(chooseSplit),

	"unweld.init":         changing("Write unweld.yaml", initCommand),
	"unweld.addComponent": changing("Add a component to unweld.yaml", addComponentCommand),
	"unweld.baseline":     changing("Write the baseline", baselineCommand),
	"unweld.refactor":     changing("Refactor", refactorCommand),
	"unweld.bind":         changing("Bind", operationCommand(engine.OpBind)),
	"unweld.state":        changing("Keep state", operationCommand(engine.OpState)),
	"unweld.eject":        changing("Eject", operationCommand(engine.OpEject)),
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
	result, err := run(ctx, s, v, p.Arguments)
	return result, told(err)
}
