// Package wire holds the few types of the Language Server Protocol 3.17 that
// go.lsp.dev/protocol lacks, or has in a shape that loses something: content
// changes without a range, workspace edits with file operations, annotations.
package wire

import (
	"encoding/json"

	"go.lsp.dev/protocol"
)

// Error codes of the protocol beyond those of JSON-RPC.
const (
	ServerNotInitialized = -32002
	RequestFailed        = -32803
	ContentModified      = -32801
	RequestCancelled     = -32800
)

// InitializeParams is what the server reads of the client's capabilities.
// Everything else is left undecoded, so that a client ahead of this server
// can't break the handshake.
type InitializeParams struct {
	Capabilities          ClientCapabilities `json:"capabilities"`
	RootPath              string             `json:"rootPath"`
	RootURI               string             `json:"rootUri"` // counts before RootPath
	WorkspaceFolders      []Folder           `json:"workspaceFolders"`
	InitializationOptions json.RawMessage    `json:"initializationOptions"`
}

// InitializeResult is the answer to initialize.
type InitializeResult struct {
	Capabilities ServerCapabilities   `json:"capabilities"`
	ServerInfo   *protocol.ServerInfo `json:"serverInfo,omitempty"`
}

// ServerCapabilities are those of the protocol's later releases, too.
type ServerCapabilities struct {
	protocol.ServerCapabilities
	PositionEncoding  string `json:"positionEncoding,omitempty"`
	InlayHintProvider bool   `json:"inlayHintProvider,omitempty"`
	// DiagnosticProvider is nil where diagnostics are sent without being asked for.
	DiagnosticProvider *DiagnosticOptions `json:"diagnosticProvider,omitempty"`
}

// DiagnosticOptions say that the client may ask for diagnostics.
type DiagnosticOptions struct {
	Identifier            string `json:"identifier"`
	InterFileDependencies bool   `json:"interFileDependencies"`
	WorkspaceDiagnostics  bool   `json:"workspaceDiagnostics"`
}

// The kinds of a DiagnosticReport.
const (
	ReportFull      = "full"
	ReportUnchanged = "unchanged"
)

// A DiagnosticReport is the answer to textDocument/diagnostic.
type DiagnosticReport struct {
	Kind     string `json:"kind"`
	ResultID string `json:"resultId"`
	// Items are those of a full report, where it is never nil.
	Items *[]protocol.Diagnostic `json:"items,omitempty"`
}

// A WorkspaceDiagnosticReport is what the answer to workspace/diagnostic says of one file.
type WorkspaceDiagnosticReport struct {
	URI     protocol.DocumentURI `json:"uri"`
	Version *int32               `json:"version"` // nil for a file that isn't open
	DiagnosticReport
}

// An InlayHint is shown within the text.
type InlayHint struct {
	Position    protocol.Position `json:"position"`
	Label       string            `json:"label"`
	Tooltip     string            `json:"tooltip,omitempty"`
	PaddingLeft bool              `json:"paddingLeft,omitempty"`
}

// A Folder is one that the user has opened.
type Folder struct {
	URI string `json:"uri"`
}

// FoldersChanged are the parameters of workspace/didChangeWorkspaceFolders.
type FoldersChanged struct {
	Event struct {
		Added   []Folder `json:"added"`
		Removed []Folder `json:"removed"`
	} `json:"event"`
}

// ConfigurationChanged are the parameters of workspace/didChangeConfiguration.
type ConfigurationChanged struct {
	Settings json.RawMessage `json:"settings"`
}

// A Dynamic is something that the client lets servers ask for later.
type Dynamic struct {
	DynamicRegistration bool `json:"dynamicRegistration"`
}

// ClientCapabilities are those that change what the server sends.
type ClientCapabilities struct {
	General struct {
		PositionEncodings []string `json:"positionEncodings"` // the one that the client likes best first
	} `json:"general"`
	Workspace struct {
		CodeLens struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"codeLens"`
		InlayHint struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"inlayHint"`
		Diagnostics struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"diagnostics"`
		ApplyEdit              bool    `json:"applyEdit"`
		Configuration          bool    `json:"configuration"` // it answers workspace/configuration
		DidChangeConfiguration Dynamic `json:"didChangeConfiguration"`
		DidChangeWatchedFiles  Dynamic `json:"didChangeWatchedFiles"`
		WorkspaceEdit          struct {
			DocumentChanges         bool      `json:"documentChanges"`
			ResourceOperations      []string  `json:"resourceOperations"`
			ChangeAnnotationSupport *struct{} `json:"changeAnnotationSupport"`
		} `json:"workspaceEdit"`
	} `json:"workspace"`
	Window struct {
		WorkDoneProgress bool `json:"workDoneProgress"` // the server may show progress of its own
		ShowDocument     struct {
			Support bool `json:"support"`
		} `json:"showDocument"`
	} `json:"window"`
	Experimental struct {
		// Unweld is what the client knows of this server.
		Unweld struct {
			Changed  bool `json:"changed"`  // it wants unweld/changed
			Confirms bool `json:"confirms"` // it has the user confirm an edit if the data of a resolved action says so
			Buttons  bool `json:"buttons"`  // it shows the buttons of a message beside it, and doesn't stop the user with a question
			Creates  bool `json:"creates"`  // it makes the new files itself that the data of a resolved action has
			// CallHierarchy is false where the client asks one server for it alone, which is to be gopls.
			CallHierarchy *bool `json:"callHierarchy"`
		} `json:"unweld"`
	} `json:"experimental"`
	TextDocument struct {
		Diagnostic    *struct{} `json:"diagnostic"` // it asks for diagnostics
		CallHierarchy *struct{} `json:"callHierarchy"`
		CodeAction    struct {
			DisabledSupport bool      `json:"disabledSupport"`
			ResolveSupport  *struct{} `json:"resolveSupport"` // nil: what it isn't told when actions are listed it never asks for
		} `json:"codeAction"`
	} `json:"textDocument"`
}

// DidChangeParams are of textDocument/didChange.
type DidChangeParams struct {
	TextDocument   protocol.VersionedTextDocumentIdentifier `json:"textDocument"`
	ContentChanges []ContentChange                          `json:"contentChanges"`
}

// A ContentChange replaces a range, or the whole document if there is none.
type ContentChange struct {
	Range *protocol.Range `json:"range,omitempty"`
	Text  string          `json:"text"`
}

// CancelParams are of $/cancelRequest. The id is a number or a string.
type CancelParams struct {
	ID json.RawMessage `json:"id"`
}

// A CodeAction is listed without an edit; codeAction/resolve adds it.
type CodeAction struct {
	Title string `json:"title"`
	Kind  string `json:"kind"`
	// Diagnostics are those that the action takes away.
	Diagnostics []protocol.Diagnostic `json:"diagnostics,omitempty"`

	Edit *WorkspaceEdit  `json:"edit,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
	// Command is executed after the edit.
	Command *protocol.Command `json:"command,omitempty"`
	// Disabled says why the action can't be done now; nil if it can.
	Disabled *Disabled `json:"disabled,omitempty"`
}

// Disabled is the reason why a code action is shown in grey.
type Disabled struct {
	Reason string `json:"reason"`
}

// A WorkspaceEdit has either Changes or, where the client can take them,
// DocumentChanges.
type WorkspaceEdit struct {
	Changes           map[protocol.DocumentURI][]TextEdit `json:"changes,omitempty"`
	DocumentChanges   []DocumentChange                    `json:"documentChanges,omitempty"`
	ChangeAnnotations map[string]ChangeAnnotation         `json:"changeAnnotations,omitempty"`
}

// A DocumentChange is one step of a WorkspaceEdit: with a Kind it is a file
// operation, without one it edits TextDocument.
type DocumentChange struct {
	Kind         string               `json:"kind,omitempty"` // create, rename, delete
	URI          protocol.DocumentURI `json:"uri,omitempty"`  // create, delete
	OldURI       protocol.DocumentURI `json:"oldUri,omitempty"`
	NewURI       protocol.DocumentURI `json:"newUri,omitempty"`
	AnnotationID string               `json:"annotationId,omitempty"`

	TextDocument *VersionedDocument `json:"textDocument,omitempty"`
	Edits        []TextEdit         `json:"edits,omitempty"`
}

// A VersionedDocument names the version that edits were computed on; null for
// a file that isn't open.
type VersionedDocument struct {
	URI     protocol.DocumentURI `json:"uri"`
	Version *int32               `json:"version"`
}

// A TextEdit replaces a range; AnnotationID may be empty.
type TextEdit struct {
	Range        protocol.Range `json:"range"`
	NewText      string         `json:"newText"`
	AnnotationID string         `json:"annotationId,omitempty"`
}

// A ChangeAnnotation tells the user what a change is for.
type ChangeAnnotation struct {
	Label             string `json:"label"`
	NeedsConfirmation bool   `json:"needsConfirmation,omitempty"`
	Description       string `json:"description,omitempty"`
}

// ShowDocument are the parameters of window/showDocument.
type ShowDocument struct {
	URI       protocol.DocumentURI `json:"uri"`
	External  bool                 `json:"external,omitempty"`
	TakeFocus bool                 `json:"takeFocus,omitempty"`
	Selection *protocol.Range      `json:"selection,omitempty"`
}

// Progress are the parameters of $/progress, and of the requests about its token.
type Progress struct {
	Token string         `json:"token"`
	Value *ProgressValue `json:"value,omitempty"`
}

// A ProgressValue is what is said of work under way.
type ProgressValue struct {
	Kind        string `json:"kind"` // begin, report or end
	Title       string `json:"title,omitempty"`
	Cancellable bool   `json:"cancellable,omitempty"`
	Message     string `json:"message,omitempty"`
}
