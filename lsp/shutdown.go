package lsp

import (
	"context"
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"
)

// shutdown ends all work; only exit is expected after it.
func shutdown(_ context.Context, s *server, _ view, _ json.RawMessage) (any, error) {
	s.shutdown.Store(true)
	s.diagnoser.stop()
	return nil, nil
}

// exit ends the connection, and with it Serve.
func exit(_ *server, conn *jsonrpc2.Conn, _ json.RawMessage) error {
	return conn.Close()
}
