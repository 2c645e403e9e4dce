package split

import (
	"cmp"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// manyCalls is where counting ends.
const manyCalls = 1 << 20

// A previewer walks the call graph; what it knows of is a function in a unit.
type previewer struct {
	plan      *Plan
	facts     PreviewFacts
	endpoints map[int]int // function -> index of the endpoint that it is called by
	costs     map[state]*cost
	steps     map[state][]step
	reaches   []*reach // of the entries shown
}

type state struct {
	function int
	unit     string
}

// cost is what a function costs, once and per item of a loop. It is open while
// it is being worked out.
type cost struct {
	once, item Cost
	recursive  bool
	unknown    bool // a call can't be followed
	open       bool
}

// A step is a call that a function makes in a unit.
type step struct {
	branches []branch
	crosses  bool // some way leads out of the unit, there or further on
}

func (c Cost) plus(d Cost) Cost {
	return Cost{min(c.Calls+d.Calls, manyCalls), min(c.Bytes+d.Bytes, manyCalls)}
}

// A branch is one of the ways that a call may go.
type branch struct {
	crossing string // endpoint, or empty: the call stays in its unit
	bytes    int
	unit     string
	bodies   []int
}

// branches says where a call goes that f makes in unit.
func (v *previewer) branches(f *component.Function, c *component.Call, unit string) []branch {
	var out []branch
	seen := map[int]bool{}
	for _, to := range c.To {
		i, ok := v.endpoints[to]
		if !ok || !v.switchable(f, c, i) {
			out = append(out, branch{unit: unit, bodies: []int{to}})
			continue
		}
		if seen[i] {
			continue
		}
		seen[i] = true
		e := &v.facts.Endpoints[i]
		b := branch{unit: v.host(e, unit), bodies: e.Bodies}
		if b.unit != unit {
			b.crossing = e.Component + "." + e.Name
			b.bytes = v.facts.Graph.Functions[to].Bytes
		}
		out = append(out, b)
	}
	return out
}

// switchable reports whether a call of an endpoint goes through what bind
// generates. Calls within the component don't, but for those that a component of
// functions makes through the package variable in which bind puts the client.
func (v *previewer) switchable(f *component.Function, c *component.Call, endpoint int) bool {
	e := &v.facts.Endpoints[endpoint]
	return (c.Interface || e.Direct) && (v.facts.Homes[f.Package] != e.Component || c.Variable)
}

// host is the unit in which a call of e that is made in unit is carried out.
func (v *previewer) host(e *EndpointFunctions, unit string) string {
	if e.Local != "" {
		return unit
	}
	name := e.Component + "." + e.Name
	if u := v.plan.Unit(unit); u != nil && slices.Contains(u.Endpoints, name) {
		return unit
	}
	for _, l := range v.plan.Links {
		if l.Component == e.Component && l.Endpoint == e.Name {
			return l.Unit
		}
	}
	if c := v.plan.Component(e.Component); c != nil {
		return c.Unit
	}
	return unit
}

// cost works out what s costs. A recursion is followed once.
func (v *previewer) cost(s state) *cost {
	if c, ok := v.costs[s]; ok {
		if c.open {
			return &cost{recursive: true}
		}
		return c
	}
	total := &cost{open: true}
	v.costs[s] = total
	f := &v.facts.Graph.Functions[s.function]
	for i := range f.Calls {
		c := v.worst(v.branches(f, &f.Calls[i], s.unit))
		total.recursive = total.recursive || c.recursive
		total.unknown = total.unknown || c.unknown || f.Calls[i].Unknown != ""
		total.item = total.item.plus(c.item)
		if f.Calls[i].Loop {
			total.item = total.item.plus(c.once)
		} else {
			total.once = total.once.plus(c.once)
		}
	}
	total.open = false
	return total
}

// worst is the cost of the most expensive of the ways that a call may go.
func (v *previewer) worst(branches []branch) cost {
	var worst cost
	for _, b := range branches {
		here := Cost{}
		if b.crossing != "" {
			here = Cost{1, b.bytes}
		}
		c := cost{once: here}
		for _, body := range b.bodies {
			d := v.cost(state{body, b.unit})
			worst.recursive = worst.recursive || d.recursive
			worst.unknown = worst.unknown || d.unknown
			if d.once.Calls+d.item.Calls >= c.once.Calls-here.Calls+c.item.Calls {
				c = cost{once: d.once.plus(here), item: d.item}
			}
		}
		if cmp.Or(cmp.Compare(c.item.Calls, worst.item.Calls), cmp.Compare(c.once.Calls, worst.once.Calls)) > 0 {
			worst.once, worst.item = c.once, c.item
		}
	}
	return worst
}

// A reach is an entry with what it comes to.
type reach struct {
	entry   PreviewEntry
	units   map[string]bool
	loops   []text.Span
	unknown map[text.Span]string
}

func (v *previewer) entry(e *component.Entry) *reach {
	r := &reach{units: map[string]bool{}, unknown: map[text.Span]string{}}
	r.entry = PreviewEntry{Name: e.Name, Kind: e.Kind, Pos: e.Span.String(), Unit: v.plan.Entry, Followed: len(e.Functions) > 0, Calls: []Crossing{}, Loops: []string{}}
	seen := map[state]bool{}
	for i, fn := range e.Functions {
		unit := v.start(e.Kind, fn)
		if i == 0 {
			r.entry.Unit = unit
		}
		r.units[unit] = true
		c := v.cost(state{fn, unit})
		r.entry.Crossings = r.entry.Crossings.plus(c.once)
		r.entry.PerItem = r.entry.PerItem.plus(c.item)
		r.entry.Recursive = r.entry.Recursive || c.recursive && c.once.Calls+c.item.Calls > 0
		if e.Kind != component.EntryRoot || c.once.Calls+c.item.Calls > 0 { // a root that nothing crosses from isn't shown
			v.walk(r, state{fn, unit}, seen)
		}
	}
	slices.SortFunc(r.entry.Calls, func(a, b Crossing) int {
		return cmp.Or(a.span.Compare(b.span), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	r.entry.Calls = slices.Compact(r.entry.Calls)
	slices.SortFunc(r.loops, text.Span.Compare)
	for _, span := range slices.Compact(r.loops) {
		r.entry.Loops = append(r.entry.Loops, span.String())
	}
	return r
}

// start is the unit in which an entry runs: that of the component whose code it
// is.
func (v *previewer) start(kind component.EntryKind, function int) string {
	if kind != component.EntryMain {
		if c := v.plan.Component(v.facts.Homes[v.facts.Graph.Functions[function].Package]); c != nil {
			return c.Unit
		}
	}
	return v.plan.Entry
}

// walk collects what can be reached from s. Where nothing crosses further on, and every
// call can be followed, there is nothing to collect.
func (v *previewer) walk(r *reach, s state, seen map[state]bool) {
	if c := v.costs[s]; seen[s] || c != nil && !c.recursive && !c.unknown && c.once.Calls+c.item.Calls == 0 {
		return
	}
	seen[s] = true
	f := &v.facts.Graph.Functions[s.function]
	for i, st := range v.stepsOf(s) {
		c := &f.Calls[i]
		if c.Unknown != "" {
			r.unknown[c.Span] = c.Unknown
		}
		if c.Loop && st.crosses {
			r.loops = append(r.loops, c.Span)
		}
		for _, b := range st.branches {
			if b.crossing != "" {
				r.units[b.unit] = true
				r.entry.Calls = append(r.entry.Calls, Crossing{b.crossing, s.unit, b.unit, c.Span.String(), c.Span})
			}
			for _, body := range b.bodies {
				v.walk(r, state{body, b.unit}, seen)
			}
		}
	}
}

// stepsOf returns the calls of a function, in order. They are worked out once for all
// entries, when the costs of all that is reached are known.
func (v *previewer) stepsOf(s state) []step {
	steps, ok := v.steps[s]
	if !ok {
		f := &v.facts.Graph.Functions[s.function]
		steps = make([]step, len(f.Calls))
		for i := range f.Calls {
			branches := v.branches(f, &f.Calls[i], s.unit)
			steps[i] = step{branches, v.worst(branches).once.Calls > 0}
		}
		v.steps[s] = steps
	}
	return steps
}

// outages says for each unit but the entry unit what fails without it.
func (v *previewer) outages() []Outage {
	out := []Outage{}
	for _, u := range v.plan.Units {
		if u.Name == v.plan.Entry {
			continue
		}
		o := Outage{Unit: u.Name, Fails: []string{}, Stays: []string{}}
		for _, r := range v.reaches {
			switch {
			case r.units[u.Name]:
				o.Fails = append(o.Fails, r.entry.Name)
			case r.entry.Followed:
				o.Stays = append(o.Stays, r.entry.Name)
			}
		}
		out = append(out, o)
	}
	return out
}

func sortedSpans(m map[text.Span]string) []text.Span {
	return slices.SortedFunc(maps.Keys(m), func(a, b text.Span) int { return a.Compare(b) })
}
