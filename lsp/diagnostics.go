package lsp

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/component"
)

// quietTime is how long the user must have stopped typing before the module is
// looked at.
const quietTime = 80 * time.Millisecond

// openingTime is how long no other file must have been opened before something is
// prepared for the first edit: an editor that starts opens several one after the other.
const openingTime = time.Second

// A diagnoser publishes what the engine reports of every module that has a file open. It is
// background work: what it finds is of the documents as they were when it began,
// and is dropped where they have changed since.
type diagnoser struct {
	s *server

	mu     sync.Mutex
	conn   *jsonrpc2.Conn     // nil before the first analysis
	cancel context.CancelFunc // of the last analysis
	paused int                // requests that need the machine for themselves
	put    bool               // an analysis was put off until they are done
	ended  bool
	asked  uint64                           // how often an analysis was scheduled
	shown  map[protocol.DocumentURI][]shown // what is published

	working   sync.Mutex // one analysis at a time
	memory    memory
	converted map[string]conversions // by root of the module
	published map[protocol.DocumentURI]diagnosis
	prepared  map[string][]string      // by root of the module, the files that prepare has dealt with
	failures  map[string]string        // by root of the module, what the user was told last
	told      map[string]moduleChanged // the same, what the client was told last

	pulls pulls
}

// A diagnosis is what is said of one file of the module at root.
type diagnosis struct {
	root   string
	params protocol.PublishDiagnosticsParams
	shown  []shown
	of     *conversion // that the diagnostics are of; nil for none
	kept   bool        // it is what was said last, and of the version of then
}

// shown is a problem as a diagnostic.
type shown struct {
	version    uint32 // of the document
	diagnostic protocol.Diagnostic
	problem    component.Problem
	fixes      []engine.Fix // of the same file
}

// shownAt returns the diagnostics that were published for a version of a document and
// meet a range.
func (d *diagnoser) shownAt(uri protocol.DocumentURI, version uint32, at protocol.Range) []shown {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []shown
	for _, f := range d.shown[uri] {
		if r := f.diagnostic.Range; f.version == version && !before(r.End, at.Start) && !before(at.End, r.Start) {
			out = append(out, f)
		}
	}
	return out
}

func before(a, b protocol.Position) bool {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Character, b.Character)) < 0
}

// schedule starts an analysis soon, in place of the one under way.
func (d *diagnoser) schedule(conn *jsonrpc2.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn = conn
	d.asked++
	d.begin()
}

// begin is schedule with mu held.
func (d *diagnoser) begin() {
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
	if d.ended || d.conn == nil {
		return
	}
	if d.put = d.paused > 0; d.put {
		return
	}
	ctx, cancel := context.WithCancel(background.With(context.Background(), &d.s.waited))
	d.cancel = cancel
	conn, wait := d.conn, quietTime
	if d.asked == 1 { // a file was opened, and nobody has typed yet
		wait = 0
	}
	d.s.running.Go(func() {
		defer cancel()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		d.run(ctx, conn)
		d.finished(ctx)
	})
}

// finished forgets an analysis that came to its end.
func (d *diagnoser) finished(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() == nil { // else another has taken its place
		d.cancel = nil
	}
}

// pause ends the analysis under way, if there is one, and lets none begin until
// the function that it returns is called.
func (d *diagnoser) pause() (resume func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paused++
	if d.cancel != nil {
		d.cancel()
		d.cancel, d.put = nil, true
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.paused--; d.paused == 0 && d.put {
			d.begin()
		}
	}
}

// stop ends the analysis under way, and allows no more.
func (d *diagnoser) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.memory.begin()
	if d.cancel != nil {
		d.cancel()
	}
}

// scheduled is how often an analysis was scheduled so far.
func (d *diagnoser) scheduled() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

func (d *diagnoser) run(ctx context.Context, conn *jsonrpc2.Conn) {
	d.working.Lock()
	defer d.working.Unlock()
	asked := d.scheduled()
	_, err := recovered(func() (any, error) {
		d.memory.begin()
		v := d.s.docs.view()
		found, err := d.analyse(ctx, conn, v)
		if err == nil && ctx.Err() == nil {
			d.publish(ctx, conn, found, v)
			d.s.tellPulled(d.pulls.take(asked, found, v))
			d.prepare(ctx, v)
			d.memory.ended()
		}
		return nil, err
	})
	if err != nil && ctx.Err() == nil {
		d.s.log(ctx, conn, protocol.MessageTypeError, err.Error())
		d.pulls.failed(asked)
	}
}

// prepare makes the first edit of an open file as quick as later ones. An edit ends it,
// and then does that work itself.
func (d *diagnoser) prepare(ctx context.Context, v view) {
	files := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(v)) {
		if root, ours := d.s.workspace.rootOf(path); ours {
			files[root] = append(files[root], path)
		}
	}
	if !maps.EqualFunc(files, d.prepared, slices.Equal) {
		select {
		case <-time.After(openingTime):
		case <-ctx.Done():
			return
		}
	}
	for _, root := range slices.Sorted(maps.Keys(files)) {
		session, err := d.s.sessions.Open(ctx, files[root][0], v.unsaved())
		if err == nil {
			err = session.Prepare(ctx, files[root])
		}
		if err != nil {
			return // the analysis has said why, or the next one says it
		}
	}
	d.prepared = files
}

// analyse returns the diagnostics of each file that has some and of each that
// is open. Of a module that can't be analysed the last ones stand.
func (d *diagnoser) analyse(ctx context.Context, conn *jsonrpc2.Conn, v view) (map[protocol.DocumentURI]diagnosis, error) {
	found := map[protocol.DocumentURI]diagnosis{}
	done := map[string]bool{}
	buffers := v.unsaved()
	for _, path := range slices.Sorted(maps.Keys(v)) {
		doc := v[path]
		root, ours := d.s.workspace.rootOf(path)
		if !ours {
			found[doc.uri] = diagnosis{params: noDiagnostics(doc.uri)}
			continue
		}
		if _, ok := found[doc.uri]; !ok {
			found[doc.uri] = diagnosis{root: root, params: noDiagnostics(doc.uri)}
		}
		if done[root] {
			continue
		}
		done[root] = true
		err := d.add(ctx, v, path, buffers, found)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		d.reportFailure(ctx, conn, root, err)
		if err != nil {
			d.keep(root, found)
		}
	}
	maps.DeleteFunc(d.converted, func(root string, _ conversions) bool { return !done[root] })
	d.s.sessions.Keep(func(root string) bool { return done[root] || d.s.workspace.holds(root) })
	for _, doc := range v {
		if f := found[doc.uri]; !f.kept {
			f.params.Version = uint32(doc.version)
			found[doc.uri] = f
		}
	}
	return found, nil
}

func noDiagnostics(uri protocol.DocumentURI) protocol.PublishDiagnosticsParams {
	return protocol.PublishDiagnosticsParams{URI: uri, Diagnostics: []protocol.Diagnostic{}}
}

// add puts what is to be said of the module around path into found.
func (d *diagnoser) add(ctx context.Context, v view, path string, buffers map[string][]byte, found map[protocol.DocumentURI]diagnosis) error {
	session, err := d.s.sessions.Open(ctx, path, buffers)
	if err != nil {
		return err
	}
	st := d.s.settings.Load()
	options := engine.ReportOptions{Split: d.s.splitOf(session.Root)}
	if d.converted[session.Root] == nil { // the first time takes long
		say, done := d.s.progress("Unweld looks at "+filepath.Base(session.Root), nil)
		defer done()
		session = session.WithProgress(say)
	}
	report, err := session.Report(ctx, options)
	if err != nil {
		return err
	}
	project := &project{session, v, d.s.encoding}
	all := d.converted[project.Root].next(project, st, st.shown(report.Problems))
	if d.converted == nil {
		d.converted = map[string]conversions{}
	}
	d.converted[project.Root] = all
	if ctx.Err() == nil {
		d.s.tellChanged(project, report)
	}
	for rel, c := range all {
		if len(c.diagnostics) == 0 || st != nil && st.Scope == scopeOpen && project.Version(rel) == nil {
			continue
		}
		uri := project.URI(rel)
		f, ok := found[uri]
		if !ok {
			f = diagnosis{root: project.Root, params: noDiagnostics(uri)}
		}
		f.params.Diagnostics, f.shown, f.of = c.diagnostics, c.shown, c
		found[uri] = f
	}
	return nil
}

// keep puts what was last said of the files of the module at root into found.
func (d *diagnoser) keep(root string, found map[protocol.DocumentURI]diagnosis) {
	said := d.published
	if d.s.pulled() {
		said = d.pulls.known()
	}
	for uri, last := range said {
		if last.root == root {
			last.kept = true
			found[uri] = last
		}
	}
}

// reportFailure shows why the module at root can't be analysed, once until the reason
// changes: an empty list of hazards must not look like a clean module.
func (d *diagnoser) reportFailure(ctx context.Context, conn *jsonrpc2.Conn, root string, err error) {
	if err == nil {
		delete(d.failures, root)
		return
	}
	if d.failures[root] == err.Error() {
		return
	}
	if d.failures == nil {
		d.failures = map[string]string{}
	}
	d.failures[root] = err.Error()
	conn.Notify(ctx, "window/showMessage", protocol.ShowMessageParams{
		Type: protocol.MessageTypeError, Message: "unweld can't analyse " + root + ": " + err.Error()})
}

// publish sends what changed: diagnostics that are others than those sent last,
// an empty list for files that have none any more, and those of an open file
// for a version that nothing was sent for. What is of a version that was
// changed since isn't sent; the analysis of that change is on its way. Nor is what the
// client asks for.
func (d *diagnoser) publish(ctx context.Context, conn *jsonrpc2.Conn, found map[protocol.DocumentURI]diagnosis, v view) {
	if d.published == nil {
		d.published = map[protocol.DocumentURI]diagnosis{}
	}
	for uri := range d.published {
		if _, ok := found[uri]; !ok {
			found[uri] = diagnosis{params: noDiagnostics(uri)}
		}
	}
	d.keepShown(found)
	for _, uri := range slices.Sorted(maps.Keys(found)) {
		f := found[uri]
		if d.s.pulled() && d.pulls.covers(uri, v) {
			f = diagnosis{params: noDiagnostics(uri)}
		}
		last, sent := d.published[uri]
		nothing := len(f.params.Diagnostics) == 0 && f.params.Version == 0
		if sent && reflect.DeepEqual(last.params, f.params) || !sent && nothing || !d.s.docs.hasVersion(uri, v) {
			continue
		}
		conn.Notify(ctx, "textDocument/publishDiagnostics", f.params)
		d.published[uri] = f
		if nothing {
			delete(d.published, uri)
		}
	}
}

// keepShown makes what is published known to requests.
func (d *diagnoser) keepShown(found map[protocol.DocumentURI]diagnosis) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = map[protocol.DocumentURI][]shown{}
	for uri, f := range found {
		for _, x := range f.shown {
			x.version = f.params.Version
			d.shown[uri] = append(d.shown[uri], x)
		}
	}
}
