package revision

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/source"
)

// A treeCopy is a copy of a repository as it is in a revision or in the index. It
// lacks what git doesn't have, of which the build may need some: generated code
// and embedded files that are ignored, a go.work, modules beside the repository.
type treeCopy struct {
	repo Repository
	top  string // of the repository
	tree string // of the copy

	embeds map[string][]string // patterns of go:embed by absolute folder of the repository
}

// complete adds what the build needs to the copy, and returns the environment
// that the go command needs there.
func (c *treeCopy) complete(ctx context.Context, root string) ([]string, error) {
	c.embeds = map[string][]string{}
	list, err := c.repo.git(ctx, nil, "-C", c.top, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
	if err != nil {
		return nil, err
	}
	for _, rel := range strings.Split(list, "\x00") {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if rel == "" {
			continue
		}
		if err := c.ignored(filepath.FromSlash(strings.TrimSuffix(rel, "/")), strings.HasSuffix(rel, "/")); err != nil {
			return nil, err
		}
	}
	if err := c.module(root); err != nil {
		return nil, err
	}
	return c.workspace()
}

// ignored copies an ignored file or folder as far as the build can need it.
func (c *treeCopy) ignored(rel string, folder bool) error {
	base := filepath.Base(rel)
	switch {
	case base == "node_modules" || !c.absent(rel):
		return nil
	case folder && base == "vendor" && isRegular(filepath.Join(c.top, rel, "modules.txt")):
		return c.link(rel)
	case c.embedded(rel):
		return c.copyAll(rel)
	case folder:
		return c.packages(rel)
	case builds(base):
		return c.copy(rel)
	}
	return nil
}

// absent reports whether the copy has nothing at a path. A revision may have what
// is ignored now.
func (c *treeCopy) absent(rel string) bool {
	_, err := os.Lstat(filepath.Join(c.tree, rel))
	return errors.Is(err, fs.ErrNotExist)
}

// builds reports whether a file by its name alone may be part of a build.
func builds(base string) bool {
	switch filepath.Ext(base) {
	case ".go", ".s", ".S", ".sx", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".swig", ".swigcxx", ".syso", ".mod", ".sum", ".work":
		return true
	}
	return false
}

// packages copies the packages in an ignored folder, without nested modules:
// those are found through replace and go.work.
func (c *treeCopy) packages(rel string) error {
	return filepath.WalkDir(filepath.Join(c.top, rel), func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil // what can't be read isn't part of the build in the working tree either
		}
		if b := e.Name(); b == "node_modules" || b == ".git" || b == "vendor" || isRegular(filepath.Join(name, "go.mod")) {
			return filepath.SkipDir
		}
		entries, _ := os.ReadDir(name)
		isPackage := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return filepath.Ext(e.Name()) == ".go" })
		for _, e := range entries {
			file, err := filepath.Rel(c.top, filepath.Join(name, e.Name()))
			if err != nil || e.IsDir() && !c.embedded(file) || !e.IsDir() && !(isPackage && (builds(e.Name()) || c.embedded(file))) || !c.absent(file) {
				continue
			}
			if err := c.copyAll(file); err != nil {
				return err
			}
		}
		return nil
	})
}

var embedLine = regexp.MustCompile(`(?m)^//go:embed[ \t]+(.+)$`)

// embedded reports whether a Go file in a folder around a path embeds it, or
// something in it.
func (c *treeCopy) embedded(rel string) bool {
	for dir := filepath.Dir(rel); ; dir = filepath.Dir(dir) {
		inside, err := filepath.Rel(dir, rel)
		if err != nil {
			return false
		}
		for _, pattern := range c.embedsOf(dir) {
			if overlaps(pattern, filepath.ToSlash(inside)) {
				return true
			}
		}
		if dir == "." {
			return false
		}
	}
}

func (c *treeCopy) embedsOf(dir string) []string {
	if known, ok := c.embeds[dir]; ok {
		return known
	}
	patterns := []string{}
	files, _ := filepath.Glob(filepath.Join(escapeGlob(filepath.Join(c.top, dir)), "*.go"))
	for _, f := range files {
		// What can't be read embeds nothing.
		_ = source.View(f, func(data []byte) {
			if !bytes.Contains(data, []byte("//go:embed")) {
				return
			}
			for _, m := range embedLine.FindAllSubmatch(data, -1) {
				for p := range strings.FieldsSeq(string(m[1])) {
					patterns = append(patterns, strings.TrimPrefix(strings.Trim(p, "\"`\r"), "all:"))
				}
			}
		})
	}
	c.embeds[dir] = patterns
	return patterns
}

var escapeGlob = strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace

// overlaps reports whether a pattern covers a path, something above or below it.
func overlaps(pattern, path string) bool {
	ps, ns := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i := range min(len(ps), len(ns)) {
		if ok, err := filepath.Match(ps[i], ns[i]); !ok || err != nil {
			return false
		}
	}
	return true
}

// module makes the replacements of a go.mod in the copy lead to where they lead
// in the repository.
func (c *treeCopy) module(root string) error {
	file := filepath.Join(root, "go.mod")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil // a workspace
	}
	mod, err := modfile.Parse(file, data, nil)
	if err != nil {
		return nil // the go command says what is wrong
	}
	changed := false
	for _, r := range slices.Clone(mod.Replace) {
		if at, moved := c.moved(root, r.New.Path); r.New.Version == "" && moved {
			changed = true
			if err := mod.AddReplace(r.Old.Path, r.Old.Version, filepath.ToSlash(at), ""); err != nil {
				return err
			}
		}
	}
	if !changed {
		return nil
	}
	out, err := mod.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o666)
}

// moved returns where a path of a module lies that folder, in the copy, names
// relatively or not, and whether that has to be written down.
func (c *treeCopy) moved(folder, named string) (at string, moved bool) {
	at = filepath.FromSlash(named)
	if !filepath.IsAbs(at) {
		if isRegular(filepath.Join(folder, at, "go.mod")) {
			return at, false
		}
		rel, err := filepath.Rel(c.tree, folder)
		if err != nil {
			return at, false
		}
		return filepath.Join(c.top, rel, at), true
	}
	if rel, err := filepath.Rel(c.top, at); err == nil && filepath.IsLocal(rel) && isRegular(filepath.Join(c.tree, rel, "go.mod")) {
		return filepath.Join(c.tree, rel), true
	}
	return at, false
}

// workspace gives the copy the go.work that the repository is built with.
func (c *treeCopy) workspace() ([]string, error) {
	file := c.repo.WorkFile
	if file == "" {
		return nil, nil
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	at, now := filepath.Join(filepath.Dir(c.tree), "go.work"), file
	if rel, err := filepath.Rel(c.top, file); err == nil && filepath.IsLocal(rel) {
		if at = filepath.Join(c.tree, rel); !isRegular(at) {
			return []string{"GOWORK=off"}, nil // git doesn't have it, and doesn't ignore it
		}
		now = at
	}
	data, err := os.ReadFile(now)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return []string{"GOWORK=" + at}, nil // the go command says what is wrong
	}
	for _, u := range slices.Clone(work.Use) {
		use := *u // which DropUse empties
		if err := work.DropUse(use.Path); err != nil {
			return nil, err
		}
		if dir := c.used(filepath.Dir(file), use.Path); dir != "" {
			if err := work.AddUse(filepath.ToSlash(dir), use.ModulePath); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range slices.Clone(work.Replace) {
		if r.New.Version != "" {
			continue
		}
		if dir := c.used(filepath.Dir(file), r.New.Path); dir != "" {
			if err := work.AddReplace(r.Old.Path, r.Old.Version, filepath.ToSlash(dir), ""); err != nil {
				return nil, err
			}
		}
	}
	work.Cleanup()
	return []string{"GOWORK=" + at}, os.WriteFile(at, modfile.Format(work.Syntax), 0o666)
}

// used returns the absolute folder of a module that a go.work in base names: in
// the copy where it has it, or in the repository.
func (c *treeCopy) used(base, named string) string {
	dir := filepath.FromSlash(named)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	if rel, err := filepath.Rel(c.top, dir); err == nil && filepath.IsLocal(rel) && isRegular(filepath.Join(c.tree, rel, "go.mod")) {
		return filepath.Join(c.tree, rel)
	}
	if isRegular(filepath.Join(dir, "go.mod")) {
		return dir
	}
	return ""
}

func isRegular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func (c *treeCopy) link(rel string) error {
	to := filepath.Join(c.tree, rel)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if os.Symlink(filepath.Join(c.top, rel), to) == nil {
		return nil
	}
	return c.copyAll(rel) // a system without symbolic links
}

// copyAll copies a file, or a folder with everything in it.
func (c *treeCopy) copyAll(rel string) error {
	return filepath.WalkDir(filepath.Join(c.top, rel), func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file, err := filepath.Rel(c.top, name)
		if err != nil || e.IsDir() || !e.Type().IsRegular() && e.Type()&fs.ModeSymlink == 0 {
			return err
		}
		return c.copy(file)
	})
}

func (c *treeCopy) copy(rel string) error {
	from, err := os.Open(filepath.Join(c.top, rel))
	if err != nil {
		return nil // a symbolic link to nothing
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	name := filepath.Join(c.tree, rel)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// entry copies a file as it is, a symbolic link as one where what it names will
// be in the copy, too.
func (c *treeCopy) entry(rel string) error {
	from := filepath.Join(c.top, rel)
	info, err := os.Lstat(from)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return c.copy(rel)
	}
	named, err := os.Readlink(from)
	if err != nil || filepath.IsAbs(named) || !filepath.IsLocal(filepath.Join(filepath.Dir(rel), named)) {
		return c.copy(rel)
	}
	to := filepath.Join(c.tree, rel)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if os.Symlink(named, to) == nil {
		return nil
	}
	return c.copy(rel) // a system without symbolic links
}
