package lsp

import (
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
)

// didSave looks at the module again: other tools may have written too.
func didSave(s *server, conn *jsonrpc2.Conn, _ json.RawMessage) error {
	s.diagnoser.schedule(conn)
	return nil
}

// didChangeWatchedFiles looks at the module again.
func didChangeWatchedFiles(s *server, conn *jsonrpc2.Conn, _ json.RawMessage) error {
	s.diagnoser.schedule(conn)
	return nil
}
