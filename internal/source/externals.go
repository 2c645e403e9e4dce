package source

import (
	"context"
	"crypto/sha256"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// externals are the packages that no edit changes: what they declare comes
// from the export data of the compiler, and is read once.
type externals struct {
	fset  *token.FileSet
	mu    sync.Mutex
	types map[string]*types.Package // by path, complete or begun
	keys  map[string]string         // of what types holds, by path
}

func newExternals(fset *token.FileSet) *externals {
	return &externals{fset: fset, types: map[string]*types.Package{}, keys: map[string]string{}}
}

// export sees to it that the export data of the given packages of l are known.
// The go command compiles those that it hasn't compiled before, and those that
// it has thrown away since.
func (s *Snapshot) export(ctx context.Context, l *listing, want []*meta) error {
	w := s.work
	w.exporting.Lock()
	defer w.exporting.Unlock()
	missing := w.unexported(want)
	if len(missing) == 0 {
		return nil
	}
	if key := l.exportsKey(); w.rememberExports(key) {
		if missing = w.unexported(want); len(missing) == 0 {
			return nil
		}
	}
	w.count.exported.Add(1)
	cfg := s.config(ctx, packages.NeedName|packages.NeedExportFile)
	cfg.Overlay = nil
	compiling(ctx, len(missing))
	defer compiling(ctx, 0)
	got, err := packages.Load(cfg, sortedKeys(missing)...)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return s.loadError(strings.Join(sortedKeys(missing), " "), err)
	}
	w.mu.Lock()
	for _, m := range missing {
		w.exports[m.key] = ""
	}
	for _, p := range got {
		if m := missing[p.PkgPath]; m != nil {
			w.exports[m.key] = p.ExportFile
		}
	}
	w.mu.Unlock()
	w.keepExports(l)
	return nil
}

// unexported lists those packages whose export data isn't known, or isn't there
// any more, by their path.
func (w *Workspace) unexported(want []*meta) map[string]*meta {
	missing := map[string]*meta{}
	for _, m := range want {
		w.mu.Lock()
		file, ok := w.exports[m.key]
		w.mu.Unlock()
		if m.PkgPath != "unsafe" && (!ok || file != "" && !isFile(file)) {
			missing[m.PkgPath] = m
		}
	}
	return missing
}

// exportsKey names what is kept on disk of where the export data are that a
// listing may need.
func (l *listing) exportsKey() string {
	h := sha256.New()
	for _, id := range sortedKeys(l.packages) {
		if m := l.packages[id]; !m.fromSource {
			fmt.Fprintln(h, m.key)
		}
	}
	return "exports of " + sum(h)
}

// rememberExports takes over what another process was told.
func (w *Workspace) rememberExports(key string) bool {
	var kept map[string]string
	if w.store == nil || !w.store.Read(key, &kept) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, file := range kept {
		if w.exports[k] == "" {
			w.exports[k] = file
		}
	}
	return true
}

// keepExports writes down where the export data of a listing's packages are.
func (w *Workspace) keepExports(l *listing) {
	if w.store == nil {
		return
	}
	kept := map[string]string{}
	w.mu.Lock()
	for _, m := range l.packages {
		if file := w.exports[m.key]; !m.fromSource && file != "" {
			kept[m.key] = file
		}
	}
	w.mu.Unlock()
	w.store.Write(l.exportsKey(), kept)
}

func (w *Workspace) exportOf(m *meta) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.exports[m.key]
}

// load returns the types of a package from its export data; ok is false if
// there are none.
func (e *externals) load(m *meta, file string) (t *types.Package, ok bool, err error) {
	if file == "" {
		return nil, false, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.types[m.PkgPath]; t != nil && t.Complete() {
		return t, true, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f) //lint:ignore SA1019 the go command of 1.26 still writes archives
	if err != nil {
		return nil, false, fmt.Errorf("export data of %s: %w", m.PkgPath, err)
	}
	t, err = gcexportdata.Read(r, e.fset, e.types, m.PkgPath)
	if err != nil {
		return nil, false, fmt.Errorf("export data of %s: %w", m.PkgPath, err)
	}
	e.keys[m.PkgPath] = m.key
	return t, true, nil
}

// fits reports whether the packages of a listing are those of before, as far
// as they were read: types of two versions of a dependency must not meet.
func (e *externals) fits(l *listing) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for path, key := range e.keys {
		if m := l.packages[path]; m != nil && m.key != key {
			return false
		}
	}
	return true
}

// outside lists the packages that roots lead to and whose types don't come
// from source, as far as they are imported directly.
func outside(roots []*meta) []*meta {
	seen := map[*meta]bool{}
	var out []*meta
	var visit func(*meta)
	visit = func(m *meta) {
		for _, path := range sortedKeys(m.imports) {
			dep := m.imports[path]
			if seen[dep] || m.closes[path] {
				continue
			}
			seen[dep] = true
			if dep.fromSource {
				visit(dep)
			} else {
				out = append(out, dep)
			}
		}
	}
	for _, m := range roots {
		visit(m)
	}
	return out
}
