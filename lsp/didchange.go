package lsp

import (
	"encoding/json"
	"fmt"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// didChange applies the changes of a buffer, in their order.
func didChange(s *server, conn *jsonrpc2.Conn, params json.RawMessage) error {
	var p wire.DidChangeParams
	if err := decode(params, &p); err != nil {
		return err
	}
	path, ok := pathOf(p.TextDocument.URI)
	if !ok {
		return nil
	}
	s.ahead.giveUp()
	err := error(nil)
	s.docs.update(path, func(doc document, open bool) (document, bool) {
		if !open {
			err = fmt.Errorf("%s is not open", path)
			return doc, false
		}
		doc.version = p.TextDocument.Version
		doc.text = convert.Changed(doc.text, p.ContentChanges, s.encoding)
		return doc, true
	})
	s.diagnoser.schedule(conn)
	return err
}
