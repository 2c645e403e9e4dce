package split

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Places finds packages by import path and by folder. It doesn't change, and may be
// used by several goroutines.
type Places struct {
	packages       []component.Package
	paths, folders []place // sorted
}

// A place is one of the two names of a package.
type place struct {
	name string
	i    int // of the package
}

func (a place) compare(b place) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.i, b.i))
}

// NewPlaces returns the places of packages, which must not change any more.
func NewPlaces(packages []component.Package) *Places {
	p := &Places{packages: packages}
	for i, pkg := range packages {
		p.paths = append(p.paths, place{pkg.Path, i})
		p.folders = append(p.folders, place{folderOf(pkg), i})
	}
	slices.SortFunc(p.paths, place.compare)
	slices.SortFunc(p.folders, place.compare)
	return p
}

// ByPath returns the package that has an import path.
func (p *Places) ByPath(path string) (component.Package, bool) { return p.first(p.paths, path) }

// ByFolder returns the package in a folder, "" for the root of the module.
func (p *Places) ByFolder(dir string) (component.Package, bool) { return p.first(p.folders, dir) }

func (p *Places) first(places []place, name string) (component.Package, bool) {
	i, _ := slices.BinarySearchFunc(places, place{name, -1}, place.compare)
	if i == len(places) || places[i].name != name {
		return component.Package{}, false
	}
	return p.packages[places[i].i], true
}

// in is Pattern.In over all packages.
func (p *Places) in(pattern Pattern) (map[string]bool, error) {
	paths := map[string]bool{}
	if !pattern.folder {
		p.covered(p.paths, pattern, paths)
	}
	folders := map[string]bool{}
	p.covered(p.folders, pattern, folders)
	return pattern.either(paths, folders)
}

// covered adds the import paths of the packages one of whose names a pattern covers.
func (p *Places) covered(places []place, pattern Pattern, into map[string]bool) {
	add := func(places []place) {
		for _, at := range places {
			if pattern.covers(at.name) {
				into[p.packages[at.i].Path] = true
			}
		}
	}
	switch {
	case !pattern.wild():
		add(span(places, pattern.name, pattern.name+"\x00"))
	case pattern.deep && pattern.above != "":
		add(span(places, pattern.above, pattern.above+"\x00"))
		add(span(places, pattern.above+"/", pattern.above+"0")) // "0" comes after "/"
	default:
		add(places)
	}
}

// span returns the places whose names lie between two.
func span(places []place, from, to string) []place {
	at := func(name string) int {
		i, _ := slices.BinarySearchFunc(places, name, func(p place, name string) int { return strings.Compare(p.name, name) })
		return i
	}
	return places[at(from):at(to)]
}
