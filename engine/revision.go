package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scratch"
)

// export opens the module as it is in a git revision, or as it is staged if
// revision is empty, in a scratch folder that done takes away. The repository
// and its index stay as they are.
func (s *Session) export(ctx context.Context, revision string) (old *Session, done func(), err error) {
	prefix, err := s.git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, nil, err
	}
	top, err := s.git(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, nil, err
	}
	dir, remove, err := scratch.Dir("unweld-check")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			remove()
		}
	}()
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, nil, err
	}
	tree := filepath.Join(dir, "tree")
	if err := s.checkOut(ctx, top, revision, filepath.Join(dir, "index"), tree); err != nil {
		return nil, nil, err
	}
	root := filepath.Join(tree, filepath.FromSlash(prefix))
	if _, err := os.Stat(root); err != nil {
		return nil, nil, &component.UsageError{Object: revision, Reason: "doesn't hold this module", Hint: "name a revision in which " + prefix + " is there"}
	}
	options := s.options
	options.Overlay = nil
	if options.Dir, err = s.sameFolder(root); err != nil {
		return nil, nil, err
	}
	c := treeCopy{s: s, top: filepath.FromSlash(top), tree: tree}
	if options.env, err = c.complete(ctx, root); err != nil {
		return nil, nil, err
	}
	old, err = Open(ctx, options)
	if err != nil {
		return nil, nil, err
	}
	return old, remove, nil
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

func (s *Session) checkOut(ctx context.Context, top, revision, index, tree string) error {
	var env []string
	if revision != "" {
		commit, err := s.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
		if err != nil {
			return &component.UsageError{Object: revision, Reason: "is no revision of this repository", Hint: "in a shallow clone, fetch it first: git fetch --depth 1 origin " + revision}
		}
		env = []string{"GIT_INDEX_FILE=" + index}
		if _, err := s.git(ctx, env, "read-tree", commit); err != nil {
			return err
		}
	}
	_, err := s.git(ctx, env, "-C", top, "checkout-index", "--all", "--force", "--prefix="+tree+"/")
	return err
}

// git runs git in the root and returns what it printed, trimmed.
func (s *Session) git(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = s.Root, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", &component.UsageError{Object: "git", Reason: "not found", Hint: "install git, or check without --since and --staged"}
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		reason, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", &component.UsageError{Object: "git", Reason: strings.TrimPrefix(reason, "fatal: "), Hint: "--since and --staged need a git repository"}
	}
	return strings.TrimSpace(string(out)), nil
}

// RepositoryPrefix returns the path of the root in its git repository, with a
// slash at the end, or "" where it is the top or there is none.
func (s *Session) RepositoryPrefix(ctx context.Context) string {
	prefix, err := s.git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return ""
	}
	return prefix
}
