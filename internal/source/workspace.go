package source

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/internal/change"
)

// A Workspace is what the snapshots of one module have in common, so that the
// next one starts where the last one ended: what the go command said of the
// packages, the types of dependencies, and the syntax of what was edited last.
// It may be used by several goroutines.
type Workspace struct {
	fset  *token.FileSet // of everything: types are shared between packages
	store Store          // nil if there is none
	brief bool           // see Options

	mu      sync.Mutex
	disk    map[string]diskFile   // by absolute path
	imports map[string]importsOf  // by absolute path
	env     map[string]keptEnv    // what `go env` said, by envKey
	listed  map[string][]*listing // by what was asked for, the latest first
	syntax  map[string]*parsed    // by absolute path, function bodies left out
	recent  []string              // IDs of the packages whose syntax is kept, the latest last
	owned   map[string][]string   // the files of those
	types   map[string]*declared
	ext     *externals
	shapes  map[string]keptShape // by ID

	meanings map[string]*meanings // by ID

	checks  map[string]*lastCheck // by ID
	checked []string              // IDs of those, the latest last

	exports map[string]string // files of export data by meta.key; empty where there are none

	retained *retained
	loaded   syntaxes

	listing   sync.Mutex // the go command lists packages once at a time,
	exporting sync.Mutex // and compiles once at a time
	count     counters
}

// Counters say how often a workspace did what costs time. They exist so that
// tests can tell what an edit touched.
type Counters struct {
	Listed   int64 // times that the go command listed packages
	Exported int64 // times that it was asked for export data
	Declared int64 // packages whose declarations were checked for those that import them
	Checked  int64 // packages that were checked for themselves
	Edited   int64 // those of them of which only edited bodies were looked at, since an earlier process
	Bodies   int64 // function bodies that were checked
	Parsed   int64 // files
	Loaded   int64 // packages that Load checked
	SSA      int64 // times that packages were put into their intermediate form
	Spared   int64 // function bodies that Problems didn't check, because they mean what they did
}

type counters struct{ listed, exported, declared, checked, edited, bodies, parsed, loaded, ssa, spared atomic.Int64 }

func newWorkspace(store Store, brief bool) *Workspace {
	return &Workspace{
		store: store, brief: brief, fset: token.NewFileSet(), disk: map[string]diskFile{}, imports: map[string]importsOf{}, env: map[string]keptEnv{}, listed: map[string][]*listing{}, syntax: map[string]*parsed{},
		types: map[string]*declared{}, shapes: map[string]keptShape{}, checks: map[string]*lastCheck{}, meanings: map[string]*meanings{},
		exports: map[string]string{}, owned: map[string][]string{}, retained: newRetained(),
	}
}

// Counters returns the work done so far in the workspace of s.
func (s *Snapshot) Counters() Counters {
	c := &s.work.count
	return Counters{c.listed.Load(), c.exported.Load(), c.declared.Load(), c.checked.Load(), c.edited.Load(), c.bodies.Load(), c.parsed.Load(), c.loaded.Load(), c.ssa.Load(), c.spared.Load()}
}

// A fileState is what is known of a file without its text.
type fileState struct {
	hash   change.Hash
	header string // of a Go file: what the go command reads of it
	cgo    bool   // it imports "C"
	err    string // why it can't be read
}

// A diskFile is the state of a file and how to see whether it still holds.
type diskFile struct {
	fileState
	size    int64
	changed time.Time // as the file system says
	settled bool      // it hadn't been changed shortly before it was read
}

// settleTime is how long after a change the file system may give a second
// change the same time.
const settleTime = 100 * time.Millisecond

// state returns the state of a file in this snapshot.
func (s *Snapshot) state(abs string) fileState {
	s.mu.Lock()
	st, ok := s.states[abs]
	s.mu.Unlock()
	if ok {
		return st
	}
	if data, ok := s.overlay[abs]; ok {
		st = stateOf(abs, data)
	} else {
		st = s.work.onDisk(abs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.states[abs]; ok { // what was seen once stays
		return first
	}
	s.states[abs] = st
	return st
}

// Hash is the hash of a file, "" if it can't be read. Of a file that wasn't
// changed since an earlier snapshot it is known.
func (s *Snapshot) Hash(rel string) change.Hash { return s.state(s.Abs(rel)).hash }

func stateOf(abs string, data []byte) fileState {
	st := fileState{hash: change.HashOf(data)}
	if strings.HasSuffix(abs, ".go") {
		st.header, st.cgo = headerOf(data)
	}
	return st
}

// onDisk returns the state of a file on disk now.
func (w *Workspace) onDisk(abs string) fileState {
	info, err := os.Stat(abs)
	if err != nil {
		return fileState{err: reasonOf(err)}
	}
	w.mu.Lock()
	known, ok := w.disk[abs]
	w.mu.Unlock()
	if ok && known.settled && known.size == info.Size() && known.changed.Equal(info.ModTime()) {
		return known.fileState
	}
	now := time.Now()
	f := diskFile{size: info.Size(), changed: info.ModTime(), settled: now.Sub(info.ModTime()) > settleTime}
	if err := View(abs, func(data []byte) { f.fileState = stateOf(abs, data) }); err != nil {
		return fileState{err: reasonOf(err)}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disk[abs] = f
	return f.fileState
}

// reasonOf says why a file can't be read, without its path.
func reasonOf(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// read returns the text of a file, and whether it is the one that the
// snapshot's state of the file is of.
func (s *Snapshot) read(abs string) (data []byte, same bool, err error) {
	data, ok := s.overlay[abs]
	if !ok {
		s.mu.Lock()
		c, seen := s.files[abs]
		s.mu.Unlock()
		if data = c.data; !seen {
			if data, err = os.ReadFile(abs); err != nil {
				return nil, false, err
			}
		}
	}
	return data, s.state(abs).hash == change.HashOf(data), nil
}

// headerOf returns a hash of what the go command reads of a Go file to list
// its package: build constraints and other directives above the package
// clause, the clause, the imports, and patterns of files to embed. Of a file
// that uses cgo everything counts: the go command translates all of it.
func headerOf(data []byte) (header string, cgo bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", data, parser.ImportsOnly|parser.ParseComments)
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error %v\n", err)
	}
	if f == nil {
		return string(change.HashOf([]byte(b.String()))), false
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && (strings.HasPrefix(c.Text, "//go:") || strings.Contains(c.Text, "+build")) {
				fmt.Fprintf(&b, "%d %s\n", fset.Position(c.Pos()).Line, c.Text)
			}
		}
	}
	if f.Name != nil {
		fmt.Fprintf(&b, "package %s\n", f.Name.Name)
	}
	embeds := false
	for _, imp := range f.Imports {
		if imp.Path.Value == `"C"` {
			return string(change.HashOf(data)), true
		}
		embeds = embeds || imp.Path.Value == `"embed"`
		// Where an import stands matters where it can't be resolved.
		fmt.Fprintf(&b, "%s %s\n", fset.Position(imp.Path.Pos()), imp.Path.Value)
	}
	if embeds {
		for line := range bytes.Lines(data) {
			if bytes.Contains(line, []byte("//go:embed")) {
				b.Write(line)
			}
		}
	}
	return string(change.HashOf([]byte(b.String()))), false
}

// sources are the extensions of files that the go command takes into a package.
var sources = []string{".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".f", ".F", ".for", ".f90", ".h", ".hh", ".hpp", ".hxx", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso"}

// walk lists the source files below root that a pattern ./... could reach,
// and the go.mod files of other modules, which end it.
func (s *Snapshot) walk(root string) []string {
	s.mu.Lock()
	files, ok := s.walked[root]
	s.mu.Unlock()
	if !ok {
		files = s.walkNow(root)
		s.mu.Lock()
		s.walked[root] = files
		s.mu.Unlock()
	}
	return files
}

func (s *Snapshot) walkNow(root string) []string {
	var files []string
	filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		base := filepath.Base(name)
		switch {
		case err != nil:
			return nil
		case d.IsDir():
			if name == root {
				return nil
			}
			if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
				files = append(files, filepath.Join(name, "go.mod"))
				return filepath.SkipDir
			}
		case slices.Contains(sources, filepath.Ext(base)):
			files = append(files, name)
		}
		return nil
	})
	for name := range s.overlay {
		if strings.HasPrefix(name, root+string(filepath.Separator)) && slices.Contains(sources, filepath.Ext(name)) {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}
