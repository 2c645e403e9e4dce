package component

import (
	"cmp"
	"slices"
	"sync"
)

// A GraphMemory builds the package graphs of successive versions of a program,
// and recomputes only what changed: the edges of a package are reused if its
// Summary is the identical pointer and the packages that it refers to declare
// the same names. The zero value is ready to use. It is safe for concurrent
// use.
type GraphMemory struct {
	mu       sync.Mutex
	packages map[string]*graphPackage // of the last graph, by path
	last     int                      // generation that was given out last
}

// graphPackage is what is known of one package.
type graphPackage struct {
	summary    *Summary
	lines      int
	names      map[string]bool // what it declares; true: it makes a value with methods
	generation int             // of names

	fresh  bool // summary is another than in the last graph
	inside float64
	edges  []keptEdge
	saw    map[string]int // generations of the packages that the edges rest on; 0: not there
}

// A keptEdge has no indexes.
type keptEdge struct {
	to string
	Edge
}

// Graph returns NewGraph("package", summaries). Graphs share their evidence,
// which must not be changed.
func (m *GraphMemory) Graph(summaries []*Summary) *Graph {
	summaries = slices.SortedFunc(slices.Values(summaries), func(x, y *Summary) int { return cmp.Compare(x.Package.Path, y.Package.Path) })
	for i := range summaries[min(1, len(summaries)):] {
		if summaries[i].Package.Path == summaries[i+1].Package.Path {
			return NewGraph("package", summaries)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.update(summaries)
	b := &graphBuilder{g: &Graph{Unit: "package"}, index: map[string]int{}, edges: map[[2]int]*Edge{}}
	for i, s := range summaries {
		p := m.packages[s.Package.Path]
		b.g.Nodes = append(b.g.Nodes, Node{ID: s.Package.Path, Package: s.Package, Main: s.Package.Name == "main", Lines: p.lines})
		b.index[s.Package.Path] = i
	}
	for i, s := range summaries {
		p := m.packages[s.Package.Path]
		if p.fresh || !m.stand(p) {
			m.look(b, p, i)
			continue
		}
		b.g.Nodes[i].Inside = p.inside
		for _, e := range p.edges {
			e.From, e.To = i, b.index[e.to]
			b.edges[[2]int{e.From, e.To}] = &e.Edge
		}
	}
	return b.finish()
}

// update takes over the packages of a graph, in a map of its own.
func (m *GraphMemory) update(summaries []*Summary) {
	packages := map[string]*graphPackage{}
	for _, s := range summaries {
		p := m.packages[s.Package.Path]
		switch {
		case p == nil:
			p = &graphPackage{}
			fallthrough
		case p.summary != s:
			if p.summary == nil || !sameNames(p.summary, s) {
				m.last++
				p.names, p.generation = namesOf(s), m.last
			}
			p.summary, p.fresh, p.lines = s, true, 0
			for i := range s.Decls {
				p.lines += s.Decls[i].Lines
			}
		default:
			p.fresh = false
		}
		packages[s.Package.Path] = p
	}
	m.packages = packages
}

// sameNames reports whether two summaries of a package declare the same, as far
// as a graph tells it apart.
func sameNames(a, b *Summary) bool {
	return slices.EqualFunc(a.Decls, b.Decls, func(x, y Decl) bool { return x.Name == y.Name }) &&
		slices.EqualFunc(a.Contracts, b.Contracts, func(x, y Signature) bool { return x.Constructor == y.Constructor && x.Decl == y.Decl })
}

func namesOf(s *Summary) map[string]bool {
	names := map[string]bool{}
	for i := range s.Decls {
		names[s.Decls[i].Name] = false
	}
	for i := range s.Contracts {
		if sig := &s.Contracts[i]; sig.Constructor && sig.Decl.Pkg == s.Package.Path {
			if _, ok := names[sig.Decl.Name]; ok {
				names[sig.Decl.Name] = true
			}
		}
	}
	return names
}

// stand reports whether the packages that p was seen with declare what they did.
func (m *GraphMemory) stand(p *graphPackage) bool {
	for path, generation := range p.saw {
		if m.generation(path) != generation {
			return false
		}
	}
	return true
}

func (m *GraphMemory) generation(path string) int {
	if p := m.packages[path]; p != nil {
		return p.generation
	}
	return 0
}

// look works out what p refers to, as node i of the graph, and keeps it.
func (m *GraphMemory) look(b *graphBuilder, p *graphPackage, i int) {
	p.saw = map[string]int{}
	b.owner = func(id DeclID) (string, bool) {
		to := p
		if id.Pkg != p.summary.Package.Path {
			to = m.packages[id.Pkg]
			p.saw[id.Pkg] = m.generation(id.Pkg)
		}
		if to == nil {
			return "", false
		}
		_, ok := to.names[id.Name]
		return to.summary.Package.Path, ok
	}
	b.makes = func(id DeclID) bool { return m.packages[id.Pkg].names[id.Name] }
	others := b.edges
	b.edges = map[[2]int]*Edge{}
	for j := range p.summary.Refs {
		b.ref(&p.summary.Refs[j])
	}
	for _, imp := range p.summary.Imports {
		p.saw[imp.Path] = m.generation(imp.Path)
	}
	b.imports(p.summary)
	p.inside, p.edges = b.g.Nodes[i].Inside, nil
	for key, e := range b.edges {
		p.edges = append(p.edges, keptEdge{b.g.Nodes[e.To].ID, *e})
		others[key] = e
	}
	b.edges = others
}
