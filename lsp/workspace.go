package lsp

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/wire"
)

// A workspace is the folders that the user works in. Nothing is said of a file
// outside of them, and nothing is offered there: where go-to-definition leads to,
// the standard library or a dependency, nobody wants to move anything.
type workspace struct {
	mu      sync.Mutex
	folders []string // absolute; none: each module that is no library counts
}

// set takes over the folders of the handshake.
func (w *workspace) set(p *wire.InitializeParams) {
	folders := p.WorkspaceFolders
	if len(folders) == 0 && p.RootURI != "" {
		folders = []wire.Folder{{URI: p.RootURI}}
	}
	w.change(folders, nil)
	if len(folders) == 0 && p.RootPath != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.folders = []string{resolved(p.RootPath)}
	}
}

func (w *workspace) change(added, removed []wire.Folder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range removed {
		if path, ok := folderOf(f); ok {
			w.folders = slices.DeleteFunc(w.folders, func(g string) bool { return g == path })
		}
	}
	for _, f := range added {
		if path, ok := folderOf(f); ok {
			w.folders = append(w.folders, path)
		}
	}
}

func folderOf(f wire.Folder) (string, bool) {
	path, ok := pathOf(protocol.DocumentURI(f.URI))
	return resolved(path), ok
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}

// rootOf returns the root of the module that a file lies in, if that is one which
// the user works on. What is vendored belongs to others, as what is in the Go
// distribution and in the module cache does, unless just that was opened as a folder.
func (w *workspace) rootOf(path string) (root string, ok bool) {
	root, err := engine.RootOf(path)
	if err != nil {
		return "", false // a file outside any module has no components
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || slices.Contains(strings.Split(filepath.Dir(rel), string(filepath.Separator)), "vendor") {
		return "", false
	}
	library := engine.Library(root)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.folders {
		if within(path, f) && (library == "" || within(f, library)) {
			return root, true
		}
	}
	return root, len(w.folders) == 0 && library == ""
}

// all returns the folders.
func (w *workspace) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.folders)
}

// holds reports whether a module lies in a folder of the user's, or around one.
func (w *workspace) holds(root string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.folders, func(f string) bool { return within(root, f) || within(f, root) })
}

// within reports whether path is dir, or lies below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// didChangeWorkspaceFolders takes folders over, and gives others up.
func didChangeWorkspaceFolders(s *server, conn *jsonrpc2.Conn, params json.RawMessage) error {
	var p wire.FoldersChanged
	if err := decode(params, &p); err != nil {
		return err
	}
	s.workspace.change(p.Event.Added, p.Event.Removed)
	s.diagnoser.schedule(conn)
	return nil
}
