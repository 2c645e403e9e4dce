package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/convert"
)

// A componentGraph is the answer to unweld/graph: what a picture of the components needs,
// as a graph or as a matrix.
type componentGraph struct {
	Root   protocol.DocumentURI `json:"root"`
	Module string               `json:"module"`
	Split  string               `json:"split,omitempty"` // the chosen one
	Nodes  []graphNode          `json:"nodes"`
	Edges  []graphEdge          `json:"edges"`
	// Order are the nodes in the order of the matrix: what is used stands before what
	// uses it, so that references above the diagonal are those that close a cycle.
	Order  []string `json:"order"`
	Cycles int      `json:"cycles"`
}

type graphNode struct {
	Name      string            `json:"name"`
	Declared  bool              `json:"declared"`
	Unit      string            `json:"unit,omitempty"` // in the chosen split
	Packages  int               `json:"packages"`
	Endpoints int               `json:"endpoints"`
	Hazards   severityCount     `json:"hazards"`
	Metrics   component.Metrics `json:"metrics"`
	Cycle     int               `json:"cycle"` // the number of the cycle that it is part of; 0: none
	Pos       string            `json:"pos,omitempty"`
}

type graphEdge struct {
	From       string  `json:"from"`
	To         string  `json:"to"`
	Weight     float64 `json:"weight"`
	References int     `json:"references"`
	Hazards    int     `json:"hazards"`           // of what is used
	Crosses    bool    `json:"crosses,omitempty"` // between two units of the chosen split
	Cyclic     bool    `json:"cyclic,omitempty"`  // part of a cycle
	Closing    bool    `json:"closing,omitempty"` // above the diagonal of the matrix
}

// graph returns the components of a module as a graph.
func graph(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p moduleParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project, o, err := s.overview(ctx, v, p.URI)
	if err != nil {
		return nil, err
	}
	m := o.Matrix()
	g := componentGraph{Root: convert.URI(project.Root), Module: o.Found.Module, Split: o.Split, Nodes: []graphNode{}, Edges: []graphEdge{}, Order: append([]string{}, m.Names...), Cycles: m.Cycles()}
	row := map[string]int{}
	for i, name := range m.Names {
		row[name] = i
	}
	hazards := countHazards(o.Found)
	for i := range o.Found.Components {
		c := &o.Found.Components[i]
		g.Nodes = append(g.Nodes, graphNode{Name: c.Name, Declared: c.Declared, Unit: o.Unit(c.Name), Packages: len(c.Packages), Endpoints: len(c.Endpoints),
			Hazards: *hazards[c.Name], Metrics: c.Metrics, Cycle: m.Cycle[row[c.Name]], Pos: o.At(c).String()})
	}
	ofCouplings := o.HazardsOf()
	for i, c := range o.Found.Couplings {
		from, ok := row[c.From]
		to, there := row[c.To]
		if !ok || !there || from == to {
			continue
		}
		g.Edges = append(g.Edges, graphEdge{From: c.From, To: c.To, Weight: c.Weight, References: len(c.Evidence), Hazards: ofCouplings[i],
			Crosses: o.Unit(c.From) != o.Unit(c.To), Cyclic: m.At(from, to).Cyclic, Closing: to > from})
	}
	return placed(project, g)
}
