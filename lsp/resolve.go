package lsp

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/wire"
)

// resolve computes the edit of an action, on the version it was listed for. If
// any open file changes while that takes its time, the edit is given up: it
// would land in the wrong place. The analysis under way makes room, and begins
// anew afterwards. What can't be done is answered without an edit, and told to
// the user.
func resolve(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var action wire.CodeAction
	if err := decode(params, &action); err != nil {
		return nil, err
	}
	var data actionData
	if err := decode(action.Data, &data); err != nil {
		return nil, err
	}
	path, ok := pathOf(data.URI)
	if !ok {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the action names no file"}
	}
	if data.Offer.Disabled != "" {
		s.show(protocol.MessageTypeWarning, action.Title+": "+data.Offer.Disabled)
		return action, nil
	}
	if data.Offer.Operation == engine.OpPreview { // its command is all there is
		return action, nil
	}
	err := s.resolved(ctx, v, path, &action, data)
	if _, changed := errors.AsType[*change.ConflictError](err); changed { // editors don't say so
		s.show(protocol.MessageTypeInfo, action.Title+": "+err.Error())
	}
	if err != nil {
		return nil, err
	}
	return action, nil
}

// resolved adds the edit to an action, unless it is refused.
func (s *server) resolved(ctx context.Context, v view, path string, action *wire.CodeAction, data actionData) error {
	if doc, open := v[path]; !open || doc.version != data.Version {
		return conflict(path)
	}
	defer s.diagnoser.pause()()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	say, done := s.progress(action.Title, cancel)
	defer done()
	project, err := s.project(ctx, v, path)
	if err != nil {
		return err
	}
	project.Session = project.WithProgress(say)
	set, err := edit(ctx, project, data)
	if err == nil {
		var p proposal
		if p, err = s.propose(project, set); err == nil {
			err = p.resolve(action, data)
		}
	}
	if ctx.Err() != nil {
		return &jsonrpc2.Error{Code: wire.RequestCancelled, Message: action.Title + ": cancelled"}
	}
	if err != nil {
		if !isRefusal(err) {
			return err
		}
		action.Edit = nil
		s.refused(project, action.Title, err)
		return nil
	}
	if err := s.unchanged(project, v, set); err != nil {
		return err
	}
	action.Command = s.after(project, set)
	return nil
}

// edit computes the change set of an action.
func edit(ctx context.Context, project *project, data actionData) (change.Set, error) {
	if data.Fix != nil {
		return project.Fix(data.Fix.Title, *data.Fix)
	}
	return project.Do(ctx, data.Offer)
}
