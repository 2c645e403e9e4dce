package revision

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/unweld/unweld/internal/scratch"
)

// Disk copies the files as they are on the disk: those that git tracks or would
// track, with what the build needs besides, or the whole folder of the module or
// of its workspace where there is no repository. The copy has no .git folder.
func (r Repository) Disk(ctx context.Context) (_ *Copy, err error) {
	dir, remove, err := scratch.Dir("unweld-copy")
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
	c := treeCopy{repo: r, top: r.Root, tree: filepath.Join(dir, "tree")}
	prefix, env := "", []string(nil)
	if top, failed := r.git(ctx, nil, "rev-parse", "--show-toplevel"); failed == nil {
		c.top = filepath.FromSlash(top)
		prefix = r.Prefix(ctx)
		env, err = c.tracked(ctx, filepath.Join(c.tree, filepath.FromSlash(prefix)))
	} else {
		if w := filepath.Dir(r.WorkFile); r.WorkFile != "" && within(w, r.Root) {
			c.top = w
		}
		var rel string
		if rel, err = filepath.Rel(c.top, r.Root); err == nil {
			prefix = filepath.ToSlash(rel)
			env, err = c.everything(ctx, filepath.Join(c.tree, rel))
		}
	}
	if err != nil {
		return nil, err
	}
	return &Copy{filepath.Join(c.tree, filepath.FromSlash(prefix)), c.tree, env, remove}, nil
}

// within reports whether a folder is another one or around it.
func within(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// tracked copies what git would commit and what the build needs besides.
func (c *treeCopy) tracked(ctx context.Context, root string) ([]string, error) {
	list, err := c.repo.git(ctx, nil, "-C", c.top, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	for rel := range strings.SplitSeq(strings.Trim(list, "\x00"), "\x00") {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if rel == "" || strings.HasPrefix(rel, stateFolder+"/") || strings.Contains(rel, "/"+stateFolder+"/") {
			continue
		}
		if err := c.entry(filepath.FromSlash(rel)); err != nil {
			return nil, err
		}
	}
	c.embeds = map[string][]string{}
	return c.complete(ctx, root)
}

// stateFolder is where the applier keeps what it needs for undo.
const stateFolder = ".unweld"

// everything copies a folder that is in no repository.
func (c *treeCopy) everything(ctx context.Context, root string) ([]string, error) {
	err := filepath.WalkDir(c.top, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(c.top, name)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsDir() && (e.Name() == ".git" || e.Name() == "node_modules" || e.Name() == stateFolder):
			return filepath.SkipDir
		case e.IsDir():
			return nil
		}
		return c.entry(rel)
	})
	if err != nil {
		return nil, err
	}
	if err := c.module(root); err != nil {
		return nil, err
	}
	return c.workspace()
}
