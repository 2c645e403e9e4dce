package split

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// An Ownership says which component of a configuration a package belongs to. It is made
// once for many packages: a lookup takes as long as a package's path is deep, however
// many components there are. It doesn't change, and may be used by several goroutines.
type Ownership struct {
	exact map[string][]componentPattern // by the name that a pattern gives
	below map[string][]componentPattern // patterns a/..., by a; "..." by ""
	wild  []componentPattern            // all others
}

// A componentPattern is one pattern of a component. They are numbered in the order of the
// components' names, and of the patterns of each.
type componentPattern struct {
	number  int
	pattern Pattern
	owner
}

// An owner is a component whose pattern covers a package.
type owner struct {
	name, pattern string
	index, width  int
}

// Ownership compiles the patterns of all components. Those that can't be parsed, which
// Check reports, cover nothing.
func (c *Config) Ownership(root string) *Ownership {
	o := &Ownership{exact: map[string][]componentPattern{}, below: map[string][]componentPattern{}}
	number := 0
	for _, name := range slices.Sorted(maps.Keys(c.Components)) {
		for i, text := range c.Components[name].Packages {
			p, err := ParsePattern(root, text)
			if err != nil {
				continue
			}
			number++
			k := componentPattern{number, p, owner{name: name, pattern: text, index: i}}
			switch {
			case !p.wild():
				o.exact[p.name] = append(o.exact[p.name], k)
			case p.deep:
				o.below[p.above] = append(o.below[p.above], k)
			default:
				o.wild = append(o.wild, k)
			}
		}
	}
	return o
}

// owners lists the components that claim a package, the closest first.
func (o *Ownership) owners(pkg component.Package) []owner {
	claims := slices.Clone(o.wild)
	for _, name := range []string{folderOf(pkg), pkg.Path} {
		claims = append(claims, o.exact[name]...)
		for above := name; ; above = above[:max(strings.LastIndexByte(above, '/'), 0)] {
			claims = append(claims, o.below[above]...)
			if above == "" {
				break
			}
		}
	}
	slices.SortFunc(claims, func(a, b componentPattern) int { return cmp.Compare(a.number, b.number) })
	claims = slices.CompactFunc(claims, func(a, b componentPattern) bool { return a.number == b.number })
	var all []owner
	for _, k := range claims {
		if k.pattern.ImportPath(pkg) || k.pattern.Folder(pkg) {
			k.width = k.pattern.Width(pkg)
			all = append(all, k.owner)
		}
	}
	slices.SortStableFunc(all, func(a, b owner) int { return a.width - b.width })
	return all
}

// Owner returns the component that a package belongs to, or "". If patterns of
// several components cover it, the narrowest decides.
func (o *Ownership) Owner(pkg component.Package) string {
	if owners := o.owners(pkg); len(owners) > 0 {
		return owners[0].name
	}
	return ""
}

// Owner is Ownership for one package.
func (c *Config) Owner(root string, pkg component.Package) string {
	return c.Ownership(root).Owner(pkg)
}
