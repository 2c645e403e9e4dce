package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/convert"
)

// fewReferences is how many references of a coupling are listed unless more are asked for.
const fewReferences = 100

// fewErrors is how many errors of loading are listed.
const fewErrors = 20

// A componentList is the answer to unweld/components: what `unweld find --json` prints,
// and where it is.
type componentList struct {
	Root       protocol.DocumentURI     `json:"root"`
	Module     string                   `json:"module"`
	Configured bool                     `json:"configured"` // there is an unweld.yaml
	Splits     []string                 `json:"splits"`
	Split      string                   `json:"split,omitempty"`   // the chosen one
	Problem    string                   `json:"problem,omitempty"` // why the chosen split can't be made
	Components []listedComponent        `json:"components"`
	Shared     []string                 `json:"shared"`
	Couplings  []listedCoupling         `json:"couplings"`
	Hazards    []listedHazard           `json:"hazards"`
	Metrics    component.ProgramMetrics `json:"metrics"`
	// Unloaded is how many errors kept code from being loaded: the rest was looked at. Errors
	// are the first of them.
	Unloaded int           `json:"unloaded,omitempty"`
	Errors   []listedError `json:"errors,omitempty"`
}

type listedComponent struct {
	component.Found
	Endpoints []listedEndpoint `json:"endpoints"`
	Hazards   severityCount    `json:"hazards"`
	Unit      string           `json:"unit,omitempty"` // in the chosen split
	Pos       string           `json:"pos,omitempty"`
	// DeclaredAt is its entry in unweld.yaml.
	DeclaredAt *placeOf `json:"declaredAt,omitempty"`
}

type listedEndpoint struct {
	component.FoundEndpoint
	Pos string `json:"pos,omitempty"`
}

// A listedCoupling has its first references, and how many there are in all.
type listedCoupling struct {
	component.Coupling
	References int `json:"references"`
	Hazards    int `json:"hazards"` // of what it uses
}

// A listedHazard says of a hazard whether the chosen split brings it out.
type listedHazard struct {
	component.Hazard
	Crosses bool   `json:"crosses,omitempty"`
	URL     string `json:"url"` // the page of the code
}

// A listedError kept code from being loaded.
type listedError struct {
	Pos     string `json:"pos,omitempty"`
	Message string `json:"message"`
}

type placeOf struct {
	Pos string `json:"pos"`
}

// components lists the components of a module with their endpoints, the couplings with
// their references, and the hazards.
func components(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	p := struct {
		moduleParams
		References *int `json:"references"` // how many of each coupling are listed
	}{}
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	few := fewReferences
	if p.References != nil {
		few = max(0, *p.References)
	}
	project, o, err := s.overview(ctx, v, p.URI)
	if err != nil {
		return nil, err
	}
	list := componentList{Root: convert.URI(project.Root), Module: o.Found.Module, Configured: o.Configured, Splits: append([]string{}, o.Splits...), Split: o.Split, Problem: o.Why,
		Components: []listedComponent{}, Shared: append([]string{}, o.Found.Shared...), Couplings: []listedCoupling{}, Hazards: []listedHazard{}, Metrics: o.Found.Metrics}
	hazards := countHazards(o.Found)
	for i := range o.Found.Components {
		c := &o.Found.Components[i]
		one := listedComponent{Found: *c, Endpoints: []listedEndpoint{}, Hazards: *hazards[c.Name], Unit: o.Unit(c.Name), Pos: o.At(c).String()}
		if at := o.Declared(c.Name); at.IsValid() {
			one.DeclaredAt = &placeOf{at.String()}
		}
		for _, e := range c.Endpoints {
			one.Endpoints = append(one.Endpoints, listedEndpoint{e, o.EndpointAt(&e).String()})
		}
		list.Components = append(list.Components, one)
	}
	ofCouplings := o.HazardsOf()
	for i, c := range o.Found.Couplings {
		one := listedCoupling{c, len(c.Evidence), ofCouplings[i]}
		one.Evidence = append([]component.Evidence{}, c.Evidence[:min(few, len(c.Evidence))]...)
		list.Couplings = append(list.Couplings, one)
	}
	for i := range o.Found.Hazards {
		h := &o.Found.Hazards[i]
		list.Hazards = append(list.Hazards, listedHazard{*h, o.Crosses(h), codes.URL(h.Name)})
	}
	for _, problem := range o.Found.Problems {
		if problem.Severity == component.Error {
			if list.Unloaded++; list.Unloaded <= fewErrors {
				list.Errors = append(list.Errors, listedError{problem.Span.String(), problem.Message})
			}
		}
	}
	return placed(project, list)
}
