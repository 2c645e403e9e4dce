package engine

import (
	"context"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	refactorings "github.com/unweld/unweld/refactor/all"
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

// An Offer is a refactoring that could be done at some place. Refactor carries
// it out.
type Offer struct {
	Refactoring string           `json:"refactoring"`
	Kind        string           `json:"kind"`  // refactor.extract.component
	Title       string           `json:"title"` // for menus
	Request     refactor.Request `json:"request"`
}

// Offers lists what could be done at span, in milliseconds: no edit is
// computed, and nothing is type-checked.
func (s *Session) Offers(span text.Span) []Offer {
	var offers []Offer
	for _, r := range refactorings.Refactorings {
		if r.Offer == nil {
			continue
		}
		for _, req := range r.Offer(refactor.Input{Snapshot: s.snap}, span) {
			offers = append(offers, Offer{Refactoring: r.Name, Kind: r.Kind, Title: req.Title, Request: req})
		}
	}
	return offers
}

// Content returns a file as the session sees it, buffers included, and its
// hash. The bytes must not be changed.
func (s *Session) Content(rel string) ([]byte, change.Hash, error) { return s.snap.Content(rel) }

// Rel returns an absolute path relative to Root, with slashes; a path outside
// Root stays absolute.
func (s *Session) Rel(abs string) string { return s.snap.Rel(abs) }

// Abs is the inverse of Rel.
func (s *Session) Abs(rel string) string { return s.snap.Abs(rel) }
