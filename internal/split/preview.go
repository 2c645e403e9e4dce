package split

import (
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// PreviewFacts are what Preview must know of the code beside the plan.
type PreviewFacts struct {
	Graph     *component.CallGraph
	Endpoints []EndpointFunctions
	Homes     map[string]string // import path -> component whose code the package is
	Schemes   Schemes
}

// EndpointFunctions are the functions behind one endpoint.
type EndpointFunctions struct {
	Component, Name string
	Local           string           // why it can't cross, or empty
	Needs           []component.Mode // that its link must carry
	// Called are the functions that callers call, Bodies those that do the
	// work. Direct: every call counts, not only those through an interface.
	Called, Bodies []int
	Direct         bool
}

// A Preview is the estimated cost of a split, as plain data for front ends.
type Preview struct {
	Split   string          `json:"split"`
	Entry   string          `json:"entry"`
	Units   []PlanUnit      `json:"units"`
	Links   []Link          `json:"links"`
	Entries []PreviewEntry  `json:"entries"`
	Down    []Outage        `json:"down"`
	Local   []LocalEndpoint `json:"local"`
	// Unknown are the calls on the way that could not be followed.
	Unknown []UnknownCall `json:"unknown"`
}

// A PreviewEntry is one entry point of the program, with the calls that cross
// below it.
type PreviewEntry struct {
	Name string              `json:"name"`
	Kind component.EntryKind `json:"kind"`
	Pos  string              `json:"pos"`
	Unit string              `json:"unit"` // in which it runs
	// Crossings counts each call on the longest path through the code once,
	// with its bytes. Calls in a loop are counted once per item, in PerItem.
	Crossings Cost       `json:"crossings"`
	PerItem   Cost       `json:"perItem"`
	Recursive bool       `json:"recursive,omitempty"` // a recursion holds crossings: they are counted once
	Calls     []Crossing `json:"calls"`               // the places, sorted
	Loops     []string   `json:"loops"`               // calls in a loop that cross, there or further on: why PerItem isn't zero
	Followed  bool       `json:"followed"`            // false: the handler is computed, and nothing is known
}

// A Cost is a number of calls that cross, and a rough size of their messages in
// bytes.
type Cost struct {
	Calls int `json:"calls"`
	Bytes int `json:"bytes"`
}

// A Crossing is a call site whose calls leave their unit.
type Crossing struct {
	Endpoint string `json:"endpoint"` // pricing.Quote
	From     string `json:"from"`     // units
	To       string `json:"to"`
	Pos      string `json:"pos"`

	span text.Span
}

// An Outage lists the entry points that fail when a unit is down.
type Outage struct {
	Unit  string   `json:"unit"`
	Fails []string `json:"fails"`
	Stays []string `json:"stays"`
}

// A LocalEndpoint is an endpoint that can't cross: it can be called where its
// component is hosted, and nowhere else.
type LocalEndpoint struct {
	Endpoint string `json:"endpoint"`
	Reason   string `json:"reason"`
}

// An UnknownCall is a call below an entry point that could not be followed.
type UnknownCall struct {
	Pos    string `json:"pos"`
	Reason string `json:"reason"`
}

// lacks says why the link of an endpoint can't take its calls, or "".
func (p *Plan) lacks(e *EndpointFunctions, schemes Schemes) string {
	for _, l := range p.Links {
		if l.Component == e.Component && (l.Endpoint == "" || l.Endpoint == e.Name) {
			scheme, _, _ := strings.Cut(l.Address, ":")
			if why := schemes.Named(scheme).Lacks(e.Needs); why != "" {
				return why
			}
		}
	}
	return ""
}

// NewPreview estimates the cost of plan for each entry point. A call of an
// endpoint continues in the unit that hosts it; every other call stays in its
// unit, since all units contain all code.
func NewPreview(plan *Plan, facts PreviewFacts) *Preview {
	v := &previewer{plan: plan, facts: facts, endpoints: map[int]int{}, costs: map[state]*cost{}, steps: map[state][]step{}}
	for i, e := range facts.Endpoints {
		for _, fn := range e.Called {
			v.endpoints[fn] = i
		}
	}
	p := &Preview{Split: plan.Split, Entry: plan.Entry, Units: plan.Units, Links: plan.Links,
		Entries: []PreviewEntry{}, Down: []Outage{}, Local: []LocalEndpoint{}, Unknown: []UnknownCall{}}
	facts.Endpoints = slices.Clone(facts.Endpoints)
	v.facts.Endpoints = facts.Endpoints
	for i := range facts.Endpoints {
		e := &facts.Endpoints[i]
		if e.Local == "" {
			e.Local = plan.lacks(e, facts.Schemes)
		}
	}
	for _, e := range facts.Endpoints {
		if e.Local != "" {
			p.Local = append(p.Local, LocalEndpoint{e.Component + "." + e.Name, e.Local})
		}
	}
	unknown := map[text.Span]string{}
	for i := range facts.Graph.Entries {
		r := v.entry(&facts.Graph.Entries[i])
		if r.entry.Kind == component.EntryRoot && len(r.entry.Calls) == 0 {
			continue
		}
		p.Entries = append(p.Entries, r.entry)
		v.reaches = append(v.reaches, r)
		for span, reason := range r.unknown {
			unknown[span] = reason
		}
	}
	p.Down = v.outages()
	for _, span := range sortedSpans(unknown) {
		p.Unknown = append(p.Unknown, UnknownCall{span.String(), unknown[span]})
	}
	return p
}
