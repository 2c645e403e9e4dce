package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
)

// A caller is what an item of the call hierarchy stands for, as its data has it.
type caller struct {
	File      string            `json:"file"` // a path of the module, which says which module
	Component string            `json:"component"`
	Subject   component.Subject `json:"subject"` // without a name: all of the component
}

// prepareCallHierarchy offers what stands at a place if it calls other components or is called by them: a
// declaration, an endpoint, or, at a contract, a package clause or where a component begins, all of the
// component. Calls within a component are for gopls, so for the rest there is nothing.
func prepareCallHierarchy(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p protocol.CallHierarchyPrepareParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project, o, rel := s.known(ctx, v, p.TextDocument.URI)
	if o == nil {
		return nil, nil
	}
	path, _ := pathOf(p.TextDocument.URI)
	at := convert.Span(rel, v[path].text, protocol.Range{Start: p.Position, End: p.Position}, project.encoding)
	d, known := project.Describe(at)
	if !known || d.Component == "" {
		return nil, nil
	}
	of := engine.Caller{Component: d.Component, Subject: d.Subject}
	if rooted(o, rel, d) {
		of.Subject = component.Subject{}
	}
	if len(o.Into(of)) == 0 && len(o.Outof(of)) == 0 {
		return nil, nil
	}
	h := hierarchy{o: o, path: path, files: &indexed{project: project, lines: map[string]linesOf{}, on: map[string]version{}}}
	item, ok := h.item(of, d.Span, "component "+d.Component)
	if !ok {
		return nil, nil
	}
	return []protocol.CallHierarchyItem{item}, nil
}

// rooted reports whether what is described stands for all of its component: the package clause, the
// contract, or the first declaration.
func rooted(o *engine.Overview, file string, d *engine.Description) bool {
	if d.Subject.Decl.Name == "" {
		return true
	}
	for _, r := range o.In(file) {
		if r.Name == d.Component && r.At.Line == d.Span.Line && d.Span.File == file {
			return true
		}
	}
	return false
}

// A hierarchy makes the items of one answer.
type hierarchy struct {
	o     *engine.Overview
	path  string // of a file of the module
	files *indexed
}

// item is something that calls or is called. near is where it is told from, for what is
// declared nobody knows where.
func (h hierarchy) item(of engine.Caller, near text.Span, detail string) (protocol.CallHierarchyItem, bool) {
	at, name, kind := h.o.SubjectAt(of.Subject), of.Subject.Decl.Name, protocol.SymbolKindFunction
	switch {
	case name == "":
		name, kind = "component "+of.Component, protocol.SymbolKindModule
		at = text.Span{}
		for i := range h.o.Found.Components {
			if c := &h.o.Found.Components[i]; c.Name == of.Component {
				at = h.o.At(c)
			}
		}
	case of.Subject.Member != "":
		name, kind = name+"."+of.Subject.Member, protocol.SymbolKindMethod
	case h.o.IsType(of.Subject.Decl):
		kind = protocol.SymbolKindClass
	}
	if !at.IsValid() {
		at = near
	}
	where, err := h.files.locate(at)
	if err != nil {
		return protocol.CallHierarchyItem{}, false
	}
	return protocol.CallHierarchyItem{Name: name, Kind: kind, Detail: detail, URI: where.URI, Range: where.Range, SelectionRange: where.Range,
		Data: caller{h.path, of.Component, of.Subject}}, true
}

// crossed says whose a caller or callee is, and whether the call leaves its unit.
func crossed(o *engine.Overview, of string, crosses bool) string {
	switch {
	case o.Split == "":
		return of
	case crosses:
		return of + " · crosses in split " + o.Split
	}
	return of + " · local in split " + o.Split
}

// calls returns the calls of an item in one direction, grouped by what is at the other end; none if its
// module isn't known any more.
func calls(ctx context.Context, s *server, v view, params json.RawMessage, find func(*engine.Overview, engine.Caller) []engine.CallAcross, other func(engine.CallAcross) engine.Caller,
	add func(item protocol.CallHierarchyItem, ranges []protocol.Range)) error {
	var p struct {
		Item struct {
			URI            protocol.DocumentURI `json:"uri"`
			SelectionRange protocol.Range       `json:"selectionRange"`
			Data           caller               `json:"data"`
		} `json:"item"`
	}
	if err := decode(params, &p); err != nil {
		return err
	}
	if _, ours := s.workspace.rootOf(p.Item.Data.File); !ours {
		return nil
	}
	project, err := s.lastProject(ctx, v, p.Item.Data.File)
	if err != nil {
		return nil
	}
	o := project.LastOverview()
	if o == nil {
		return nil
	}
	h := hierarchy{o: o, path: p.Item.Data.File, files: &indexed{project: project, lines: map[string]linesOf{}, on: map[string]version{}}}
	at := map[engine.Caller]int{}
	var items []protocol.CallHierarchyItem
	var ranges [][]protocol.Range
	for _, c := range find(o, engine.Caller{Component: p.Item.Data.Component, Subject: p.Item.Data.Subject}) {
		end := other(c)
		n, known := at[end]
		if !known {
			item, ok := h.item(end, c.Span, crossed(o, end.Component, c.Crosses))
			if !ok {
				continue // the file is gone
			}
			n = len(items)
			at[end], items, ranges = n, append(items, item), append(ranges, nil)
		}
		// Ranges are read as those of the file that the caller's item is in.
		file := items[n].URI
		if other(c) == c.To {
			file = p.Item.URI
		}
		if where, err := h.files.locate(c.Span); err == nil && where.URI == file {
			ranges[n] = append(ranges[n], where.Range)
		}
	}
	for i, item := range items {
		if len(ranges[i]) == 0 { // the call is in another file of the caller
			ranges[i] = []protocol.Range{p.Item.SelectionRange}
		}
		add(item, ranges[i])
	}
	return nil
}

// incomingCalls lists who calls something from other components.
func incomingCalls(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	list := []protocol.CallHierarchyIncomingCall{}
	err := calls(ctx, s, v, params, (*engine.Overview).Into, func(c engine.CallAcross) engine.Caller { return c.From }, func(item protocol.CallHierarchyItem, ranges []protocol.Range) {
		list = append(list, protocol.CallHierarchyIncomingCall{From: item, FromRanges: ranges})
	})
	return list, err
}

// outgoingCalls lists what something calls of other components.
func outgoingCalls(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	list := []protocol.CallHierarchyOutgoingCall{}
	err := calls(ctx, s, v, params, (*engine.Overview).Outof, func(c engine.CallAcross) engine.Caller { return c.To }, func(item protocol.CallHierarchyItem, ranges []protocol.Range) {
		list = append(list, protocol.CallHierarchyOutgoingCall{To: item, FromRanges: ranges})
	})
	return list, err
}
