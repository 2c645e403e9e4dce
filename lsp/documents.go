package lsp

import (
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
)

// A document is an open buffer. Its text is never changed in place.
type document struct {
	uri     protocol.DocumentURI // as the editor spells it
	version int32
	text    []byte
}

// documents are the open buffers, by the path that the go command knows them
// under: without symbolic links in the folder.
type documents struct {
	mu   sync.Mutex
	open map[string]document
}

// A view is the open buffers at one moment.
type view map[string]document

func (d *documents) view() view {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.open)
}

// update replaces the document at path by what f makes of it.
func (d *documents) update(path string, f func(document, bool) (document, bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old, ok := d.open[path]
	next, keep := f(old, ok)
	if d.open == nil {
		d.open = map[string]document{}
	}
	if keep {
		d.open[path] = next
	} else {
		delete(d.open, path)
	}
}

func (d *documents) version(path string) (int32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	doc, ok := d.open[path]
	return doc.version, ok
}

// hasVersion reports whether a document is as it is in a view: open at the same
// version, or closed in both.
func (d *documents) hasVersion(uri protocol.DocumentURI, v view) bool {
	path, ok := pathOf(uri)
	if !ok {
		return false
	}
	was, wasOpen := v[path]
	version, open := d.version(path)
	return open == wasOpen && (!open || version == was.version)
}

// pathOf returns the path under which a document is kept.
func pathOf(uri protocol.DocumentURI) (string, bool) {
	path, ok := convert.Path(uri)
	if !ok {
		return "", false
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(dir, filepath.Base(path))
	}
	return path, true
}

// sorted lists the paths.
func (v view) sorted() []string { return slices.Sorted(maps.Keys(v)) }

// unsaved returns the buffers that differ from the disk.
func (v view) unsaved() map[string][]byte {
	buffers := map[string][]byte{}
	for path, doc := range v {
		if !onDisk(path, doc.text) {
			buffers[path] = doc.text
		}
	}
	return buffers
}

// onDisk reports whether a file holds a text and nothing more.
func onDisk(path string, text []byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	part := make([]byte, 32<<10)
	for {
		n, err := f.Read(part)
		if !bytes.HasPrefix(text, part[:n]) {
			return false
		}
		text = text[n:]
		if err != nil {
			return err == io.EOF && len(text) == 0
		}
	}
}

// texts returns all buffers.
func (v view) texts() map[string][]byte {
	buffers := map[string][]byte{}
	for path, doc := range v {
		buffers[path] = doc.text
	}
	return buffers
}

// lastProject returns the module that path lies in with the results of the last
// analysis, for requests that must not wait for another. Their edits are made on v.
func (s *server) lastProject(ctx context.Context, v view, path string) (*project, error) {
	session, err := s.sessions.Peek(ctx, path, v.texts())
	if err != nil {
		return nil, err
	}
	return &project{session, v, s.encoding}, nil
}

// project returns the module that path lies in, as v sees it.
func (s *server) project(ctx context.Context, v view, path string) (*project, error) {
	session, err := s.sessions.Open(ctx, path, v.unsaved())
	if err != nil {
		return nil, err
	}
	return &project{session, v, s.encoding}, nil
}

// A project is one module in one view.
type project struct {
	*engine.Session
	view     view
	encoding text.Encoding // of the client's columns
}

// Encoding is what the client counts columns in.
func (p *project) Encoding() text.Encoding { return p.encoding }

// URI returns the editor's own spelling where the file is open.
func (p *project) URI(rel string) protocol.DocumentURI {
	abs := p.Abs(rel)
	if doc, ok := p.view[abs]; ok {
		return doc.uri
	}
	return convert.URI(abs)
}

// Version returns nil for a file that isn't open.
func (p *project) Version(rel string) *int32 {
	if doc, ok := p.view[p.Abs(rel)]; ok {
		return &doc.version
	}
	return nil
}

// Lines indexes a file.
func (p *project) Lines(rel string) (*text.Lines, []byte, error) {
	content, _, err := p.Content(rel)
	if err != nil {
		return nil, nil, err
	}
	return text.NewLines(content).In(p.encoding), content, nil
}

// conflict is the answer to a request about a version that is gone.
func conflict(path string) error {
	return &change.ConflictError{Path: path, Reason: "changed since the action was listed; list it again"}
}
