package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
)

// definition leads from unweld.yaml to what it names: from a pattern to the packages, from a
// contract to the interface, from a component to its entry or its code. In Go files that is
// for gopls.
func definition(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	locations := []protocol.Location{}
	var p protocol.DefinitionParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project := s.config(ctx, v, p.TextDocument.URI)
	if project == nil {
		return locations, nil
	}
	e, _, ok := configAt(project, p.Position)
	if !ok {
		return locations, nil
	}
	files := &indexed{project: project, lines: map[string]linesOf{}, on: map[string]version{}}
	for _, at := range e.To {
		if where, err := files.locate(at); err == nil {
			locations = append(locations, *where)
		}
	}
	return locations, nil
}

// configAt says what stands at a position of unweld.yaml, and where.
func configAt(p *project, at protocol.Position) (e engine.ConfigElement, r protocol.Range, ok bool) {
	lines, content, err := p.Lines(split.FileName)
	if err != nil {
		return e, r, false
	}
	offset := convert.Span("", content, protocol.Range{Start: at, End: at}, p.encoding).Start
	if e, ok = p.ConfigAt(offset); ok {
		r = convert.Range(lines, e.Span.Start, e.Span.End)
	}
	return e, r, ok
}

// locate converts a span.
func (f *indexed) locate(at text.Span) (*protocol.Location, error) {
	lines, content, err := f.Lines(at.File)
	if err != nil {
		return nil, err
	}
	return &protocol.Location{URI: f.URI(at.File), Range: convert.Word(lines, content, at)}, nil
}

// documentLink makes the patterns and contracts of unweld.yaml links to the code.
func documentLink(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	links := []protocol.DocumentLink{}
	var p protocol.DocumentLinkParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project := s.config(ctx, v, p.TextDocument.URI)
	if project == nil {
		return links, nil
	}
	lines, _, err := project.Lines(split.FileName)
	if err != nil {
		return links, nil
	}
	for _, e := range project.ConfigLinks() {
		links = append(links, protocol.DocumentLink{Range: convert.Range(lines, e.Span.Start, e.Span.End), Tooltip: e.About,
			Target: project.URI(e.To[0].File)})
	}
	return links, nil
}

// configHover says what a key of unweld.yaml is for, and what a value stands for.
func configHover(p *project, at protocol.Position) any {
	e, r, ok := configAt(p, at)
	value := e.About
	if e.Doc != "" {
		if value != "" {
			value += "\n\n"
		}
		value += e.Doc
	}
	if !ok || value == "" {
		return nil
	}
	return protocol.Hover{Contents: protocol.MarkupContent{Kind: protocol.Markdown, Value: value}, Range: &r}
}
