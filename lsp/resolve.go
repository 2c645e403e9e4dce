package lsp

import (
	"context"
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// resolve computes the edit of an action, on the version it was listed for. If
// any open file changes while that takes its time, the edit is given up: it
// would land in the wrong place. The analysis under way makes room, and begins
// anew afterwards.
func resolve(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var action wire.CodeAction
	if err := decode(params, &action); err != nil {
		return nil, err
	}
	var data actionData
	if err := decode(action.Data, &data); err != nil {
		return nil, err
	}
	if data.Offer.Disabled != "" {
		return nil, &jsonrpc2.Error{Code: wire.RequestFailed, Message: action.Title + ": " + data.Offer.Disabled}
	}
	path, ok := pathOf(data.URI)
	if !ok {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the action names no file"}
	}
	if doc, open := v[path]; !open || doc.version != data.Version {
		return nil, conflict(path)
	}
	defer s.diagnoser.pause()()
	project, err := s.project(ctx, v, path)
	if err != nil {
		return nil, err
	}
	set, err := edit(ctx, project, data)
	if err != nil {
		return nil, err
	}
	if action.Edit, err = convert.WorkspaceEdit(project, set, *s.client.Load()); err != nil {
		return nil, err
	}
	for _, f := range set.Files {
		abs := project.Abs(f.Path)
		was, wasOpen := v[abs]
		if version, open := s.docs.version(abs); open != wasOpen || version != was.version {
			return nil, conflict(f.Path)
		}
	}
	return action, nil
}

// edit computes the change set of an action.
func edit(ctx context.Context, project *project, data actionData) (change.Set, error) {
	if data.Fix != nil {
		return project.Fix(data.Fix.Title, *data.Fix)
	}
	return project.Refactor(ctx, data.Offer.Refactoring, data.Offer.Request)
}
