package lsp

import (
	"encoding/json"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// A proposal is a change as the client is to carry it out. What is beside the edit is for
// clients that know of it.
type proposal struct {
	Edit    *wire.WorkspaceEdit `json:"edit"`
	Confirm *confirmation       `json:"confirm,omitempty"`
	Created []createdFile       `json:"created,omitempty"`
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

// propose converts a change, which the user is to confirm if the settings say so.
func (s *server) propose(project *project, set change.Set) (p proposal, err error) {
	client, confirm := s.client.Load(), s.settings.Load().confirms(set)
	can := client.Experimental.Unweld
	if confirm && can.Confirms {
		confirm = false
		p.Confirm = &confirmation{Files: len(set.Files), Notes: append([]string{}, convert.Notes(set)...)}
		if p.Confirm.Diff, err = project.Diff(set); err != nil {
			return p, err
		}
	}
	if can.Creates {
		set.Files = slices.DeleteFunc(slices.Clone(set.Files), func(f change.File) bool {
			if f.Op == change.Create {
				p.Created = append(p.Created, createdFile{project.URI(f.Path), string(f.Content)})
			}
			return f.Op == change.Create
		})
	}
	p.Edit, err = convert.WorkspaceEdit(project, set, *client, confirm)
	return p, err
}

// resolve makes a proposal that of an action, with what is beside the edit in its data.
func (p proposal) resolve(action *wire.CodeAction, data actionData) (err error) {
	action.Edit = p.Edit
	if data.Confirm, data.Created = p.Confirm, p.Created; p.Confirm != nil || p.Created != nil {
		action.Data, err = json.Marshal(data)
	}
	return err
}

// A carried is the answer to a proposal.
type carried struct {
	Applied       bool   `json:"applied"`
	FailureReason string `json:"failureReason"`
}

// ask has the client carry a proposal out: with what is beside the edit if it knows this
// server, by unweld/applyEdit, otherwise by workspace/applyEdit. It may take as long as
// the user takes to confirm it.
func (p proposal) ask(s *server, label string) (answer carried, err error) {
	method := "workspace/applyEdit"
	if can := s.client.Load().Experimental.Unweld; can.Confirms || can.Creates {
		method = "unweld/applyEdit"
	}
	err = s.conn.Call(s.ctx, method, struct {
		Label string `json:"label"`
		proposal
	}{label, p}, &answer)
	return answer, err
}
