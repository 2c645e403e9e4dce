package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/text"
)

// fewSymbols is how many symbols are listed.
const fewSymbols = 100

// workspaceSymbol lists components and their endpoints by name, of the modules that were
// looked at. gopls lists the declarations themselves.
func workspaceSymbol(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	symbols := []protocol.SymbolInformation{}
	var p protocol.WorkspaceSymbolParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	done := map[string]bool{}
	for _, path := range v.sorted() {
		root, ours := s.workspace.rootOf(path)
		if !ours || done[root] {
			continue
		}
		done[root] = true
		project, err := s.lastProject(ctx, v, path)
		if err != nil {
			continue
		}
		o := project.LastOverview()
		if o == nil {
			continue
		}
		files := &indexed{project: project, lines: map[string]linesOf{}, on: map[string]version{}}
		add := func(name, container string, kind protocol.SymbolKind, at text.Span) {
			if len(symbols) >= fewSymbols || !at.IsValid() || !fuzzy(p.Query, name) {
				return
			}
			if where, err := files.location(at.String()); err == nil {
				symbols = append(symbols, protocol.SymbolInformation{Name: name, Kind: kind, Location: *where, ContainerName: container})
			}
		}
		for i := range o.Found.Components {
			c := &o.Found.Components[i]
			add("component "+c.Name, project.Module, protocol.SymbolKindModule, o.At(c))
			for j := range c.Endpoints {
				if p.Query != "" {
					add(c.Name+": "+c.Endpoints[j].Name, "component "+c.Name, protocol.SymbolKindMethod, o.EndpointAt(&c.Endpoints[j]))
				}
			}
		}
	}
	return symbols, nil
}

// fuzzy reports whether the letters of a query stand in a name in their order.
func fuzzy(query, name string) bool {
	rest := strings.ToLower(name)
	for _, r := range strings.ToLower(query) {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return false
		}
		rest = rest[i+len(string(r)):]
	}
	return true
}
