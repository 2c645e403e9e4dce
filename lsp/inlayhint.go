package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// inlayHint says behind the name of a call to which unit of the chosen split it goes, where
// that is another one. It is off unless the settings turn it on.
func inlayHint(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	hints := []wire.InlayHint{}
	var p struct {
		TextDocument protocol.TextDocumentIdentifier `json:"textDocument"`
		Range        protocol.Range                  `json:"range"`
	}
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	if st := s.settings.Load(); st == nil || !st.InlayHints {
		return hints, nil
	}
	project, o, rel := s.known(ctx, v, p.TextDocument.URI)
	if o == nil {
		return hints, nil
	}
	lines, content, err := project.Lines(rel)
	if err != nil {
		return hints, nil
	}
	for _, call := range o.CrossingCalls(rel) {
		name := call.Member
		if name == "" {
			name = call.Decl.Name
		}
		at := convert.Word(lines, content, call.Span)
		from := lines.Offset(int(at.Start.Line), int(at.Start.Character))
		end := bytes.IndexByte(content[from:], '\n')
		line := content[from:]
		if end >= 0 {
			line = line[:end]
		}
		i := strings.Index(string(line), name) // the text may have gone on since
		if i < 0 || before(at.Start, p.Range.Start) || before(p.Range.End, at.Start) {
			continue
		}
		behind := convert.Range(lines, from+i+len(name), from+i+len(name))
		hints = append(hints, wire.InlayHint{Position: behind.Start, Label: "→ " + call.Unit, PaddingLeft: true,
			Tooltip: "in split " + o.Split + " this call crosses to " + call.Component + " in " + call.Unit})
	}
	return hints, nil
}
