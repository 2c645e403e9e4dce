package engine

import (
	"context"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/revision"
)

// repository is the git repository that the module lies in.
func (s *Session) repository() revision.Repository {
	return revision.Repository{Root: s.Root, WorkFile: s.snap.WorkFile()}
}

// openRevision opens a copy of the module as it is in a git revision, or as it is
// staged if the name is empty. Done removes the copy.
func (s *Session) openRevision(ctx context.Context, name string) (old *Session, done func(), err error) {
	c, err := s.repository().Copy(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	options := s.options
	options.Overlay, options.env = nil, c.Env
	if options.Dir, err = s.sameFolder(c.Root); err == nil {
		old, err = Open(ctx, options)
	}
	if err != nil {
		c.Remove()
		return nil, nil, err
	}
	return old, c.Remove, nil
}

// sameFolder returns the folder in another copy of the module that the session
// was opened in here, or the nearest around it: patterns are relative to it.
func (s *Session) sameFolder(root string) (string, error) {
	rel, err := filepath.Rel(s.Root, s.snap.Dir())
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, rel)
	for ; dir != root; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			break
		}
	}
	return dir, nil
}

// RepositoryPrefix returns the path of the root in its git repository, with a
// slash at the end, or "" where it is the top or there is none.
func (s *Session) RepositoryPrefix(ctx context.Context) string { return s.repository().Prefix(ctx) }
