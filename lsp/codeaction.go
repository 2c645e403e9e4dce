package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
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
	// Confirm has what the user is to confirm, in a resolved action for a client that asks
	// for it.
	Confirm *confirmation `json:"confirm,omitempty"`
	// Created are the new files, in a resolved action for a client that makes them itself.
	Created []createdFile `json:"created,omitempty"`
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
	for _, x := range s.diagnoser.shownAt(doc.uri, uint32(doc.version), p.Range) {
		if fix, ok := ignoring(doc.text, x); ok {
			list.add(wire.CodeAction{Title: fix.Title, Kind: quickFix, Diagnostics: []protocol.Diagnostic{x.diagnostic}}, actionData{Fix: &fix}, "")
		}
	}
	fixes := list.actions
	list.actions = nil
	for _, offer := range project.Offers(convert.Span(project.Rel(path), doc.text, p.Range, project.encoding), shownCodes(p.Context.Diagnostics)) {
		action := wire.CodeAction{Title: offer.Title, Kind: offer.Kind}
		if offer.Operation == engine.OpPreview {
			action.Command = previewAction(doc.uri, offer)
		}
		list.add(action, actionData{Offer: offer}, offer.Disabled)
	}
	s.ahead.load(s, v, path, params, list.actions)
	return append(append(actions, list.actions...), fixes...), list.err
}

// previewAction is the command of an action that changes nothing.
func previewAction(uri protocol.DocumentURI, o engine.Offer) *protocol.Command {
	return &protocol.Command{Title: o.Title, Command: "unweld.preview",
		Arguments: []any{map[string]any{"uri": uri, "units": [][]string{{o.Request.Target}}, "show": true}}}
}

// ignoring is the fix that says in the code that a problem is none. Why that is so is for
// the user to say.
func ignoring(content []byte, x shown) (engine.Fix, bool) {
	p := x.problem
	if !strings.HasSuffix(p.Span.File, ".go") || !engine.Ignorable(p.Code) || !p.Span.IsValid() {
		return engine.Fix{}, false
	}
	lines := text.NewLines(content)
	at := lines.Offset(p.Span.Line-1, 0)
	indent := content[at:]
	indent = indent[:len(indent)-len(bytes.TrimLeft(indent, " \t"))]
	span := text.Span{File: p.Span.File, Start: at, End: at, Line: p.Span.Line, Col: 1}
	line := string(indent) + component.Directive(component.IgnoreDirective, p.Code, "TODO: say why") + "\n"
	return engine.Fix{Title: "Ignore " + p.Code + " here, with a reason", Edits: []engine.Edit{{Span: span, New: line}}}, true
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
	if o := data.Offer; disabled == "" && o.MovesFiles && !convert.Can(*l.s.client.Load(), change.Rename) {
		disabled = convert.Cannot(change.Rename) + ": unweld refactor " + o.Refactoring + " " + o.Request.Target
	}
	if !wanted(action.Kind, l.only) || disabled != "" && !l.s.client.Load().TextDocument.CodeAction.DisabledSupport {
		return
	}
	if i := slices.IndexFunc(l.actions, func(a wire.CodeAction) bool { return action.Kind == quickFix && a.Title == action.Title }); i >= 0 {
		l.actions[i].Diagnostics = append(l.actions[i].Diagnostics, action.Diagnostics...)
		return
	}
	data.URI, data.Version = l.doc.uri, l.doc.version
	if err := l.s.deliver(&action, data); err != nil {
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
