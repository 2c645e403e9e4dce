package engine

import (
	"bytes"
	"context"
	"maps"
	"sync"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
)

// Sessions keeps the modules that an editor works in, so that each request
// goes on from what the last one found out. It may be used by several
// goroutines. The zero value is ready.
type Sessions struct {
	mu      sync.Mutex
	modules map[string]*Session // by root, as they were asked for last
}

// Open returns a session on the module that file lies in, with buffers (by
// absolute path) laid over it. Neither the file nor its folder needs to be on
// disk yet. The buffers must not be changed any more.
func (all *Sessions) Open(ctx context.Context, file string, buffers map[string][]byte) (*Session, error) {
	root, last, err := all.last(file)
	if err != nil {
		return nil, err
	}
	var s *Session
	if last == nil {
		s, err = Open(ctx, Options{Dir: root, Overlay: buffers, lasting: true})
	} else {
		s, err = last.next(buffers)
	}
	if err != nil {
		return nil, err
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.modules == nil {
		all.modules = map[string]*Session{}
	}
	if now := all.modules[root]; now != nil && now != last && now.living != s.living {
		s.living = now.living // another request opened it at the same time
	}
	all.modules[root] = s
	return s, nil
}

// RootOf returns the root of the module that file lies in, or would lie in.
func RootOf(file string) (string, error) { return source.Root(nearest(file)) }

// Keep forgets the modules whose roots keep doesn't accept.
func (all *Sessions) Keep(keep func(root string) bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	maps.DeleteFunc(all.modules, func(root string, _ *Session) bool { return !keep(root) })
}

// Library returns the folder of code that others wrote and the go command keeps, if the
// module at root is part of such: the root of a Go distribution, or of a module in the
// module cache. It asks no go command, and is "" for all other modules.
func Library(root string) string { return source.Library(root) }

// last returns the root of the module that file lies in, and the session on it
// that was asked for last, or nil.
func (all *Sessions) last(file string) (string, *Session, error) {
	root, err := RootOf(file)
	if err != nil {
		return "", nil, err
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	return root, all.modules[root], nil
}

// Peek is Open for requests that look at the text of buffers and at what was
// found last, and at nothing else: whether files changed on disk isn't looked
// at, so that it takes no longer in a large module, or while another goroutine
// analyses it.
func (all *Sessions) Peek(ctx context.Context, file string, buffers map[string][]byte) (*Session, error) {
	root, last, err := all.last(file)
	if err != nil {
		return nil, err
	}
	if last == nil {
		return Open(ctx, Options{Dir: root, Overlay: buffers, lasting: true})
	}
	return last.with(buffers, last.snap.Next(buffers)), nil
}

// with returns a session that goes on from s with other buffers.
func (s *Session) with(buffers map[string][]byte, snap *source.Snapshot) *Session {
	t := &Session{Root: s.Root, options: s.options, snap: snap, living: s.living}
	t.Module = t.snap.Module
	t.options.Overlay = buffers
	return t
}

// next returns a session on the module as it is now, which is s itself as long
// as nothing changed.
func (s *Session) next(buffers map[string][]byte) (*Session, error) {
	title, err := change.Recover(s.Root)
	if err != nil {
		return nil, err
	}
	if title != "" || !s.snap.Current() {
		return s.with(buffers, s.snap.Next(buffers)), nil
	}
	if maps.EqualFunc(s.options.Overlay, buffers, bytes.Equal) {
		return s, nil
	}
	return s.with(buffers, s.snap.NextOnDisk(buffers)), nil
}
