package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// name gives every node its component's name: the declared one, or the one
// that tells its group best from the rest of the program.
func (f *finder) name() {
	f.names = make([]string, len(f.g.Nodes))
	members, used := map[int][]int{}, map[string]bool{}
	for v, n := range f.g.Nodes {
		if name, ok := f.opts.Declared[n.Package.Path]; ok {
			f.names[v], used[name] = name, true
		} else if g := f.c.Group[v]; g != shared {
			members[g] = append(members[g], v)
		}
	}
	groups := slices.Collect(maps.Values(members))
	// The largest choose first.
	slices.SortFunc(groups, func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	namer := newNamer(f.g)
	for _, group := range groups {
		name := namer.propose(group, used)
		used[name] = true
		for _, v := range group {
			f.names[v] = name
		}
	}
}

// A namer finds names for groups of nodes in the elements of their paths and,
// in a graph of declarations, in the names of their files and types.
type namer struct {
	g     *component.Graph
	root  string
	total map[string]int // nodes by key

	numbered map[string]int // the last number that was put behind a name
}

// An element is one part of the name of a node. Elements with the same key,
// orders and order, mean the same.
type element struct {
	text, key string
	depth     int
}

func newNamer(g *component.Graph) *namer {
	n := &namer{g: g, root: commonRoot(g), total: map[string]int{}, numbered: map[string]int{}}
	for v := range g.Nodes {
		for _, e := range n.elements(v) {
			n.total[e.key]++
		}
	}
	return n
}

// elements returns the parts of the name of v, without those that say only
// where it stands. Each key occurs once.
func (n *namer) elements(v int) []element {
	node := n.g.Nodes[v]
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(node.Package.Path, n.root), "/"), "/")
	if n.g.Unit == "decl" {
		parts = append(parts, strings.TrimSuffix(path.Base(node.File), ".go"), node.Name)
	}
	var out []element
	for depth, part := range parts {
		text := slug(part)
		key := singular(strings.ReplaceAll(text, "_", ""))
		if part == "" || layout[text] || slices.ContainsFunc(out, func(e element) bool { return e.key == key }) {
			continue
		}
		out = append(out, element{text, key, depth})
	}
	return out
}

// A candidate is a name that some members of a group bear.
type candidate struct {
	key   string
	texts map[string]int // spellings, by how often they occur
	count int
	lines int // of the members that bear it
	depth int
	fit   float64
}

// ownName is how well a name has to fit a group with the program in the module's root
// that it isn't called as the module is: most members bear it.
const ownName = 2. / 3

// program is the name of the module whose root has a package main in the group, or "".
func (n *namer) program(group []int) string {
	if n.g.Unit == "decl" {
		return ""
	}
	for _, v := range group {
		if p := n.g.Nodes[v].Package; p.Name == "main" && p.Path == n.root {
			return slug(lastName(p.Path))
		}
	}
	return ""
}

// propose returns an unused name for a group.
func (n *namer) propose(group []int, used map[string]bool) string {
	all := n.candidates(group)
	if name := n.program(group); name != "" && !used[name] && len(group) > 1 && (len(all) == 0 || all[0].fit < ownName) {
		return name
	}
	for _, c := range all {
		if name := c.text(); !used[name] {
			return name
		}
	}
	base := "component"
	if len(all) > 0 {
		base = all[0].text()
	} else if name := slug(lastName(n.g.Nodes[group[0]].Package.Path)); !used[name] {
		return name
	}
	// Two groups with nothing of their own: what stands above tells them apart.
	for dir := path.Dir(n.g.Nodes[group[0]].Package.Path); dir != "." && dir != "/" && len(dir) > len(n.root); dir = path.Dir(dir) {
		if name := slug(lastName(dir) + "-" + base); !used[name] && !layout[lastName(dir)] && lastName(dir) != base {
			return name
		}
	}
	for i := max(n.numbered[base], 1) + 1; ; i++ {
		if name := fmt.Sprintf("%s%d", base, i); !used[name] {
			n.numbered[base] = i
			return name
		}
	}
}

// candidates returns the possible names of a group, the best first: one that
// all members have and nobody else fits best. Names for what everybody uses
// come last.
func (n *namer) candidates(group []int) []*candidate {
	byKey := map[string]*candidate{}
	for _, v := range group {
		for _, e := range n.elements(v) {
			c := byKey[e.key]
			if c == nil {
				c = &candidate{key: e.key, texts: map[string]int{}, depth: e.depth}
				byKey[e.key] = c
			}
			c.texts[e.text]++
			c.count++
			c.lines += n.g.Nodes[v].Lines
			c.depth = min(c.depth, e.depth)
		}
	}
	out := slices.Collect(maps.Values(byKey))
	for _, c := range out {
		c.fit = 2 * float64(c.count) / float64(len(group)+n.total[c.key])
		if common[c.key] {
			c.fit /= 4
		}
	}
	slices.SortFunc(out, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(round(b.fit), round(a.fit)), cmp.Compare(b.lines, a.lines), cmp.Compare(a.depth, b.depth), cmp.Compare(a.key, b.key))
	})
	return out
}

// text returns the spelling that occurs most often.
func (c *candidate) text() string {
	return slices.MinFunc(sortedKeys(c.texts), func(a, b string) int { return cmp.Compare(c.texts[b], c.texts[a]) })
}

// slug makes a component name of s: lower case letters, digits, - and _.
func slug(s string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, s)
	if out = strings.TrimLeft(out, "-_0123456789"); out == "" {
		return "component"
	}
	return out
}

// lastName returns the last meaningful element of an import path, without a
// major version.
func lastName(path string) string {
	parts := strings.Split(path, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		if len(p) > 1 && p[0] == 'v' && strings.Trim(p[1:], "0123456789") == "" {
			continue
		}
		return p
	}
	return path
}
