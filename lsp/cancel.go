package lsp

import (
	"encoding/json"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/lsp/wire"
)

// cancelRequest ends a request under way; one that is done is no mistake.
func cancelRequest(s *server, _ *jsonrpc2.Conn, params json.RawMessage) error {
	var p wire.CancelParams
	if err := decode(params, &p); err != nil {
		return err
	}
	var id jsonrpc2.ID
	if err := id.UnmarshalJSON(p.ID); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.calls[id]; cancel != nil {
		cancel()
	}
	return nil
}
