package component

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/unweld/unweld/internal/text"
)

// A Graph is the reference graph of a program: nodes are packages or
// package-level declarations, and every edge keeps its evidence. Nodes and
// edges are sorted.
type Graph struct {
	Unit  string // "package" or "decl"
	Nodes []Node
	Edges []Edge // sorted by From, then To
}

// A Node is one entity to be assigned to a component.
type Node struct {
	ID      string // import path, or DeclID
	Package Package
	Name    string // of the declaration
	File    string // its position; only with unit "decl"
	Main    bool   // of a package main
	Lines   int
	Inside  float64 // weight of the references within it
}

// An Edge is the references from one node to another, given by their indexes.
type Edge struct {
	From, To int
	Weight   float64
	Makes    bool // From constructs a value with methods of To
	Evidence []Evidence
}

// Evidence is one reference behind an edge.
type Evidence struct {
	Kind   string  `json:"kind"`
	From   string  `json:"from"`
	To     string  `json:"to"`
	Pos    string  `json:"pos"`
	Weight float64 `json:"weight"`
	// FromPkg is the referring package; Decl and Member are what it refers to.
	// Decl has no name for an import.
	FromPkg string    `json:"-"`
	Decl    DeclID    `json:"-"`
	Member  string    `json:"-"`
	Loop    bool      `json:"-"`
	Span    text.Span `json:"-"`
}

// weights say how strongly one reference of a kind ties two declarations.
var weights = map[string]float64{
	"call": 1, "value": 1, "type": 0.5, "embed": 2, "field": 0.7, "const": 0.3, "global": 1.5, "write": 3, "init-write": 1,
}

// NewGraph builds the graph from summaries in any order. unit is what its nodes
// are: "package" or "decl".
func NewGraph(unit string, summaries []*Summary) *Graph {
	summaries = slices.SortedFunc(slices.Values(summaries), func(x, y *Summary) int { return cmp.Compare(x.Package.Path, y.Package.Path) })
	d := declarations{map[DeclID]string{}, map[DeclID]bool{}}
	b := &graphBuilder{g: &Graph{Unit: unit}, index: map[string]int{}, edges: map[[2]int]*Edge{},
		owner: func(id DeclID) (string, bool) { node, ok := d.owner[id]; return node, ok },
		makes: func(id DeclID) bool { return d.makers[id] },
	}
	for _, s := range summaries {
		b.nodes(s, &d)
	}
	slices.SortFunc(b.g.Nodes, func(x, y Node) int { return cmp.Compare(x.ID, y.ID) })
	for i, n := range b.g.Nodes {
		b.index[n.ID] = i
	}
	for _, s := range summaries {
		for i := range s.Refs {
			b.ref(&s.Refs[i])
		}
	}
	for _, s := range summaries {
		b.imports(s)
	}
	return b.finish()
}

type graphBuilder struct {
	g     *Graph
	index map[string]int
	edges map[[2]int]*Edge

	owner func(DeclID) (node string, ok bool) // that a declaration belongs to
	makes func(DeclID) bool                   // it is a function that makes a value with methods
}

// finish puts the edges into the graph.
func (b *graphBuilder) finish() *Graph {
	for _, key := range slices.SortedFunc(maps.Keys(b.edges), func(x, y [2]int) int { return slices.Compare(x[:], y[:]) }) {
		b.g.Edges = append(b.g.Edges, *b.edges[key])
	}
	return b.g
}

// declarations are what the packages of a graph declare.
type declarations struct {
	owner  map[DeclID]string // node that a declaration belongs to
	makers map[DeclID]bool   // functions that make a value with methods
}

func (b *graphBuilder) nodes(s *Summary, to *declarations) {
	for _, sig := range s.Contracts {
		to.makers[sig.Decl] = to.makers[sig.Decl] || sig.Constructor
	}
	lines := 0
	for _, d := range s.Decls {
		id := DeclID{s.Package.Path, d.Name}
		lines += d.Lines
		if b.g.Unit == "package" {
			to.owner[id] = s.Package.Path
			continue
		}
		to.owner[id] = id.String()
		b.g.Nodes = append(b.g.Nodes, Node{ID: id.String(), Package: s.Package, Name: d.Name, File: d.Span.File, Main: s.Package.Name == "main", Lines: d.Lines})
	}
	if b.g.Unit == "package" {
		b.g.Nodes = append(b.g.Nodes, Node{ID: s.Package.Path, Package: s.Package, Main: s.Package.Name == "main", Lines: lines})
	}
}

func (b *graphBuilder) ref(r *Ref) {
	from, ok := b.owner(r.From)
	to, ok2 := b.owner(r.To)
	if !ok || !ok2 {
		return
	}
	if from == to {
		b.g.Nodes[b.index[from]].Inside += weights[r.Kind] * (1 + math.Log2(float64(max(r.Count, 1))))
		return
	}
	name := r.To.String()
	if r.Member != "" {
		name += "." + r.Member
	}
	w := round(weights[r.Kind] * (1 + math.Log2(float64(max(r.Count, 1)))))
	e := b.add(from, to, Evidence{Kind: r.Kind, From: r.From.String(), To: name, Pos: r.Span.String(), Weight: w, FromPkg: r.From.Pkg, Decl: r.To, Member: r.Member, Loop: r.Loop, Span: r.Span})
	e.Makes = e.Makes || r.Kind == "call" && b.makes(r.To)
}

// imports adds the imports that no reference explains: those for their side
// effects alone.
func (b *graphBuilder) imports(s *Summary) {
	if b.g.Unit != "package" {
		return
	}
	from := b.index[s.Package.Path]
	for _, imp := range s.Imports {
		to, ok := b.index[imp.Path]
		if !ok || to == from || b.edges[[2]int{from, to}] != nil {
			continue
		}
		b.add(s.Package.Path, imp.Path, Evidence{Kind: "import", From: s.Package.Path, To: imp.Path, Pos: imp.Span.String(), Weight: 0.5,
			FromPkg: s.Package.Path, Decl: DeclID{Pkg: imp.Path}, Span: imp.Span})
	}
}

func (b *graphBuilder) add(from, to string, ev Evidence) *Edge {
	key := [2]int{b.index[from], b.index[to]}
	e := b.edges[key]
	if e == nil {
		e = &Edge{From: key[0], To: key[1]}
		b.edges[key] = e
	}
	e.Weight += ev.Weight
	e.Evidence = append(e.Evidence, ev)
	return e
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }
