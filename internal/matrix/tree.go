package matrix

import (
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A Tree has the components of a program by the folders that their packages are in. Those of
// one folder stand together, in the order of a matrix of their own.
type Tree struct {
	nodes   []node // the root is the first; a folder stands before what is in it
	uses    []use
	folders map[string]int // nodes, by path
	leaves  map[string]int // the same, by component
}

// A node is a folder, or a component.
type node struct {
	name     string // the folder's path, or the component
	parent   int    // -1 for the root
	depth    int
	children []int // in the order of the matrix
	leaf     bool
	cycle    int // among its siblings, 0 for none
	cycles   int // among its children
	size     int // components in it
}

// A use is a coupling of two components.
type use struct {
	from, to int // nodes
	cell     Cell
}

// A Row is what a row and a column of a Tree's matrix stand for.
type Row struct {
	Name   string // of a component, or the path of a folder
	Folder bool
	Parent string // the folder that it is in; "" is that of the module
	Size   int    // components in it
}

// NewTree returns the components that were found by their folders.
func NewTree(found *component.Result) *Tree {
	t := &Tree{nodes: []node{{parent: -1}}, folders: map[string]int{"": 0}, leaves: map[string]int{}}
	for _, at := range homes(found) {
		t.leaves[at.name] = t.add(node{name: at.name, parent: t.folder(at.folder), leaf: true, size: 1})
	}
	for _, c := range found.Couplings {
		from, ok := t.leaves[c.From]
		to, too := t.leaves[c.To]
		if ok && too && from != to {
			t.uses = append(t.uses, use{from, to, Cell{References: len(c.Evidence), Weight: c.Weight}})
		}
	}
	for i := len(t.nodes) - 1; i > 0; i-- {
		t.nodes[t.nodes[i].parent].size += t.nodes[i].size
	}
	t.order()
	return t
}

type home struct{ name, folder string }

// homes are the components with the folders that they are in, sorted by both: those
// that hold all packages of a component, less the last element, which is its own.
func homes(found *component.Result) []home {
	var all []home
	for _, c := range found.Components {
		common := ""
		for i, p := range c.Packages {
			p = strings.TrimPrefix(strings.TrimPrefix(p, found.Module), "/")
			if i == 0 {
				common = p
			}
			for common != "" && common != p && !strings.HasPrefix(p, common+"/") {
				common = parent(common)
			}
		}
		all = append(all, home{c.Name, parent(common)})
	}
	slices.SortFunc(all, func(a, b home) int {
		if n := strings.Compare(a.folder, b.folder); n != 0 {
			return n
		}
		return strings.Compare(a.name, b.name)
	})
	return all
}

func parent(folder string) string {
	if dir := path.Dir(folder); dir != "." && dir != "/" {
		return dir
	}
	return ""
}

func (t *Tree) add(n node) int {
	i := len(t.nodes)
	n.depth = t.nodes[n.parent].depth + 1
	t.nodes = append(t.nodes, n)
	t.nodes[n.parent].children = append(t.nodes[n.parent].children, i)
	return i
}

// folder is the node of a folder, which is made with those above it.
func (t *Tree) folder(name string) int {
	if i, ok := t.folders[name]; ok {
		return i
	}
	i := t.add(node{name: name, parent: t.folder(parent(name))})
	t.folders[name] = i
	return i
}

// siblings are the ancestors of two components that are in the same folder, or the
// components themselves.
func (t *Tree) siblings(a, b int) (int, int) {
	for t.nodes[a].depth > t.nodes[b].depth {
		a = t.nodes[a].parent
	}
	for t.nodes[b].depth > t.nodes[a].depth {
		b = t.nodes[b].parent
	}
	for t.nodes[a].parent != t.nodes[b].parent {
		a, b = t.nodes[a].parent, t.nodes[b].parent
	}
	return a, b
}

// order puts the children of each folder into the order of their matrix, and says
// which uses are part of a cycle there.
func (t *Tree) order() {
	between := map[int]map[string]map[string]Cell{} // by folder
	key := func(i int) string {                     // components and folders can have the same name
		if t.nodes[i].leaf {
			return t.nodes[i].name
		}
		return t.nodes[i].name + "/"
	}
	for i, n := range t.nodes {
		if len(n.children) > 0 {
			uses := map[string]map[string]Cell{}
			for _, c := range n.children {
				uses[key(c)] = map[string]Cell{}
			}
			between[i] = uses
		}
	}
	for _, u := range t.uses {
		a, b := t.siblings(u.from, u.to)
		of := between[t.nodes[a].parent][key(a)]
		cell := of[key(b)]
		cell.References, cell.Weight = cell.References+u.cell.References, cell.Weight+u.cell.Weight
		of[key(b)] = cell
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		byKey := map[string]int{}
		var names []string
		for _, c := range n.children {
			names = append(names, key(c))
			byKey[key(c)] = c
		}
		slices.Sort(names)
		order, cycle, cycles := inOrder(names, between[i])
		n.children, n.cycles = n.children[:0], cycles
		for at, name := range order {
			t.nodes[byKey[name]].cycle = cycle[at]
			n.children = append(n.children, byKey[name])
		}
	}
	for i := range t.uses {
		a, b := t.siblings(t.uses[i].from, t.uses[i].to)
		t.uses[i].cell.Cyclic = t.nodes[a].cycle > 0 && t.nodes[a].cycle == t.nodes[b].cycle
	}
}

// Rows are the rows of a Tree's matrix, which are its columns, too.
type Rows struct {
	List []Row
	tree *Tree
	at   []int // by node: its row, that of the folder that stands for it, or the first of what is in it
}

// Matrix returns the matrix in which the folders that are open give way to what is in them,
// and what its rows are. A folder with one thing in it always does. A reference is
// part of a cycle if the folders, in which it leads from one to the other, are; Cycle is the
// number among those in the same folder.
func (t *Tree) Matrix(open func(folder string) bool) (*Matrix, *Rows) {
	m, rows := &Matrix{}, &Rows{tree: t, at: make([]int, len(t.nodes))}
	var lay func(i, row int)
	lay = func(i, row int) {
		n := &t.nodes[i]
		opened := row < 0 && !n.leaf && (i == 0 || len(n.children) == 1 || open(n.name))
		rows.at[i] = max(row, len(rows.List))
		switch {
		case opened:
			m.cycles += n.cycles
		case row < 0:
			row = len(rows.List)
			rows.List = append(rows.List, Row{Name: n.name, Folder: !n.leaf, Parent: t.nodes[n.parent].name, Size: n.size})
			m.Names, m.Cycle = append(m.Names, n.name), append(m.Cycle, n.cycle)
		default:
			rows.at[i] = row
		}
		for _, c := range n.children {
			lay(c, row)
		}
	}
	lay(0, -1)
	m.cells = make(map[[2]int]Cell, min(len(t.uses), len(rows.List)*len(rows.List)))
	for _, u := range t.uses {
		where := [2]int{rows.at[u.from], rows.at[u.to]}
		if where[0] == where[1] {
			continue
		}
		cell := m.cells[where]
		m.cells[where] = Cell{cell.References + u.cell.References, cell.Weight + u.cell.Weight, u.cell.Cyclic}
	}
	for where := range m.cells {
		if where[1] > where[0] {
			m.Closing = append(m.Closing, where)
		}
	}
	slices.SortFunc(m.Closing, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return m, rows
}

// Component is the row of a component, or of the folder that stands for it; -1 if there
// is no such component.
func (r *Rows) Component(name string) int {
	if i, ok := r.tree.leaves[name]; ok {
		return r.at[i]
	}
	return -1
}

// Folder is the row of a folder, of one that stands for it, or of the first thing in it;
// -1 if there is no such folder.
func (r *Rows) Folder(name string) int {
	if i, ok := r.tree.folders[name]; ok {
		return r.at[i]
	}
	return -1
}

// Folders are all folders, those above others first.
func (t *Tree) Folders() []string {
	var names []string
	for _, n := range t.nodes[1:] {
		if !n.leaf {
			names = append(names, n.name)
		}
	}
	return names
}

// In lists the components in a row, in the order of the matrix.
func (t *Tree) In(r Row) []string {
	if !r.Folder {
		return []string{r.Name}
	}
	var names []string
	var walk func(i int)
	walk = func(i int) {
		if t.nodes[i].leaf {
			names = append(names, t.nodes[i].name)
		}
		for _, c := range t.nodes[i].children {
			walk(c)
		}
	}
	walk(t.folders[r.Name])
	return names
}
