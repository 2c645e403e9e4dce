package lsp

import (
	"context"
	"encoding/json"
	"slices"
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
	list := &listing{s: s, doc: doc, only: p.Context.Only}
	for _, x := range s.diagnoser.shownAt(doc.uri, uint32(doc.version), p.Range) {
		for _, fix := range x.fixes {
			list.add(wire.CodeAction{Title: fix.Title, Kind: quickFix, Diagnostics: []protocol.Diagnostic{x.diagnostic}}, actionData{Fix: &fix}, "")
		}
		for _, offer := range project.Solutions(x.problem) {
			list.add(wire.CodeAction{Title: offer.Title, Kind: quickFix, Diagnostics: []protocol.Diagnostic{x.diagnostic}}, actionData{Offer: offer}, offer.Disabled)
		}
	}
	fixes := list.actions
	list.actions = nil
	for _, offer := range project.Offers(convert.Span(project.Rel(path), doc.text, p.Range), shownCodes(p.Context.Diagnostics)) {
		list.add(wire.CodeAction{Title: offer.Title, Kind: offer.Kind}, actionData{Offer: offer}, offer.Disabled)
	}
	return append(append(actions, list.actions...), fixes...), list.err
}

// A listing collects the actions that a client asks for.
type listing struct {
	s       *server
	doc     document
	only    []protocol.CodeActionKind
	actions []wire.CodeAction
	err     error
}

// add adds an action, if the client wants such, and can show it where it can't be done
// now. Several diagnostics can have the same fix.
func (l *listing) add(action wire.CodeAction, data actionData, disabled string) {
	if !wanted(action.Kind, l.only) || disabled != "" && !l.s.client.Load().TextDocument.CodeAction.DisabledSupport {
		return
	}
	if i := slices.IndexFunc(l.actions, func(a wire.CodeAction) bool { return action.Kind == quickFix && a.Title == action.Title }); i >= 0 {
		l.actions[i].Diagnostics = append(l.actions[i].Diagnostics, action.Diagnostics...)
		return
	}
	data.URI, data.Version = l.doc.uri, l.doc.version
	var err error
	if action.Data, err = json.Marshal(data); err != nil {
		l.err = err
		return
	}
	if disabled != "" {
		action.Disabled = &wire.Disabled{Reason: disabled}
	}
	l.actions = append(l.actions, action)
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
