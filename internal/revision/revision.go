// Package revision copies a git repository, as of a revision, as staged or as it
// is on the disk, into a temporary folder, with everything that the build needs
// besides: generated code and embedded files that git ignores, a go.work, modules
// that replace directives refer to. The repository, its index and its working tree
// aren't changed.
//
// It doesn't load the module: its result is a folder, and the environment for
// the go command there. Git has to be installed, but for a copy of what is on the
// disk.
package revision

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

// A Repository is the git repository that a module is in. Its methods return a
// *component.UsageError if git fails or there is no repository.
type Repository struct {
	Root     string // of the module, absolute
	WorkFile string // the go.work that the module is built with, absolute, or ""
}

// A Copy is a copy of a repository. The caller must call Remove.
type Copy struct {
	Root   string   // of the module in the copy, absolute
	Top    string   // the folder in the copy that stands for the repository, or is Root's where there is none
	Env    []string // KEY=VALUE, to lay over the environment of the go command
	Remove func()   // removes the copy
}

// Copy copies the repository as of a git revision, or as staged if revision is
// empty.
func (r Repository) Copy(ctx context.Context, revision string) (_ *Copy, err error) {
	prefix, err := r.git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	top, err := r.git(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	dir, remove, err := scratch.Dir("unweld-check")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			remove()
		}
	}()
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	tree := filepath.Join(dir, "tree")
	if err := r.checkOut(ctx, top, revision, filepath.Join(dir, "index"), tree); err != nil {
		return nil, err
	}
	root := filepath.Join(tree, filepath.FromSlash(prefix))
	if _, err := os.Stat(root); err != nil {
		return nil, &component.UsageError{Object: revision, Reason: "doesn't hold this module", Hint: "name a revision in which " + prefix + " is there"}
	}
	c := treeCopy{repo: r, top: filepath.FromSlash(top), tree: tree}
	env, err := c.complete(ctx, root)
	if err != nil {
		return nil, err
	}
	return &Copy{root, tree, env, remove}, nil
}

// Prefix returns the path of the module in the repository, with a trailing
// slash, or "" where it is the repository's root or there is no repository.
func (r Repository) Prefix(ctx context.Context) string {
	prefix, err := r.git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return ""
	}
	return prefix
}

// Untracked lists the files of the module, relative to Root, that match a git
// pattern and that git neither tracks nor ignores.
func (r Repository) Untracked(ctx context.Context, pattern string) ([]string, error) {
	list, err := r.git(ctx, nil, "ls-files", "--others", "--exclude-standard", "-z", "--", pattern)
	if err != nil || list == "" {
		return nil, err
	}
	return strings.Split(strings.Trim(list, "\x00"), "\x00"), nil
}

// Clean refuses a file that isn't in the index as it is on the disk: staging it would take along
// what nobody has staged.
func (r Repository) Clean(ctx context.Context, file string) error {
	if _, err := r.git(ctx, nil, "ls-files", "--error-unmatch", "--", file); err != nil {
		return &component.UsageError{Object: file, Reason: "isn't known to git", Hint: "git add it once"}
	}
	changed, err := r.git(ctx, nil, "diff", "--name-only", "--", file)
	if err == nil && changed != "" {
		err = &component.UsageError{Object: file, Reason: "has changes that aren't staged", Hint: "git add it, or take them back"}
	}
	return err
}

// Stage puts a file into the index as it is on the disk.
func (r Repository) Stage(ctx context.Context, file string) error {
	_, err := r.git(ctx, nil, "add", "--", file)
	return err
}

// checkOut writes the files of a revision, or of the index, below tree.
func (r Repository) checkOut(ctx context.Context, top, revision, index, tree string) error {
	var env []string
	if revision != "" {
		commit, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
		if err != nil {
			return &component.UsageError{Object: revision, Reason: "is no revision of this repository", Hint: "in a shallow clone, fetch it first: git fetch --depth 1 origin " + revision}
		}
		env = []string{"GIT_INDEX_FILE=" + index}
		if _, err := r.git(ctx, env, "read-tree", commit); err != nil {
			return err
		}
	}
	_, err := r.git(ctx, env, "-C", top, "checkout-index", "--all", "--force", "--prefix="+tree+"/")
	return err
}

// git runs git in the root and returns what it printed, trimmed.
func (r Repository) git(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = r.Root, append(os.Environ(), env...)
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
