package lsp

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
)

// quietTime is how long the user must have stopped typing before the module is
// looked at.
const quietTime = 250 * time.Millisecond

// A diagnoser publishes the hazards of every module that has a file open.
type diagnoser struct {
	s *server

	mu     sync.Mutex
	cancel context.CancelFunc // of the last analysis
	ended  bool

	working   sync.Mutex // one analysis at a time
	published map[protocol.DocumentURI]bool
}

// schedule starts an analysis soon, in place of the one under way.
func (d *diagnoser) schedule(conn *jsonrpc2.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return
	}
	if d.cancel != nil {
		d.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.s.running.Go(func() {
		defer cancel()
		select {
		case <-time.After(quietTime):
		case <-ctx.Done():
			return
		}
		d.run(ctx, conn)
	})
}

// stop ends the analysis under way, and allows no more.
func (d *diagnoser) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.cancel != nil {
		d.cancel()
	}
}

func (d *diagnoser) run(ctx context.Context, conn *jsonrpc2.Conn) {
	d.working.Lock()
	defer d.working.Unlock()
	_, err := recovered(func() (any, error) {
		found, err := d.analyse(ctx, conn, d.s.docs.view())
		if err == nil && ctx.Err() == nil {
			d.publish(ctx, conn, found)
		}
		return nil, err
	})
	if err != nil && ctx.Err() == nil {
		d.s.log(ctx, conn, protocol.MessageTypeError, err.Error())
	}
}

// analyse returns the diagnostics of each file that has some and of each that
// is open.
func (d *diagnoser) analyse(ctx context.Context, conn *jsonrpc2.Conn, v view) (map[protocol.DocumentURI]protocol.PublishDiagnosticsParams, error) {
	found := map[protocol.DocumentURI]protocol.PublishDiagnosticsParams{}
	for _, doc := range v {
		found[doc.uri] = protocol.PublishDiagnosticsParams{URI: doc.uri, Version: uint32(doc.version), Diagnostics: []protocol.Diagnostic{}}
	}
	done := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(v)) {
		project, err := v.project(ctx, path)
		if err != nil || done[project.Root] {
			continue // a file outside any module has no components
		}
		done[project.Root] = true
		result, err := project.Find(ctx, engine.FindOptions{})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil { // what was said of other modules still holds
			d.s.log(ctx, conn, protocol.MessageTypeWarning, err.Error())
			continue
		}
		for _, h := range result.Hazards {
			diagnostic, err := convert.Diagnostic(project, h.Problem)
			if err != nil {
				continue // the file is gone since
			}
			uri := project.URI(h.Problem.Span.File)
			params := found[uri]
			params.URI, params.Diagnostics = uri, append(params.Diagnostics, diagnostic)
			found[uri] = params
		}
	}
	return found, nil
}

// publish sends found, and an empty list for files that have nothing any more.
func (d *diagnoser) publish(ctx context.Context, conn *jsonrpc2.Conn, found map[protocol.DocumentURI]protocol.PublishDiagnosticsParams) {
	for uri := range d.published {
		if _, ok := found[uri]; !ok {
			found[uri] = protocol.PublishDiagnosticsParams{URI: uri, Diagnostics: []protocol.Diagnostic{}}
		}
	}
	d.published = map[protocol.DocumentURI]bool{}
	for _, uri := range slices.Sorted(maps.Keys(found)) {
		params := found[uri]
		if len(params.Diagnostics) > 0 {
			d.published[uri] = true
		}
		conn.Notify(ctx, "textDocument/publishDiagnostics", params)
	}
}
