package mcp

import (
	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

type previewIn struct {
	Split string     `json:"split,omitempty" jsonschema:"a split of unweld.yaml"`
	Units [][]string `json:"units,omitempty" jsonschema:"instead of a split: the components of each unit; all else runs in main"`
	Part  string     `json:"part,omitempty" jsonschema:"the list to page through: entries (default), calls, hazards, down, local or unknown"`
	paged
}

type previewOut struct {
	Split   string             `json:"split"`
	Entry   string             `json:"entry"` // the unit in which main continues
	Units   []previewUnit      `json:"units"`
	Counts  previewCounts      `json:"counts"`
	Unbound []engine.Unbound   `json:"unbound"` // taken as bound, with all that others call as an endpoint
	Quiet   []engine.QuietUnit `json:"quiet"`   // units to which nothing crosses, and why
	Targets []split.Fit        `json:"targets"`
	Part    string             `json:"part"`
	Items   any                `json:"items"` // of the part
	Next    string             `json:"next,omitempty"`
	unloaded
}

type previewUnit struct {
	Name       string   `json:"name"`
	Components []string `json:"components"`
	Endpoints  []string `json:"endpoints,omitempty"`
}

type previewCounts struct {
	Entries  int        `json:"entries"`
	Crossing int        `json:"crossing"` // entries below which a call crosses
	Calls    int        `json:"calls"`    // places whose calls cross, for all entries
	Hazards  severities `json:"hazards"`
	Mended   int        `json:"mended"` // hazards that extract takes away by itself; not listed
	Local    int        `json:"local"`
	Unknown  int        `json:"unknown"` // calls that could not be followed, and may cross as well
	Down     int        `json:"down"`
}

// previewEntry is an entry point with a count of the places whose calls cross.
type previewEntry struct {
	Name      string              `json:"name"`
	Kind      component.EntryKind `json:"kind"`
	Pos       string              `json:"pos"`
	Unit      string              `json:"unit"`
	Crossings split.Cost          `json:"crossings"`
	PerItem   split.Cost          `json:"perItem"`
	Recursive bool                `json:"recursive,omitempty"`
	Calls     int                 `json:"calls"`
	Loops     []string            `json:"loops,omitempty"`
	Followed  bool                `json:"followed"` // false: its handler is computed, and nothing is known
}

// previewCall is a place whose calls cross, below an entry point.
type previewCall struct {
	Entry string `json:"entry"`
	split.Crossing
}

func (s *server) preview(c *call, in previewIn) (any, error) {
	if in.Split == "" && len(in.Units) == 0 {
		return nil, &component.UsageError{Object: "preview", Reason: "names no split", Hint: "give split, or units like [[\"pricing\"]] for one that isn't written down"}
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	p, err := session.SplitPreview(c.ctx, engine.PreviewOptions{Name: in.Split, Units: in.Units})
	if err != nil {
		return nil, err
	}
	return previewPage(p, in)
}

func previewPage(p *engine.Preview, in previewIn) (any, error) {
	out := previewOut{Split: p.Split, Entry: p.Entry, Units: []previewUnit{}, Unbound: p.Unbound, Quiet: p.Quiet, Targets: p.Targets, Part: in.Part, unloaded: notLoaded(p.Problems)}
	for _, u := range p.Units {
		out.Units = append(out.Units, previewUnit{u.Name, u.Components, u.Endpoints})
	}
	var entries []previewEntry
	var calls []previewCall
	for _, e := range p.Entries {
		entries = append(entries, previewEntry{e.Name, e.Kind, e.Pos, e.Unit, e.Crossings, e.PerItem, e.Recursive, len(e.Calls), e.Loops, e.Followed})
		if len(e.Calls) > 0 {
			out.Counts.Crossing++
		}
		for _, call := range e.Calls {
			calls = append(calls, previewCall{e.Name, call})
		}
	}
	for _, h := range p.Hazards {
		out.Counts.Hazards.add(h.Severity)
	}
	out.Counts.Entries, out.Counts.Calls, out.Counts.Mended = len(entries), len(calls), p.ByExtract
	out.Counts.Local, out.Counts.Unknown, out.Counts.Down = len(p.Local), len(p.Unknown), len(p.Down)
	var err error
	switch in.Part {
	case "", "entries":
		out.Part = "entries"
		out.Items, out.Next, err = cut(in.paged, entries)
	case "calls":
		out.Items, out.Next, err = cut(in.paged, calls)
	case "hazards":
		out.Items, out.Next, err = cut(in.paged, hazardsOf(p.Hazards))
	case "down":
		out.Items, out.Next, err = cut(in.paged, p.Down)
	case "local":
		out.Items, out.Next, err = cut(in.paged, p.Local)
	case "unknown":
		out.Items, out.Next, err = cut(in.paged, p.Unknown)
	default:
		err = noPart(in.Part, "entries, calls, hazards, down, local, unknown")
	}
	return out, err
}
