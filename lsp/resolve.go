package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/convert"
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
		err = s.edited(project, set, action, data)
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

// A confirmation is what a client that has the user confirm an edit itself shows of it.
type confirmation struct {
	Files int      `json:"files"`
	Notes []string `json:"notes"`
	Diff  string   `json:"diff"`
}

// A createdFile is a new file with its content. The protocol can only create an empty one
// and edit it then, and in between another server may write into it: gopls does.
type createdFile struct {
	URI  protocol.DocumentURI `json:"uri"`
	Text string               `json:"text"`
}

// edited gives an action its edit, which the user is to confirm if the settings say so.
func (s *server) edited(project *project, set change.Set, action *wire.CodeAction, data actionData) (err error) {
	client, confirm := s.client.Load(), s.settings.Load().confirms(set)
	can := client.Experimental.Unweld
	if confirm && can.Confirms {
		confirm = false
		data.Confirm = &confirmation{Files: len(set.Files), Notes: append([]string{}, convert.Notes(set)...)}
		if data.Confirm.Diff, err = project.Diff(set); err != nil {
			return err
		}
	}
	if can.Creates {
		set.Files = slices.DeleteFunc(slices.Clone(set.Files), func(f change.File) bool {
			if f.Op == change.Create {
				data.Created = append(data.Created, createdFile{project.URI(f.Path), string(f.Content)})
			}
			return f.Op == change.Create
		})
	}
	if can.Confirms || can.Creates {
		if action.Data, err = json.Marshal(data); err != nil {
			return err
		}
	}
	action.Edit, err = convert.WorkspaceEdit(project, set, *client, confirm)
	return err
}

// edit computes the change set of an action.
func edit(ctx context.Context, project *project, data actionData) (change.Set, error) {
	if data.Fix != nil {
		return project.Fix(data.Fix.Title, *data.Fix)
	}
	return project.Do(ctx, data.Offer)
}
