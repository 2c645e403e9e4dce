// Package lsp is the language server, `unweld lsp`. It runs beside gopls and
// never offers what gopls does: only unweld's own diagnostics and code actions.
//
// Each request has a file of its own, which decodes, calls the engine and
// encodes. Notifications are handled on the read loop, in the order in which
// they come; each request gets an immutable view of the documents as they are
// when it comes, and runs beside the others.
package lsp

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/wire"
)

// ErrNoShutdown is returned by Serve if the client disconnected without the
// shutdown request.
var ErrNoShutdown = errors.New("language server: the editor disconnected without a shutdown request")

// Serve runs the language server on in and out until the client sends exit, in
// ends, or ctx is done. It closes in and out if they are io.Closers.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{ctx: ctx, calls: map[jsonrpc2.ID]context.CancelFunc{}}
	s.diagnoser.s = s
	conn := jsonrpc2.NewConn(ctx, newStream(in, out), s, jsonrpc2.SetLogger(quiet{}))
	select {
	case <-conn.DisconnectNotify():
	case <-ctx.Done():
	}
	cancel()
	s.diagnoser.stop()
	s.running.Wait()
	if !s.shutdown.Load() {
		return ErrNoShutdown
	}
	return nil
}

// quiet drops what jsonrpc2 would log: a broken pipe is no news to anyone.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// A server is one connection to one editor.
type server struct {
	ctx       context.Context // of the connection
	conn      *jsonrpc2.Conn  // set before initialize is handled
	docs      documents
	sessions  engine.Sessions
	workspace workspace
	settings  atomic.Pointer[settings] // nil: none were sent
	diagnoser diagnoser
	ahead     ahead
	client    atomic.Pointer[wire.ClientCapabilities] // nil before initialize
	shutdown  atomic.Bool

	progresses progresses
	edits      edits
	chosen     chosenSplits
	encoding   text.Encoding // of the client's columns; set by initialize

	running sync.WaitGroup      // requests and analyses under way
	waited  background.Requests // requests under way, for which analyses make room

	mu    sync.Mutex
	calls map[jsonrpc2.ID]context.CancelFunc
}
