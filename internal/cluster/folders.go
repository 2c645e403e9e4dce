package cluster

import (
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A folder is a directory, or in a graph of declarations also a file, with all
// nodes below it. Whether it is a part of the program or only a layer is
// measured: see judge.folders.
type folder struct {
	path     string
	nodes    []int
	children []*folder // sorted by path
	own      []int     // nodes that stand in it and in none of children
	lift     float64   // how much its parts belong together
	below    float64   // how much those of its children do, all taken together
	program  bool      // of declarations: a main package stands right in it
}

// folders returns the tree of folders of the graph.
func folders(g *component.Graph) *folder {
	top := &folder{path: commonRoot(g)}
	byPath := map[string]*folder{top.path: top}
	var at func(dir string) *folder
	at = func(dir string) *folder {
		f := byPath[dir]
		if f == nil {
			f = &folder{path: dir}
			byPath[dir] = f
			parent := at(path.Dir(dir))
			parent.children = append(parent.children, f)
		}
		return f
	}
	for v, n := range g.Nodes {
		dir := n.Package.Path
		if g.Unit == "decl" {
			dir = path.Join(dir, strings.TrimSuffix(path.Base(n.File), ".go"))
		}
		f := at(dir)
		f.own = append(f.own, v)
		if g.Unit == "decl" && n.Main {
			at(n.Package.Path).program = true
		}
	}
	top.gather()
	return top
}

// commonRoot returns the longest directory that holds all packages.
func commonRoot(g *component.Graph) string {
	if len(g.Nodes) == 0 {
		return ""
	}
	common := g.Nodes[0].Package.Path
	for _, n := range g.Nodes {
		common = commonDir(common, n.Package.Path)
	}
	return common
}

func commonDir(a, b string) string {
	for a != b && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
		if a == "." || a == "/" {
			return ""
		}
	}
	return a
}

func (f *folder) gather() {
	f.nodes = slices.Clone(f.own)
	slices.SortFunc(f.children, func(a, b *folder) int { return strings.Compare(a.path, b.path) })
	for _, c := range f.children {
		c.gather()
		f.nodes = append(f.nodes, c.nodes...)
	}
}

// each calls fn for all folders below f.
func (f *folder) each(fn func(*folder)) {
	for _, c := range f.children {
		fn(c)
		c.each(fn)
	}
}

// parts splits the nodes of f by what they stand in below it.
func (f *folder) parts() [][]int {
	var out [][]int
	for _, v := range f.own {
		out = append(out, []int{v})
	}
	for _, c := range f.children {
		out = append(out, c.nodes)
	}
	return out
}

// solitary calls fn for each node that has a folder of its own beside folders
// that are parts of the program: it is such a part too.
func (f *folder) solitary(fn func(v int)) {
	for _, c := range f.children {
		if f.below >= believable && len(c.nodes) == 1 {
			fn(c.nodes[0])
		}
		c.solitary(fn)
	}
}

// folders sets the lift of all folders below f. A folder of which little is
// known is taken for what its siblings are: mostly they are of one nature,
// parts of the program or layers.
func (j *judge) folders(f *folder) {
	var pool tally
	own := make([]tally, len(f.children))
	for i, c := range f.children {
		own[i] = j.ties(c.parts())
		pool = pool.plus(own[i])
	}
	f.below = pool.lift()
	for i, c := range f.children {
		prior := max(f.below, -1)
		if impersonal(path.Base(c.path)) {
			prior = 0
		}
		c.lift = (own[i].scope()*own[i].lift() + siblings*prior) / (own[i].scope() + siblings)
		j.folders(c)
	}
}

// homes returns the topmost folders below f that are believed to be parts of
// the program, or that hold nothing but one such folder and packages of their
// own. A folder with more than half of all nodes is the program rather than a
// part of it, and so is, among declarations, one with a main package.
func (j *judge) homes(f *folder, ws []word) []*folder {
	var out []*folder
	for _, c := range f.children {
		if len(c.nodes) < 2 {
			continue
		}
		whole := 2*len(c.nodes) <= len(j.degree) && !c.program && !impersonal(path.Base(c.path))
		if whole && j.believes(c, ws) {
			out = append(out, c)
			continue
		}
		below := j.homes(c, ws)
		if whole && len(below) == 1 && len(below[0].nodes)+len(c.own) == len(c.nodes) {
			below[0] = c
		}
		out = append(out, below...)
	}
	return out
}

// believes reports whether f is a part of the program: its parts belong
// together, whether the folders below or the words make them, and its nodes
// don't belong more to others that share a word with them.
func (j *judge) believes(f *folder, ws []word) bool {
	return f.lift >= believable && j.rival(f.nodes, ws) <= f.lift && j.split(f.nodes, ws).lift() >= believable/2
}

// rival returns how strongly words tie the nodes of a folder to nodes outside,
// on average.
func (j *judge) rival(nodes []int, ws []word) float64 {
	best := make([]float64, len(j.degree))
	j.each(nodes, ws, func(w word, inside int) {
		if 2*inside <= len(w.members) {
			for _, v := range w.members {
				best[v] = max(best[v], w.lift)
			}
		}
	})
	sum := 0.0
	for _, v := range nodes {
		sum += best[v]
	}
	return sum / float64(len(nodes))
}

// split tallies the ties between the parts that words make of a folder. They
// are few where it is a layer over several parts of the program, each of which
// has the same name in every layer.
func (j *judge) split(nodes []int, ws []word) tally {
	best := make([]*word, len(j.degree))
	j.each(nodes, ws, func(w word, inside int) {
		if inside < 2 || 10*inside > 7*len(nodes) {
			return
		}
		for _, v := range w.members {
			if best[v] == nil || best[v].lift < w.lift {
				best[v] = &w
			}
		}
	})
	byWord := map[string][]int{}
	var parts [][]int
	for _, v := range nodes {
		if best[v] == nil {
			parts = append(parts, []int{v})
		} else {
			byWord[best[v].text] = append(byWord[best[v].text], v)
		}
	}
	for _, text := range sortedKeys(byWord) {
		parts = append(parts, byWord[text])
	}
	return j.ties(parts)
}

// each calls fn for each believed word with how many of its members are among
// nodes, if any is.
func (j *judge) each(nodes []int, ws []word, fn func(w word, inside int)) {
	j.marks++
	mark := j.marks
	for _, v := range nodes {
		j.mark[v] = mark
	}
	for _, w := range ws {
		if w.lift == 0 {
			continue
		}
		inside := 0
		for _, v := range w.members {
			if j.mark[v] == mark {
				inside++
			}
		}
		if inside > 0 {
			fn(w, inside)
		}
	}
}

// namesakes unites homes of the same name that use each other: cmd/orders and
// internal/orders, say.
func (j *judge) namesakes(homes []*folder) [][]int {
	byName := map[string][][]int{}
	var names []string
	for _, h := range homes {
		name := path.Base(h.path)
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], h.nodes)
	}
	var out [][]int
	for _, name := range names {
		if parts := byName[name]; len(parts) > 1 && j.ties(parts).lift() >= believable/2 {
			out = append(out, slices.Concat(parts...))
		} else {
			out = append(out, parts...)
		}
	}
	return out
}
