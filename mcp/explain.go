package mcp

import (
	"fmt"

	"github.com/unweld/unweld/internal/component"
)

type explainIn struct {
	A    string `json:"a" jsonschema:"a component, an import path, or a folder like ./orders"`
	B    string `json:"b,omitempty" jsonschema:"the other one; all others if empty"`
	Part string `json:"part,omitempty" jsonschema:"the list to page through: evidence (default), couplings, cut or hazards"`
	paged
}

type explainOut struct {
	A      string        `json:"a"`
	B      string        `json:"b,omitempty"`
	Counts explainCounts `json:"counts"`
	Part   string        `json:"part"`
	Items  any           `json:"items"` // of the part
	Next   string        `json:"next,omitempty"`
	// Cut are the first steps that would separate them, in order; all are a part.
	Cut []string `json:"cut"`
	unloaded
}

type explainCounts struct {
	Evidence  int        `json:"evidence"`
	Couplings int        `json:"couplings"`
	Cut       int        `json:"cut"`
	Hazards   severities `json:"hazards"`
}

// oneCoupling is a coupling with a count of its references.
type oneCoupling struct {
	From     string         `json:"from"`
	To       string         `json:"to"`
	Weight   float64        `json:"weight"`
	Evidence int            `json:"evidence"`
	Kinds    map[string]int `json:"kinds"`
}

const fewSteps = 10

func (s *server) explain(c *call, in explainIn) (any, error) {
	if err := inside("a and b", in.A, in.B); err != nil {
		return nil, err
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	e, err := session.Explain(c.ctx, in.A, in.B)
	if err != nil {
		return nil, err
	}
	out := explainOut{A: e.A, B: e.B, Part: in.Part, Cut: e.Cut[:min(len(e.Cut), fewSteps)], unloaded: notLoaded(e.Problems)}
	var couplings []oneCoupling
	var evidence []component.Evidence
	for _, k := range e.Couplings {
		one := oneCoupling{k.From, k.To, k.Weight, len(k.Evidence), map[string]int{}}
		for _, ev := range k.Evidence {
			one.Kinds[ev.Kind]++
		}
		couplings = append(couplings, one)
		evidence = append(evidence, k.Evidence...)
	}
	out.Counts = explainCounts{Evidence: len(evidence), Couplings: len(couplings), Cut: len(e.Cut)}
	for _, h := range e.Hazards {
		out.Counts.Hazards.add(h.Severity)
	}
	switch in.Part {
	case "", "evidence":
		out.Part = "evidence"
		out.Items, out.Next, err = cut(in.paged, evidence)
	case "couplings":
		out.Items, out.Next, err = cut(in.paged, couplings)
	case "cut":
		out.Items, out.Next, err = cut(in.paged, e.Cut)
	case "hazards":
		out.Items, out.Next, err = cut(in.paged, hazardsOf(e.Hazards))
	default:
		err = noPart(in.Part, "evidence, couplings, cut, hazards")
	}
	return out, err
}

func noPart(part, known string) error {
	return &component.UsageError{Object: "part", Reason: fmt.Sprintf("%q is none of %s", part, known)}
}
