package vettool

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A module is one that unweld.yaml can speak of.
type module struct {
	dir  string // slash-separated, relative to the folder of unweld.yaml; "" is that folder itself
	path string
}

// below returns what of a path is left below a folder.
func below(name, dir string) (rest string, ok bool) {
	if dir == "" || name == dir {
		return strings.TrimPrefix(name, dir), true
	}
	rest, ok = strings.CutPrefix(name, dir+"/")
	return rest, ok
}

// A tree is the folder of an unweld.yaml, and its modules, those deeper in it last.
type tree struct {
	root    string
	modules []module
}

// treeAt reads which modules there are: the one in root itself, and those that the
// go.work there uses.
func treeAt(root string) (tree, error) {
	t := tree{root: root}
	dirs := []string{"."}
	file := filepath.Join(root, "go.work")
	if data, err := os.ReadFile(file); err == nil && os.Getenv("GOWORK") != "off" {
		work, err := modfile.ParseWork(file, data, nil)
		if err != nil {
			return t, err
		}
		for _, use := range work.Use {
			dir := filepath.FromSlash(use.Path)
			if filepath.IsAbs(dir) {
				if dir, err = filepath.Rel(root, dir); err != nil {
					continue // on another volume
				}
			}
			dirs = append(dirs, filepath.Clean(dir))
		}
	}
	for _, dir := range dirs {
		mod, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
		if dir == "." && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return t, err
		}
		m := module{path: modfile.ModulePath(mod)}
		if dir != "." {
			m.dir = filepath.ToSlash(dir)
		}
		if m.path == "" {
			return t, fmt.Errorf("%s: no module line", filepath.Join(root, dir, "go.mod"))
		}
		t.modules = append(t.modules, m)
	}
	slices.SortFunc(t.modules, func(a, b module) int { return cmp.Or(len(a.dir)-len(b.dir), cmp.Compare(a.dir, b.dir)) })
	t.modules = slices.Compact(t.modules)
	return t, nil
}

// inModule returns the module that an import path belongs to, and the folder of
// the package in root.
func (t tree) inModule(importPath string) (dir string, ok bool) {
	best := -1
	for _, m := range t.modules {
		rest, inside := below(importPath, m.path)
		if inside && len(m.path) > best {
			best, dir, ok = len(m.path), path.Join(m.dir, rest), true
		}
	}
	return dir, ok
}

// importPaths returns a pattern of unweld.yaml as patterns of import paths: a folder
// with "..." can cover several modules.
func (t tree) importPaths(pattern string) []string {
	if t.isImportPath(pattern) {
		return []string{pattern}
	}
	name := t.folder(pattern)
	literal, rest, wild := strings.Cut(name, "...")
	around := literal
	if wild {
		around = strings.TrimSuffix(literal[:strings.LastIndexByte(literal, '/')+1], "/")
	}
	var out []string
	for _, m := range slices.Backward(t.modules) {
		if _, inside := below(around, m.dir); inside {
			inModule, _ := below(name, m.dir)
			return append(out, strings.TrimSuffix(m.path+"/"+inModule, "/"))
		}
		if !wild || !strings.HasPrefix(m.dir, literal) {
			continue
		}
		if rest == "" {
			out = append(out, m.path+"/...")
			continue
		}
		out = append(out, m.path+"..."+rest)
		if split.Covers(t.root, "./"+name, component.Package{Dir: m.dir}) {
			out = append(out, m.path)
		}
	}
	return out
}

// contract returns the contract that unweld.yaml names, as import/path.Name.
func (t tree) contract(text string) (string, bool) {
	dot := strings.LastIndexByte(text, '.')
	if dot <= 0 || dot < strings.LastIndexByte(text, '/') {
		return "", false
	}
	paths := t.importPaths(text[:dot])
	if len(paths) == 0 {
		return "", false
	}
	return paths[0] + text[dot:], true
}

// folder returns what a pattern names as a folder, without ./ before it.
func (t tree) folder(pattern string) string {
	name := filepath.FromSlash(pattern)
	if rel, err := filepath.Rel(t.root, name); err == nil && filepath.IsAbs(name) {
		name = rel
	}
	return strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(name)), "/")
}

// isImportPath reports whether a pattern is one of import paths, and not of folders.
func (t tree) isImportPath(name string) bool {
	for _, m := range t.modules {
		if _, inside := below(strings.TrimSuffix(name, "..."), m.path); inside {
			return true
		}
	}
	if name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || filepath.IsAbs(filepath.FromSlash(name)) {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimSuffix(name, "..."), "/")
	return !isFolder(filepath.Join(t.root, first))
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
