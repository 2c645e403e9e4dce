package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/wire"
)

// initialize tells what this server does: little, since gopls is there too.
func initialize(_ context.Context, s *server, _ view, params json.RawMessage) (any, error) {
	var p wire.InitializeParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	s.client.Store(&p.Capabilities)
	positions, encoding := encodingOf(&p.Capabilities)
	s.encoding = encoding
	s.workspace.set(&p)
	if len(p.InitializationOptions) > 0 {
		s.takeSettings(p.InitializationOptions)
	}
	result := wire.InitializeResult{
		ServerInfo: &protocol.ServerInfo{Name: "unweld", Version: engine.ReadVersion().Version},
		Capabilities: wire.ServerCapabilities{PositionEncoding: positions, InlayHintProvider: true, DiagnosticProvider: s.diagnosticOptions(), ServerCapabilities: protocol.ServerCapabilities{
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
	}
	if ours := p.Capabilities.Experimental.Unweld.CallHierarchy; p.Capabilities.TextDocument.CallHierarchy != nil && (ours == nil || *ours) {
		result.Capabilities.CallHierarchyProvider = true
	}
	return result, nil
}

// encodings are those that positions can be counted in, by the protocol's names.
var encodings = map[string]text.Encoding{"utf-8": text.UTF8, "utf-16": text.UTF16, "utf-32": text.UTF32}

// encodingOf is the encoding that a client likes best of those that are known. One that
// says nothing counts in UTF-16, and isn't told anything either.
func encodingOf(client *wire.ClientCapabilities) (name string, e text.Encoding) {
	for _, name := range client.General.PositionEncodings {
		if e, ok := encodings[name]; ok {
			return name, e
		}
	}
	return "", text.UTF16
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
