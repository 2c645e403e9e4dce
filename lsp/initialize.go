package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/wire"
)

// initialize tells what this server does: little, since gopls is there too.
func initialize(_ context.Context, s *server, _ view, params json.RawMessage) (any, error) {
	var p wire.InitializeParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	s.client.Store(&p.Capabilities)
	s.workspace.set(&p)
	if len(p.InitializationOptions) > 0 {
		s.takeSettings(p.InitializationOptions)
	}
	return wire.InitializeResult{
		ServerInfo: &protocol.ServerInfo{Name: "unweld", Version: engine.ReadVersion().Version},
		Capabilities: wire.ServerCapabilities{InlayHintProvider: true, ServerCapabilities: protocol.ServerCapabilities{
			TextDocumentSync: protocol.TextDocumentSyncOptions{
				OpenClose: true,
				Change:    protocol.TextDocumentSyncKindIncremental,
				Save:      &protocol.SaveOptions{},
			},
			HoverProvider:           true,
			CompletionProvider:      &protocol.CompletionOptions{TriggerCharacters: []string{":", " ", "[", ",", "/", "."}},
			DefinitionProvider:      true,
			DocumentLinkProvider:    &protocol.DocumentLinkOptions{},
			CodeLensProvider:        &protocol.CodeLensOptions{},
			WorkspaceSymbolProvider: true,
			ExecuteCommandProvider:  &protocol.ExecuteCommandOptions{Commands: slices.Sorted(maps.Keys(commands))},
			Workspace: &protocol.ServerCapabilitiesWorkspace{
				WorkspaceFolders: &protocol.ServerCapabilitiesWorkspaceFolders{Supported: true, ChangeNotifications: true},
			},
			CodeActionProvider: protocol.CodeActionOptions{
				CodeActionKinds: kinds(),
				ResolveProvider: true,
			},
		}},
	}, nil
}

// kinds returns the kinds of the code actions that there are.
func kinds() []protocol.CodeActionKind {
	out := []protocol.CodeActionKind{quickFix}
	for _, r := range engine.Refactorings() {
		if kind := protocol.CodeActionKind(r.Kind); !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	for _, kind := range engine.OperationKinds() {
		out = append(out, protocol.CodeActionKind(kind))
	}
	return out
}
