package lsp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/wire"
)

// pulls are the diagnostics of a client that asks for them. Files that are open it asks
// for one by one; those of the others are sent to it until it asks for all of them.
type pulls struct {
	mu      sync.Mutex
	changed chan struct{} // closed after the next analysis; nil if nobody waits
	done    uint64        // how often an analysis was scheduled before the last one began
	files   map[protocol.DocumentURI]diagnosis
	told    map[protocol.DocumentURI]string // what a file that is open was last answered with
	waiting map[protocol.DocumentURI]int    // requests under way
	all     bool                            // it asks for all files
	toldAll bool                            // and was answered
}

// noneID is the result of files without diagnostics.
const noneID = "none"

// resultID names diagnostics: the same have the same name.
func resultID(f diagnosis) string {
	if f.of == nil || len(f.params.Diagnostics) == 0 {
		return noneID
	}
	if f.of.id == "" {
		raw, err := json.Marshal(f.of.diagnostics)
		if err != nil {
			return "" // no result has this name
		}
		sum := sha256.Sum256(raw)
		f.of.id = base64.RawURLEncoding.EncodeToString(sum[:12])
	}
	return f.of.id
}

// pulled reports whether the client asks for diagnostics.
func (s *server) pulled() bool { return s.client.Load().TextDocument.Diagnostic != nil }

// diagnosticOptions say to a client that asks for diagnostics that it can.
func (s *server) diagnosticOptions() *wire.DiagnosticOptions {
	if !s.pulled() {
		return nil
	}
	return &wire.DiagnosticOptions{Identifier: "unweld", InterFileDependencies: true, WorkspaceDiagnostics: true}
}

// take takes over what an analysis found, and reports whether the client has to be told
// that it has something old: of a file that is open and that it doesn't ask for by itself.
func (p *pulls) take(asked uint64, found map[protocol.DocumentURI]diagnosis, v view) (stale bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.files = asked, maps.Clone(found)
	open := map[protocol.DocumentURI]bool{}
	for _, doc := range v {
		open[doc.uri] = true
		told, ever := p.told[doc.uri]
		stale = stale || ever && told != resultID(found[doc.uri]) && p.waiting[doc.uri] == 0
	}
	maps.DeleteFunc(p.told, func(uri protocol.DocumentURI, _ string) bool { return !open[uri] })
	p.wake()
	return stale
}

// failed ends the wait for an analysis that failed. What was found before stands.
func (p *pulls) failed(asked uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = asked
	p.wake()
}

// wake wakes those who wait, with mu held.
func (p *pulls) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// tellPulled has the client ask again for what it asked for, if it can be told so.
func (s *server) tellPulled(stale bool) {
	if stale && s.client.Load().Workspace.Diagnostics.RefreshSupport {
		s.running.Go(func() { s.ask("workspace/diagnostic/refresh", nil, nil) })
	}
}

// known is what was found last.
func (p *pulls) known() map[protocol.DocumentURI]diagnosis {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files
}

// covers reports whether the client asks for the diagnostics of a file.
func (p *pulls) covers(uri protocol.DocumentURI, v view) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	path, ok := pathOf(uri)
	_, open := v[path]
	return p.all || ok && open
}

// await waits, with mu held, until an analysis has come to its end that was scheduled no
// earlier than asked.
func (p *pulls) await(ctx context.Context, asked uint64) error {
	for p.done < asked {
		if err := p.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next waits, with mu held, until an analysis has come to its end.
func (p *pulls) next(ctx context.Context) error {
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// report says what there is of a file, to a client that has a former result of it.
func report(f diagnosis, former string) wire.DiagnosticReport {
	id := resultID(f)
	if id == former && id != "" {
		return wire.DiagnosticReport{Kind: wire.ReportUnchanged, ResultID: id}
	}
	items := f.params.Diagnostics
	if items == nil {
		items = []protocol.Diagnostic{}
	}
	return wire.DiagnosticReport{Kind: wire.ReportFull, ResultID: id, Items: &items}
}

// documentDiagnostic answers with the diagnostics of a file, once all that the client has
// said before is analysed.
func documentDiagnostic(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var q struct {
		TextDocument     protocol.TextDocumentIdentifier `json:"textDocument"`
		PreviousResultID string                          `json:"previousResultId"`
	}
	if err := decode(params, &q); err != nil {
		return nil, err
	}
	path, ok := pathOf(q.TextDocument.URI)
	uri := q.TextDocument.URI
	if doc, open := v[path]; ok && open {
		uri = doc.uri // as it is known by
	}
	asked := s.diagnoser.scheduled()
	p := &s.diagnoser.pulls
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil {
		p.waiting, p.told = map[protocol.DocumentURI]int{}, map[protocol.DocumentURI]string{}
	}
	p.waiting[uri]++
	defer func() {
		if p.waiting[uri]--; p.waiting[uri] == 0 {
			delete(p.waiting, uri)
		}
	}()
	if err := p.await(ctx, asked); err != nil {
		return nil, err
	}
	r := report(p.files[uri], q.PreviousResultID)
	p.told[uri] = r.ResultID
	return r, nil
}

// workspaceDiagnostic answers with the diagnostics of all files of which the client has a
// former result, or that have some. If it has them all already, the answer waits until
// that is no longer so.
func workspaceDiagnostic(ctx context.Context, s *server, _ view, params json.RawMessage) (any, error) {
	var q struct {
		PreviousResultIDs []struct {
			URI   protocol.DocumentURI `json:"uri"`
			Value string               `json:"value"`
		} `json:"previousResultIds"`
	}
	if err := decode(params, &q); err != nil {
		return nil, err
	}
	former := map[protocol.DocumentURI]string{}
	for _, r := range q.PreviousResultIDs {
		former[r.URI] = r.Value
	}
	d := &s.diagnoser
	p := &d.pulls
	p.mu.Lock()
	first := !p.all
	p.all = true
	p.mu.Unlock()
	if first {
		d.schedule(s.conn) // takes back what was sent
	}
	asked := d.scheduled()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.await(ctx, asked); err != nil {
		return nil, err
	}
	for {
		items, news := p.workspace(former, s)
		if news || !p.toldAll {
			p.toldAll = true
			return map[string]any{"items": items}, nil
		}
		if err := p.next(ctx); err != nil {
			return nil, err
		}
	}
}

// workspace is what there is of all files, with mu held, and whether anything of it is
// news to a client with former results.
func (p *pulls) workspace(former map[protocol.DocumentURI]string, s *server) (items []wire.WorkspaceDiagnosticReport, news bool) {
	items = []wire.WorkspaceDiagnosticReport{}
	all := map[protocol.DocumentURI]bool{}
	for uri, f := range p.files {
		all[uri] = len(f.params.Diagnostics) > 0
	}
	for uri := range former {
		all[uri] = true
	}
	for _, uri := range slices.Sorted(maps.Keys(all)) {
		if !all[uri] {
			continue
		}
		item := wire.WorkspaceDiagnosticReport{URI: uri, DiagnosticReport: report(p.files[uri], former[uri])}
		if path, ok := pathOf(uri); ok {
			if version, open := s.docs.version(path); open {
				item.Version = &version
			}
		}
		news = news || item.Kind == wire.ReportFull
		items = append(items, item)
	}
	return items, news
}
