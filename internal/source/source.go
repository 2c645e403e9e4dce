// Package source loads Go code into immutable snapshots: files from disk with
// unsaved buffers laid over them, roots from syntax, dependencies from export
// data. It is the only user of go/packages.
//
// Architecture Invariant: loading never runs code of the module it loads. The
// go command compiles dependencies, but external package drivers, version
// control hooks and test binaries are switched off or never started.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Options say what a snapshot is taken of.
type Options struct {
	Dir     string            // where to start looking for go.mod or go.work; empty is the current directory
	Overlay map[string][]byte // unsaved buffers by absolute path
	Tags    []string          // build tags
	Env     []string          // KEY=VALUE, laid over the environment of this process
	Store   Store             // may be nil
	// Brief says that no snapshot follows this one. Then nothing is worked out that only
	// serves the next check after an edit of declarations: a Body has no Key and no
	// Needs. A package that the Store knows an earlier check of is being worked on, and
	// has them all the same.
	Brief bool
}

// A Store keeps small values for later processes. Losing one costs time only.
// It may be used by several goroutines.
type Store interface {
	// Read decodes what was written under key into v and reports whether there
	// was something.
	Read(key string, v any) bool
	Write(key string, v any)
}

// A Snapshot is the immutable state of the source at one moment: what it has
// read once, it goes on seeing.
type Snapshot struct {
	ID     uint64 // unique in this process
	Root   string // absolute path of the module (or workspace) root
	Module string // path of the module at Root; empty at the root of a workspace

	dir     string // where relative patterns start
	overlay map[string][]byte
	tags    []string
	env     []string

	work *Workspace

	siblingRoots func() []string // absolute folders of the other modules of the workspace

	mu      sync.Mutex
	files   map[string]content   // by absolute path
	states  map[string]fileState // by absolute path
	walked  map[string][]string  // the files below a folder
	printed string               // the fingerprint of the main modules, once known
	worlds  map[*listing]*world
}

type content struct {
	data []byte
	hash change.Hash
}

var lastID atomic.Uint64

// Open takes a snapshot of the module or workspace around opts.Dir. Nothing is
// loaded yet. Code without go.mod or go.work is a *component.LoadError.
func Open(ctx context.Context, opts Options) (*Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", opts.Dir, err)
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &component.LoadError{Object: opts.Dir, Reason: "is not a directory", Hint: "name a directory inside a Go module"}
	}
	root, err := findRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{
		ID:      lastID.Add(1),
		Root:    root,
		dir:     dir,
		overlay: maps.Clone(opts.Overlay),
		tags:    slices.Clone(opts.Tags),
		env:     safeEnv(opts.Env),
		work:    newWorkspace(opts.Store, opts.Brief),
	}
	s.empty()
	s.readModule()
	return s, nil
}

func (s *Snapshot) readModule() {
	if mod, _, err := s.Content("go.mod"); err == nil {
		s.Module = modfile.ModulePath(mod)
	}
}

// Root returns the root of the module or workspace around dir.
func Root(dir string) (string, error) {
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	return findRoot(dir)
}

// findRoot returns the nearest directory at or above dir with a go.mod, or
// failing that a go.work.
func findRoot(dir string) (string, error) {
	for _, name := range []string{"go.mod", "go.work"} {
		for d := dir; ; d = filepath.Dir(d) {
			if info, err := os.Stat(filepath.Join(d, name)); err == nil && info.Mode().IsRegular() {
				return d, nil
			}
			if d == filepath.Dir(d) {
				break
			}
		}
	}
	return "", &component.LoadError{
		Object: dir,
		Reason: "no go.mod or go.work here or in a directory above",
		Hint:   "run unweld inside a Go module, or make one with: go mod init example.com/name",
	}
}

// safeEnv returns the environment of go commands: nothing that the loaded
// module could have put there starts a program.
func safeEnv(extra []string) []string {
	env := append(os.Environ(), extra...)
	return append(env, "GOPACKAGESDRIVER=off", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsmonitor", "GIT_CONFIG_VALUE_0=false")
}

// Dir returns the absolute directory in which relative patterns start.
func (s *Snapshot) Dir() string { return s.dir }

// Env returns the environment for go commands about this snapshot.
func (s *Snapshot) Env() []string { return slices.Clone(s.env) }

// Tags returns the build tags of the snapshot.
func (s *Snapshot) Tags() []string { return slices.Clone(s.tags) }

// Overlay returns the unsaved buffers by absolute path.
func (s *Snapshot) Overlay() map[string][]byte { return maps.Clone(s.overlay) }

// WithOverlay returns a new snapshot with the given buffers laid over those of
// s; a nil buffer takes one away. The files on disk are those of s as far as s
// has read them.
func (s *Snapshot) WithOverlay(buffers map[string][]byte) *Snapshot {
	all := maps.Clone(s.overlay)
	if all == nil {
		all = map[string][]byte{}
	}
	for path, data := range buffers {
		if data == nil {
			delete(all, path)
			continue
		}
		all[path] = data
	}
	t := s.Next(all)
	s.mu.Lock()
	defer s.mu.Unlock()
	for abs, c := range s.files {
		_, before := s.overlay[abs]
		if _, now := all[abs]; !before && !now {
			t.files[abs] = c
		}
	}
	return t
}

// Next returns a snapshot of the source as it is now, with the given buffers
// and nothing else laid over it. It goes on from what the earlier snapshots of
// the module have found out. The buffers must not be changed any more.
func (s *Snapshot) Next(overlay map[string][]byte) *Snapshot {
	t := &Snapshot{ID: lastID.Add(1), Root: s.Root, dir: s.dir, overlay: overlay, tags: s.tags, env: s.env, work: s.work}
	t.empty()
	t.readModule()
	return t
}

// NextOnDisk is Next right after Current has reported that nothing on disk
// changed: what s has seen of it isn't looked at again.
func (s *Snapshot) NextOnDisk(overlay map[string][]byte) *Snapshot {
	t := s.Next(overlay)
	s.mu.Lock()
	defer s.mu.Unlock()
	for abs, st := range s.states {
		_, before := s.overlay[abs]
		if _, now := overlay[abs]; !before && !now {
			t.states[abs] = st
		}
	}
	sameNames := len(s.overlay) == len(overlay)
	for abs := range overlay {
		_, before := s.overlay[abs]
		sameNames = sameNames && before
	}
	if sameNames {
		maps.Copy(t.walked, s.walked)
	}
	return t
}

// Current reports whether all files that s has looked at are still the same, and
// no others came or went.
func (s *Snapshot) Current() bool {
	s.mu.Lock()
	states, walked, overlay := maps.Clone(s.states), maps.Clone(s.walked), s.overlay
	files := maps.Clone(s.files)
	s.mu.Unlock()
	for abs, st := range states {
		if _, laid := overlay[abs]; !laid && s.work.onDisk(abs) != st {
			return false
		}
	}
	for abs, c := range files {
		if _, laid := overlay[abs]; !laid && s.work.onDisk(abs).hash != c.hash {
			return false
		}
	}
	for root, files := range walked {
		if !slices.Equal(s.walkNow(root), files) {
			return false
		}
	}
	return true
}

func (s *Snapshot) empty() {
	s.files, s.states, s.walked = map[string]content{}, map[string]fileState{}, map[string][]string{}
	s.worlds = map[*listing]*world{}
	s.siblingRoots = sync.OnceValue(s.siblings)
}

// Rel returns abs as a slash-separated path relative to Root. A path outside
// Root is returned as it is, with slashes, unless it is in another module of the
// workspace: then it begins with "../".
func (s *Snapshot) Rel(abs string) string {
	rel, err := filepath.Rel(s.Root, abs)
	switch {
	case err != nil:
		return filepath.ToSlash(abs)
	case filepath.IsLocal(rel) || slices.ContainsFunc(s.siblingRoots(), func(module string) bool { return within(abs, module) }):
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(abs)
}

// Abs is the inverse of Rel.
func (s *Snapshot) Abs(rel string) string {
	p := filepath.FromSlash(rel)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(s.Root, p)
}

// Content returns the bytes of a file, which must not be changed, and their
// hash. A file that was loaded before has the bytes that were loaded. A missing
// file is an error that satisfies errors.Is(err, fs.ErrNotExist).
func (s *Snapshot) Content(rel string) ([]byte, change.Hash, error) {
	abs := s.Abs(rel)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.files[abs]; ok {
		return c.data, c.hash, nil
	}
	data, ok := s.overlay[abs]
	if !ok {
		var err error
		if data, err = os.ReadFile(abs); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, "", fmt.Errorf("%s: %w", rel, fs.ErrNotExist)
			}
			return nil, "", err
		}
	}
	c := content{data, change.HashOf(data)}
	s.files[abs] = c
	return c.data, c.hash, nil
}

// remember records what the loader parsed, so that Content agrees with the
// positions of the syntax.
func (s *Snapshot) remember(abs string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.files[abs]; ok && bytes.Equal(c.data, data) {
		return
	}
	s.files[abs] = content{data, change.HashOf(data)}
}

// Span returns the range between pos and end, which may be token.NoPos. Code
// that a tool generated outside the snapshot (cgo's, for one) is located by its
// line directives, without offsets.
func (s *Snapshot) Span(fset *token.FileSet, pos, end token.Pos) text.Span {
	return spanOf(fset, pos, end, s.Rel)
}

func spanOf(fset *token.FileSet, pos, end token.Pos, rel func(string) string) text.Span {
	if !pos.IsValid() {
		return text.Span{}
	}
	p := fset.PositionFor(pos, false)
	file := rel(p.Filename)
	if filepath.IsAbs(file) {
		if q := fset.PositionFor(pos, true); q.Filename != p.Filename {
			return text.Span{File: rel(q.Filename), Line: q.Line, Col: max(q.Column, 1)}
		}
	}
	sp := text.Span{File: file, Start: p.Offset, End: p.Offset, Line: p.Line, Col: p.Column}
	if end.IsValid() && end > pos {
		sp.End = fset.PositionFor(end, false).Offset
	}
	return sp
}
