package relocate

import (
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A Place is a package that declarations stand in or go to.
type Place struct {
	Path string // import path
	Dir  string // relative to the root of the snapshot, clean
	Name string
	Pkg  *source.Package // nil where the package is new
}

// placeOf is the place of a package that there is.
func placeOf(p *source.Package) *Place {
	return &Place{Path: p.Pkg.Path, Dir: path.Clean(p.Pkg.Dir), Name: p.Pkg.Name, Pkg: p}
}

// PlaceAt returns the package of the module that to names, ./other or an import
// path: one that there is, or a new one. What can't be a package's path is a
// *component.UsageError about object.
func PlaceAt(w *code.World, object, to string) (*Place, error) {
	place, err := FolderAt(w, object, to)
	if err != nil {
		return nil, err
	}
	if name := place.Name; place.Pkg == nil && (!token.IsIdentifier(name) || name == "_" || name == "main" || strings.HasSuffix(name, "_test")) {
		return nil, &component.UsageError{Object: object, Reason: to + " has no name for a package: " + name, Hint: "end it with a name that Go allows, as in ./mail"}
	}
	if name := place.Name; place.Pkg == nil && types.Universe.Lookup(name) != nil {
		return nil, &component.UsageError{Object: object, Reason: to + " would be called " + name + ", which hides what Go calls so wherever it is imported", Hint: "choose another name"}
	}
	return place, nil
}

// FolderAt is PlaceAt for a package that needn't be called after its folder.
func FolderAt(w *code.World, object, to string) (*Place, error) {
	for _, p := range w.Packages {
		if p.ForTest == "" && (p.Pkg.Path == to || relative(to) && path.Clean(p.Pkg.Dir) == dirOf(w, to)) {
			return placeOf(p), nil
		}
	}
	dir, ok := dirOf(w, to), relative(to)
	modules := modulesOf(w)
	if !ok {
		for _, m := range modules {
			if rest, inside := strings.CutPrefix(to, m.path+"/"); inside {
				dir, ok = path.Join(m.dir, rest), true
				break
			}
		}
	}
	i := slices.IndexFunc(modules, func(m moduleDir) bool { return m.dir == "." || strings.HasPrefix(dir, m.dir+"/") })
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: object, Reason: to + " " + reason, Hint: hint}
	}
	switch {
	case !ok || i < 0 || dir == "." || !filepath.IsLocal(filepath.FromSlash(dir)):
		return nil, wrong("is no package of this module", "write a folder of the module: "+object+" ./mail")
	case slices.ContainsFunc(strings.Split(dir, "/"), leftOut):
		return nil, wrong("is a folder that ./... leaves out", "choose another folder")
	}
	if why := taken(w, dir, modules[i].dir); why != "" {
		return nil, wrong(why, "choose another folder")
	}
	rel := dir
	if modules[i].dir != "." {
		rel = strings.TrimPrefix(dir, modules[i].dir+"/")
	}
	return &Place{Path: modules[i].path + "/" + rel, Dir: dir, Name: path.Base(dir)}, nil
}

// A moduleDir is a module with its folder relative to the root of the snapshot.
type moduleDir struct{ path, dir string }

// modulesOf lists the modules that were loaded, inner ones first.
func modulesOf(w *code.World) []moduleDir {
	var out []moduleDir
	for _, p := range w.Packages {
		if p.ForTest != "" {
			continue
		}
		dir := path.Clean(p.Pkg.Dir)
		if rest := strings.TrimPrefix(strings.TrimPrefix(p.Pkg.Path, p.Module), "/"); rest != "" {
			dir = path.Clean(strings.TrimSuffix(strings.TrimSuffix(dir, rest), "/") + "/.")
		}
		if dir == "/" {
			dir = "."
		}
		if m := (moduleDir{p.Module, dir}); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b moduleDir) int { return len(b.dir) - len(a.dir) })
	return out
}

func relative(to string) bool {
	return to == "." || strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../")
}

// dirOf returns the folder, relative to the root, of a path that is relative to
// where patterns start.
func dirOf(w *code.World, to string) string {
	return path.Join(w.Snapshot.Rel(w.Snapshot.Dir()), to)
}

func leftOut(element string) bool {
	return element == "testdata" || element == "vendor" || strings.HasPrefix(element, ".") || strings.HasPrefix(element, "_")
}

// taken returns why a folder in which this build has no package can't get one,
// or "".
func taken(w *code.World, dir, module string) string {
	entries, err := os.ReadDir(w.Snapshot.Abs(dir))
	if err == nil {
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") {
				return "has Go files that this build leaves out: " + path.Join(dir, e.Name())
			}
		}
	}
	for at := dir; at != "." && at != module; at = path.Dir(at) {
		if info, err := os.Lstat(w.Snapshot.Abs(path.Join(at, "go.mod"))); err == nil && !info.IsDir() {
			return "is in another module: " + path.Join(at, "go.mod")
		}
		if info, err := os.Lstat(w.Snapshot.Abs(at)); err == nil && !info.IsDir() {
			return "can't be a folder: " + at + " is a file"
		}
	}
	return ""
}
