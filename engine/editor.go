package engine

import (
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/change"
)

// nearest is the folder that file lies in, or the nearest above that exists.
func nearest(file string) string {
	dir := filepath.Dir(file)
	for !isDir(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Content returns a file as the session sees it, buffers included, and its
// hash. The bytes must not be changed.
func (s *Session) Content(rel string) ([]byte, change.Hash, error) { return s.snap.Content(rel) }

// Hash is the hash of a file as the session sees it, "" if it can't be read. It
// is read only when that isn't known.
func (s *Session) Hash(rel string) change.Hash { return s.snap.Hash(rel) }

// Rel returns an absolute path relative to Root, with slashes; a path outside
// Root stays absolute.
func (s *Session) Rel(abs string) string { return s.snap.Rel(abs) }

// Abs is the inverse of Rel.
func (s *Session) Abs(rel string) string { return s.snap.Abs(rel) }
