package source

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// A Folder is a folder of the tree with Go files, whatever build they are for.
type Folder struct {
	Package component.Package // of its name only the path is known: Name is empty
	Module  string            // path of the module around it
	Files   []string          // Go files and tests, relative to Root, sorted; none that begins with _ or .
	// InWorkspace: the module around it is in the go.work, so both are built together.
	InWorkspace bool
	Left        string // why ./... leaves it out, as in "the module example.com/m/tools"; empty: it doesn't
}

// Folders walks the modules of the snapshot, and those beside and below them that
// may use their packages: the other modules of a workspace, nested modules, and
// folders that the go command leaves out (testdata, _examples, .github). What is
// vendored or belongs to another package manager isn't looked at.
func (s *Snapshot) Folders(ctx context.Context) ([]Folder, error) {
	work := s.workspace()
	t := &treeWalk{s: s, seen: map[string]bool{}, work: work}
	if s.Module != "" {
		t.module(ctx, s.Root, "")
		for _, dir := range work {
			t.module(ctx, dir, "the module ")
		}
	} else {
		for _, dir := range work {
			t.module(ctx, dir, "")
		}
	}
	slices.SortFunc(t.folders, func(a, b Folder) int { return strings.Compare(a.Package.Dir, b.Package.Dir) })
	return t.folders, t.err
}

// workspace lists the modules of the go.work around the snapshot by their
// absolute folders.
func (s *Snapshot) workspace() []string {
	file := s.WorkFile()
	work := s.parsedWork(file)
	if work == nil {
		return nil
	}
	var dirs []string
	for _, use := range work.Use {
		dirs = append(dirs, folder(filepath.Dir(file), use.Path))
	}
	return dirs
}

// siblings lists those modules of the workspace that lie outside of Root. It reads
// go.work by itself: Rel, which needs them, is called where s is locked.
func (s *Snapshot) siblings() []string {
	file := s.WorkFile()
	if file == "" {
		return nil
	}
	data, laid := s.overlay[file]
	if !laid {
		data, _ = os.ReadFile(file) // without content it uses nothing
	}
	work, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, use := range work.Use {
		if dir := folder(filepath.Dir(file), use.Path); !within(dir, s.Root) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

type treeWalk struct {
	s       *Snapshot
	work    []string        // absolute folders of the modules of the workspace
	seen    map[string]bool // absolute folders of modules that were walked
	folders []Folder
	err     error
}

// module walks the module in a folder. Left is why the module isn't part of the
// snapshot, without its name.
func (t *treeWalk) module(ctx context.Context, dir, left string) {
	if t.seen[dir] || t.err != nil {
		return
	}
	t.seen[dir] = true
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return
	}
	mod, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil || mod.Module == nil {
		return // the go command says what is wrong
	}
	if left != "" {
		left += mod.Module.Mod.Path
	}
	var ignored []string
	for _, i := range mod.Ignore {
		ignored = append(ignored, strings.TrimSuffix(i.Path, "/"))
	}
	t.walk(ctx, dir, mod.Module.Mod.Path, left, ignored)
}

// foreign are folders of other tools, which may be huge.
var foreign = []string{"vendor", "node_modules", ".git", ".hg", ".svn", ".jj"}

func (t *treeWalk) walk(ctx context.Context, root, module, left string, ignored []string) {
	reasons := map[string]string{}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || !e.IsDir() {
			return nil // the go command doesn't look there either
		}
		rel, _ := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		if name != root {
			if slices.Contains(foreign, e.Name()) {
				return filepath.SkipDir
			}
			if isFile(filepath.Join(name, "go.mod")) {
				t.module(ctx, name, "the module ")
				return filepath.SkipDir
			}
			reasons[rel] = reasonFor(rel, e.Name(), reasons[path.Dir(rel)], ignored)
		}
		why := left
		if why == "" {
			why = reasons[rel]
		}
		importPath := path.Join(module, rel)
		if module == "std" { // its packages are named without it
			importPath = rel
		}
		t.folder(name, importPath, module, why, slices.Contains(t.work, root))
		return nil
	})
	if t.err == nil {
		t.err = err
	}
}

// reasonFor says why ./... leaves a folder out, given what it says of the one
// around it.
func reasonFor(rel, base, around string, ignored []string) string {
	switch {
	case around != "":
		return around
	case base == "testdata" || base[0] == '_' || base[0] == '.':
		return "the folder " + rel
	}
	for _, i := range ignored {
		if rooted, ok := strings.CutPrefix(i, "./"); ok && rel == rooted || !ok && strings.HasSuffix("/"+rel, "/"+i) {
			return "the folder " + rel + ", which go.mod ignores"
		}
	}
	return ""
}

func (t *treeWalk) folder(abs, importPath, module, left string, inWorkspace bool) {
	entries, err := os.ReadDir(abs)
	if err != nil {
		return
	}
	f := Folder{Package: component.Package{Path: importPath, Dir: t.s.Rel(abs)}, Module: module, Left: left, InWorkspace: inWorkspace}
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".go" && name[0] != '_' && name[0] != '.' && !e.IsDir() {
			f.Files = append(f.Files, path.Join(f.Package.Dir, name))
		}
	}
	if len(f.Files) > 0 {
		t.folders = append(t.folders, f)
	}
}

// Syntax parses a file of the tree, whatever build it is for: its imports alone,
// or all of it. It returns nil where even that can't be made out.
func (s *Snapshot) Syntax(rel string, mode parser.Mode) (*token.FileSet, *ast.File) {
	fset := token.NewFileSet()
	var f *ast.File
	parse := func(data []byte) { f, _ = ParseFile(fset, s.Abs(rel), data, mode) }
	if data, ok := s.overlay[s.Abs(rel)]; ok {
		parse(data)
	} else if View(s.Abs(rel), parse) != nil {
		return nil, nil
	}
	return fset, f
}

// Imports returns the packages that a file of the tree imports, whatever build it is for,
// without those that are misspelt. Of a file that wasn't changed since an earlier snapshot
// they are known. The slice must not be changed.
func (s *Snapshot) Imports(rel string) []string {
	abs := s.Abs(rel)
	hash := s.state(abs).hash
	w := s.work
	w.mu.Lock()
	known := w.imports[abs]
	w.mu.Unlock()
	if hash != "" && known.of == hash {
		return known.paths
	}
	_, f := s.Syntax(rel, parser.ImportsOnly)
	if f == nil {
		return nil
	}
	known = importsOf{of: hash}
	for _, spec := range f.Imports {
		if p := ImportPath(spec); p != "" {
			known.paths = append(known.paths, p)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.imports[abs] = known
	return known.paths
}

// importsOf are the imports of a file that has a hash.
type importsOf struct {
	of    change.Hash
	paths []string
}

// ImportPath returns the path of an import, or "" where it is misspelt.
func ImportPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return p
}
