package engine

import (
	"context"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/change"
)

// OpenFile opens the module that file lies in, at its root, with buffers (by
// absolute path) laid over it. Neither the file nor its folder needs to be on
// disk yet.
func OpenFile(ctx context.Context, file string, buffers map[string][]byte) (*Session, error) {
	dir := filepath.Dir(file)
	for !isDir(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	s, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	return Open(ctx, Options{Dir: s.Root, Overlay: buffers})
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Content returns a file as the session sees it, buffers included, and its
// hash. The bytes must not be changed.
func (s *Session) Content(rel string) ([]byte, change.Hash, error) { return s.snap.Content(rel) }

// Rel returns an absolute path relative to Root, with slashes; a path outside
// Root stays absolute.
func (s *Session) Rel(abs string) string { return s.snap.Rel(abs) }

// Abs is the inverse of Rel.
func (s *Session) Abs(rel string) string { return s.snap.Abs(rel) }
