package lsp

import (
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"
)

// didOpen takes over a buffer. What is no file (untitled:) is left alone.
func didOpen(s *server, conn *jsonrpc2.Conn, params json.RawMessage) error {
	var p protocol.DidOpenTextDocumentParams
	if err := decode(params, &p); err != nil {
		return err
	}
	path, ok := pathOf(p.TextDocument.URI)
	if !ok {
		return nil
	}
	s.docs.update(path, func(document, bool) (document, bool) {
		return document{p.TextDocument.URI, p.TextDocument.Version, []byte(p.TextDocument.Text)}, true
	})
	s.diagnoser.schedule(conn)
	return nil
}
