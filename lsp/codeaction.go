package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// actionData is what the client keeps between listing and resolving an action.
type actionData struct {
	URI     protocol.DocumentURI `json:"uri"`
	Version int32                `json:"version"`
	Offer   engine.Offer         `json:"offer"`
}

// codeAction lists what could be done at a place. No edit is computed here.
func codeAction(ctx context.Context, _ *server, v view, params json.RawMessage) (any, error) {
	actions := []wire.CodeAction{}
	var p protocol.CodeActionParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	path, ok := pathOf(p.TextDocument.URI)
	doc, open := v[path]
	if !ok || !open {
		return actions, nil
	}
	project, err := v.project(ctx, path)
	if err != nil {
		return nil, err
	}
	for _, offer := range project.Offers(convert.Span(project.Rel(path), doc.text, p.Range)) {
		if !wanted(offer.Kind, p.Context.Only) {
			continue
		}
		data, err := json.Marshal(actionData{doc.uri, doc.version, offer})
		if err != nil {
			return nil, err
		}
		actions = append(actions, wire.CodeAction{Title: offer.Title, Kind: offer.Kind, Data: data})
	}
	return actions, nil
}

// wanted reports whether kind is one of only, or below one of them.
func wanted(kind string, only []protocol.CodeActionKind) bool {
	for _, o := range only {
		if o == "" || kind == string(o) || strings.HasPrefix(kind, string(o)+".") {
			return true
		}
	}
	return len(only) == 0
}
