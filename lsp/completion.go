package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/lsp/convert"
)

// config returns the module of an open unweld.yaml in its root, or nil.
func (s *server) config(ctx context.Context, v view, uri protocol.DocumentURI) *project {
	path, ok := pathOf(uri)
	if _, open := v[path]; !ok || !open || filepath.Base(path) != split.FileName {
		return nil
	}
	if root, ours := s.workspace.rootOf(path); !ours || filepath.Dir(path) != root {
		return nil
	}
	project, err := s.lastProject(ctx, v, path)
	if err != nil {
		return nil
	}
	return project
}

// completion lists what can stand at a place of unweld.yaml.
func completion(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	list := protocol.CompletionList{Items: []protocol.CompletionItem{}}
	var p protocol.CompletionParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project := s.config(ctx, v, p.TextDocument.URI)
	if project == nil {
		return list, nil
	}
	lines, content, err := project.Lines(split.FileName)
	if err != nil {
		return list, nil
	}
	offset := convert.Span("", content, protocol.Range{Start: p.Position, End: p.Position}, project.encoding).Start
	all, start := project.CompleteConfig(offset)
	replaced := convert.Range(lines, start, offset)
	for _, c := range all {
		item := protocol.CompletionItem{Label: c.Label, Kind: protocol.CompletionItemKindValue, TextEdit: &protocol.TextEdit{Range: replaced, NewText: c.Label}}
		if c.Key {
			item.Kind = protocol.CompletionItemKindProperty
			if rest := content[offset:]; len(rest) == 0 || rest[0] != ':' {
				item.TextEdit.NewText += ": "
			}
		}
		if strings.HasPrefix(string(content[start:offset]), `"`) { // what the client filters by
			item.FilterText = `"` + strings.Trim(c.Label, `"`)
		}
		if c.Doc != "" {
			item.Documentation = protocol.MarkupContent{Kind: protocol.Markdown, Value: c.Doc}
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}
