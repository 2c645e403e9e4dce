package relocate

import (
	"go/token"
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
	return place, nil
}

// FolderAt is PlaceAt for a package that needn't be called after its folder.
func FolderAt(w *code.World, object, to string) (*Place, error) {
	for _, p := range w.Packages {
		if p.ForTest == "" && (p.Pkg.Path == to || relative(to) && path.Clean(p.Pkg.Dir) == dirOf(w, to)) {
			return placeOf(p), nil
		}
	}
	module := w.Snapshot.Module
	dir, ok := dirOf(w, to), relative(to)
	if rest, inside := strings.CutPrefix(to, module+"/"); inside && module != "" {
		dir, ok = path.Clean(rest), true
	}
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: object, Reason: to + " " + reason, Hint: hint}
	}
	switch {
	case !ok || module == "" || dir == "." || !filepath.IsLocal(filepath.FromSlash(dir)):
		return nil, wrong("is no package of this module", "write a folder of the module: "+object+" ./mail")
	case slices.ContainsFunc(strings.Split(dir, "/"), leftOut):
		return nil, wrong("is a folder that ./... leaves out", "choose another folder")
	}
	if why := taken(w, dir); why != "" {
		return nil, wrong(why, "choose another folder")
	}
	return &Place{Path: module + "/" + dir, Dir: dir, Name: path.Base(dir)}, nil
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
func taken(w *code.World, dir string) string {
	entries, err := os.ReadDir(w.Snapshot.Abs(dir))
	if err == nil {
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") {
				return "has Go files that this build leaves out: " + path.Join(dir, e.Name())
			}
		}
	}
	for at := dir; at != "."; at = path.Dir(at) {
		if info, err := os.Lstat(w.Snapshot.Abs(path.Join(at, "go.mod"))); err == nil && !info.IsDir() {
			return "is in another module: " + path.Join(at, "go.mod")
		}
		if info, err := os.Lstat(w.Snapshot.Abs(at)); err == nil && !info.IsDir() {
			return "can't be a folder: " + at + " is a file"
		}
	}
	return ""
}
