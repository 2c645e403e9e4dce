package mcp

import (
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

type hazardsIn struct {
	Component string             `json:"component,omitempty" jsonschema:"only those of this component"`
	Name      string             `json:"name,omitempty" jsonschema:"only those with this code, for example no-context"`
	Severity  component.Severity `json:"severity,omitempty" jsonschema:"only those of this severity: error, warning or info"`
	paged
}

type hazardsOut struct {
	Count      int            `json:"count"` // of those that match
	Severities severities     `json:"severities"`
	Names      map[string]int `json:"names"`
	Hazards    []hazard       `json:"hazards"`
	Next       string         `json:"next,omitempty"`
	unloaded
}

// A hazard is one without the edits of its fixes.
type hazard struct {
	Name      string             `json:"name"`
	Severity  component.Severity `json:"severity"`
	Component string             `json:"component,omitempty"`
	Path      string             `json:"path,omitempty"`
	Pos       string             `json:"pos"`
	Message   string             `json:"message"`
	Hint      string             `json:"hint,omitempty"`
}

func hazardsOf(hs []component.Hazard) []hazard {
	out := []hazard{}
	for _, h := range hs {
		out = append(out, hazard{h.Name, h.Severity, h.Component, h.Path, h.Pos, h.Message, h.Hint})
	}
	return out
}

func (s *server) hazards(c *call, in hazardsIn) (any, error) {
	switch in.Severity {
	case "", component.Error, component.Warn, component.Info:
	default:
		return nil, &component.UsageError{Object: "severity", Reason: string(in.Severity) + " is none of error, warning, info"}
	}
	found, err := c.found()
	if err != nil {
		return nil, err
	}
	if err := known(found, in); err != nil {
		return nil, err
	}
	out := hazardsOut{Names: map[string]int{}, unloaded: notLoaded(found.Problems)}
	matching := slices.DeleteFunc(hazardsOf(found.Hazards), func(h hazard) bool {
		return in.Component != "" && h.Component != in.Component || in.Name != "" && h.Name != in.Name || in.Severity != "" && h.Severity != in.Severity
	})
	for _, h := range matching {
		out.Severities.add(h.Severity)
		out.Names[h.Name]++
	}
	out.Count = len(matching)
	out.Hazards, out.Next, err = cut(in.paged, matching)
	return out, err
}

// known refuses a component that isn't there, and a code that doesn't exist: none would
// be found of it, and that would be taken for good news.
func known(found *component.Result, in hazardsIn) error {
	if in.Name != "" {
		if _, err := codeNamed(in.Name); err != nil {
			return err
		}
	}
	if in.Component == "" {
		return nil
	}
	var names []string
	for _, f := range found.Components {
		if f.Name == in.Component {
			return nil
		}
		names = append(names, f.Name)
	}
	hint := "see the tool components"
	if near := split.Nearest(in.Component, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &component.UsageError{Object: in.Component, Reason: "is no component", Hint: hint}
}
