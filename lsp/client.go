package lsp

import (
	"context"
	"time"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/wire"
)

// askTime is how long a client may take to answer what it can answer by itself.
const askTime = 5 * time.Second

// ask sends a request to the client, which answers it by itself.
func (s *server) ask(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(s.ctx, askTime)
	defer cancel()
	return s.conn.Call(ctx, method, params, result)
}

// show shows a message to the user.
func (s *server) show(kind protocol.MessageType, message string) {
	s.conn.Notify(s.ctx, "window/showMessage", protocol.ShowMessageParams{Type: kind, Message: message})
}

// choose shows a message with buttons, and returns the one that the user presses, or
// "". It may take as long as the message stands there.
func (s *server) choose(kind protocol.MessageType, message string, buttons ...string) string {
	params := protocol.ShowMessageRequestParams{Type: kind, Message: message}
	for _, b := range buttons {
		params.Actions = append(params.Actions, protocol.MessageActionItem{Title: b})
	}
	var chosen *protocol.MessageActionItem
	if err := s.conn.Call(s.ctx, "window/showMessageRequest", params, &chosen); err != nil || chosen == nil {
		return ""
	}
	return chosen.Title
}

// hasButtons reports whether the client shows the buttons of a message beside it. Others,
// such as Neovim, stop the user with a question.
func (s *server) hasButtons() bool { return s.client.Load().Experimental.Unweld.Buttons }

// open shows a document, if the client can.
func (s *server) open(params wire.ShowDocument) bool {
	if !s.client.Load().Window.ShowDocument.Support {
		return false
	}
	var result struct {
		Success bool `json:"success"`
	}
	return s.ask("window/showDocument", params, &result) == nil && result.Success
}
