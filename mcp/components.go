package mcp

import (
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

type componentsIn struct {
	Query string `json:"query,omitempty" jsonschema:"only components whose name, or the import path of one of whose packages, contains this"`
	paged
}

type componentsOut struct {
	Module     string                   `json:"module"`
	Counts     counts                   `json:"counts"`
	Metrics    component.ProgramMetrics `json:"metrics"`
	Components []oneComponent           `json:"components"`
	Next       string                   `json:"next,omitempty"`
	unloaded
}

// counts are of the whole module, or of what the query chooses.
type counts struct {
	Components int        `json:"components"`
	Matching   int        `json:"matching"`
	Shared     int        `json:"shared"` // packages that many components use and that belong to none
	Couplings  int        `json:"couplings"`
	Hazards    severities `json:"hazards"`
}

type severities struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

func (s *severities) add(severity component.Severity) {
	switch severity {
	case component.Error:
		s.Error++
	case component.Warn:
		s.Warning++
	default:
		s.Info++
	}
}

// oneComponent is a component without its endpoints, which contract and explain have.
type oneComponent struct {
	Name      string            `json:"name"`
	Declared  bool              `json:"declared"` // in unweld.yaml
	Packages  []string          `json:"packages"`
	Endpoints int               `json:"endpoints"`
	Metrics   component.Metrics `json:"metrics"`
	Hazards   severities        `json:"hazards"`
}

// unloaded is the part of an answer that says what is missing in it.
type unloaded struct {
	// Unloaded is how many errors kept code from being loaded: what is said holds for
	// the rest.
	Unloaded int       `json:"unloaded,omitempty"`
	Errors   []problem `json:"errors,omitempty"`
}

func notLoaded(ps []component.Problem) unloaded {
	var errs []component.Problem
	for _, p := range ps {
		if p.Severity == component.Error {
			errs = append(errs, p)
		}
	}
	if len(errs) == 0 {
		return unloaded{}
	}
	return unloaded{len(errs), problems(errs)}
}

func (c *call) found() (*component.Result, error) {
	s, err := c.session()
	if err != nil {
		return nil, err
	}
	return s.Find(c.ctx, engine.FindOptions{Strict: true})
}

func (s *server) components(c *call, in componentsIn) (any, error) {
	found, err := c.found()
	if err != nil {
		return nil, err
	}
	out := componentsOut{Module: found.Module, Metrics: found.Metrics, unloaded: notLoaded(found.Problems)}
	out.Counts = counts{Components: len(found.Components), Shared: len(found.Shared), Couplings: len(found.Couplings)}
	hazards := map[string]*severities{}
	for _, h := range found.Hazards {
		out.Counts.Hazards.add(h.Severity)
		if hazards[h.Component] == nil {
			hazards[h.Component] = new(severities)
		}
		hazards[h.Component].add(h.Severity)
	}
	var matching []oneComponent
	for _, f := range found.Components {
		if !matches(f, in.Query) {
			continue
		}
		one := oneComponent{Name: f.Name, Declared: f.Declared, Packages: f.Packages, Endpoints: len(f.Endpoints), Metrics: f.Metrics}
		if h := hazards[f.Name]; h != nil {
			one.Hazards = *h
		}
		matching = append(matching, one)
	}
	out.Counts.Matching = len(matching)
	out.Components, out.Next, err = cut(in.paged, matching)
	return out, err
}

func matches(f component.Found, query string) bool {
	if strings.Contains(f.Name, query) {
		return true
	}
	for _, p := range f.Packages {
		if strings.Contains(p, query) {
			return true
		}
	}
	return false
}
