package mcp

import "github.com/unweld/unweld/internal/component"

type contractIn struct {
	Component string `json:"component" jsonschema:"its name, or the interface itself: ./pricing.Service"`
	Part      string `json:"part,omitempty" jsonschema:"the list to page through: methods (default), types or errors"`
	paged
}

type contractOut struct {
	Component string `json:"component"`
	Package   string `json:"package"`
	Name      string `json:"name"`
	Doc       string `json:"doc,omitempty"`
	Pinned    string `json:"pinned,omitempty"` // why all of it stays in the process of those who call it
	Counts    struct {
		Methods int `json:"methods"`
		Local   int `json:"local"` // methods that can't cross
		Types   int `json:"types"`
		Errors  int `json:"errors"`
	} `json:"counts"`
	Part     string    `json:"part"`
	Items    any       `json:"items"` // of the part
	Next     string    `json:"next,omitempty"`
	Problems []problem `json:"problems,omitempty"`
}

func (s *server) contract(c *call, in contractIn) (any, error) {
	if err := inside("component", in.Component); err != nil {
		return nil, err
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	contract, err := session.Contract(c.ctx, in.Component)
	if err != nil {
		return nil, err
	}
	return contractPage(contract, in)
}

func contractPage(of *component.Contract, in contractIn) (any, error) {
	out := contractOut{Component: of.Component, Package: of.Package.Path, Name: of.Name, Doc: of.Doc, Pinned: of.Pinned, Part: in.Part}
	out.Counts.Methods, out.Counts.Types, out.Counts.Errors = len(of.Methods), len(of.Types), len(of.Errors)
	for _, m := range of.Methods {
		if m.Local != "" {
			out.Counts.Local++
		}
	}
	if len(of.Problems) > 0 {
		out.Problems = problems(of.Problems)
	}
	var err error
	switch in.Part {
	case "", "methods":
		out.Part = "methods"
		out.Items, out.Next, err = cut(in.paged, of.Methods)
	case "types":
		out.Items, out.Next, err = cut(in.paged, of.Types)
	case "errors":
		out.Items, out.Next, err = cut(in.paged, of.Errors)
	default:
		err = noPart(in.Part, "methods, types, errors")
	}
	return out, err
}
