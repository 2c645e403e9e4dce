package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
)

// codeLens tells, above the contract of a component or the first of its declarations, what
// the component is to the others. It never analyses: where nothing is known there is none.
func codeLens(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	lenses := []protocol.CodeLens{}
	var p protocol.CodeLensParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project, o, rel := s.known(ctx, v, p.TextDocument.URI)
	if o == nil {
		return lenses, nil
	}
	files := &indexed{project: project, lines: map[string]linesOf{}, on: map[string]version{}}
	for _, r := range o.In(rel) {
		lines, content, err := files.Lines(rel)
		if err != nil {
			return lenses, nil
		}
		lenses = append(lenses, protocol.CodeLens{Range: convert.Word(lines, content, r.At), Command: &protocol.Command{
			Title: lensTitle(o, r), Command: "unweld.explain", Arguments: []any{map[string]any{"uri": p.TextDocument.URI, "component": r.Name, "show": true}}}})
	}
	return lenses, nil
}

// known returns what is known of the module of an open file of the workspace, and the name
// of the file in it; nil where nothing is.
func (s *server) known(ctx context.Context, v view, uri protocol.DocumentURI) (*project, *engine.Overview, string) {
	path, ok := pathOf(uri)
	if _, open := v[path]; !ok || !open {
		return nil, nil, ""
	}
	if _, ours := s.workspace.rootOf(path); !ours {
		return nil, nil, ""
	}
	project, err := s.lastProject(ctx, v, path)
	if err != nil {
		return nil, nil, ""
	}
	return project, project.LastOverview(), project.Rel(path)
}

func lensTitle(o *engine.Overview, r engine.Rooted) string {
	what := "component " + r.Name
	if r.Contract {
		what = "contract of " + r.Name
	}
	parts := []string{what, fmt.Sprintf("%d %s", len(r.Endpoints), plural(len(r.Endpoints), "endpoint", "endpoints"))}
	switch n := len(r.Users); {
	case n == 0:
		parts = append(parts, "used by none")
	case n <= 3:
		parts = append(parts, "used by "+strings.Join(r.Users, ", "))
	default:
		parts = append(parts, fmt.Sprintf("used by %d components", n))
	}
	if r.Hazards > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", r.Hazards, plural(r.Hazards, "hazard", "hazards")))
	}
	if unit := o.Unit(r.Name); unit != "" {
		parts = append(parts, "in "+unit+" of split "+o.Split)
	}
	return strings.Join(parts, " · ")
}
