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
// An editor that knows of offer.form may let the user fill in
// offer.request.params between the two, and set offer.request.runGenerators.
type actionData struct {
	URI     protocol.DocumentURI `json:"uri"`
	Version int32                `json:"version"`
	Offer   engine.Offer         `json:"offer"`
	Fix     *engine.Fix          `json:"fix,omitempty"` // in place of the offer
}

// codeAction lists what could be done at a place, and what can't be with the
// reason, where the editor can show that. No edit is computed here.
func codeAction(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
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
	if _, ours := s.workspace.rootOf(path); !ours {
		return actions, nil
	}
	project, err := s.lastProject(ctx, v, path)
	if err != nil {
		return nil, err
	}
	greyed := s.client.Load().TextDocument.CodeAction.DisabledSupport
	for _, offer := range project.Offers(convert.Span(project.Rel(path), doc.text, p.Range), shownCodes(p.Context.Diagnostics)) {
		if !wanted(offer.Kind, p.Context.Only) || offer.Disabled != "" && !greyed {
			continue
		}
		data, err := json.Marshal(actionData{URI: doc.uri, Version: doc.version, Offer: offer})
		if err != nil {
			return nil, err
		}
		action := wire.CodeAction{Title: offer.Title, Kind: offer.Kind, Data: data}
		if offer.Disabled != "" {
			action.Disabled = &wire.Disabled{Reason: offer.Disabled}
		}
		actions = append(actions, action)
	}
	for _, fix := range s.diagnoser.fixesAt(doc.uri, uint32(doc.version), p.Range) {
		if !wanted(quickFix, p.Context.Only) {
			continue
		}
		data, err := json.Marshal(actionData{URI: doc.uri, Version: doc.version, Fix: &fix})
		if err != nil {
			return nil, err
		}
		actions = append(actions, wire.CodeAction{Title: fix.Title, Kind: quickFix, Data: data})
	}
	return actions, nil
}

// quickFix is the kind of the fixes of diagnostics.
const quickFix = "quickfix"

// wanted reports whether kind is one of only, or below one of them.
func wanted(kind string, only []protocol.CodeActionKind) bool {
	for _, o := range only {
		if o == "" || kind == string(o) || strings.HasPrefix(kind, string(o)+".") {
			return true
		}
	}
	return len(only) == 0
}

// shownCodes returns the names of unweld's own diagnostics.
func shownCodes(ds []protocol.Diagnostic) []string {
	var out []string
	for _, d := range ds {
		if code, ok := d.Code.(string); ok && d.Source == "unweld" {
			out = append(out, code)
		}
	}
	return out
}
