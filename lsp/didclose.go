package lsp

import (
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"
)

// didClose drops a buffer; from now on the disk counts.
func didClose(s *server, conn *jsonrpc2.Conn, params json.RawMessage) error {
	var p protocol.DidCloseTextDocumentParams
	if err := decode(params, &p); err != nil {
		return err
	}
	if path, ok := pathOf(p.TextDocument.URI); ok {
		s.docs.update(path, func(document, bool) (document, bool) { return document{}, false })
		s.diagnoser.schedule(conn)
	}
	return nil
}
