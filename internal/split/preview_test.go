package split

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// program makes a call graph of lines "caller: callee, loop callee, ...". A
// function is package.Name; * before a callee means through an interface.
func program(lines ...string) *component.CallGraph {
	g := &component.CallGraph{}
	index := map[string]int{}
	fn := func(id string) int {
		if i, ok := index[id]; ok {
			return i
		}
		pkg, _, _ := strings.Cut(id, ".")
		index[id] = len(g.Functions)
		g.Functions = append(g.Functions, component.Function{ID: id, Package: pkg, Bytes: 10})
		return index[id]
	}
	for n, line := range lines {
		caller, callees, _ := strings.Cut(line, ": ")
		kind, id, isEntry := strings.Cut(caller, " ")
		if !isEntry {
			id = caller
		}
		f := fn(id)
		if isEntry {
			g.Entries = append(g.Entries, component.Entry{Kind: component.EntryKind(kind), Name: id, Functions: []int{f}})
		}
		for i, callee := range strings.Split(callees, ", ") {
			c := component.Call{Span: text.Span{File: "f.go", Line: n + 1, Col: i + 1}}
			callee, c.Loop = strings.CutPrefix(callee, "loop ")
			callee, c.Interface = strings.CutPrefix(callee, "*")
			if callee == "?" {
				c.Unknown = "a function value"
			} else if callee != "" {
				for _, one := range strings.Split(callee, "|") {
					c.To = append(c.To, fn(one))
				}
			}
			if callee != "" {
				g.Functions[f].Calls = append(g.Functions[f].Calls, c)
			}
		}
	}
	return g
}

// endpoints are of component c the functions c.A, c.B ...
func endpoints(g *component.CallGraph, c string, names ...string) []EndpointFunctions {
	var list []EndpointFunctions
	for _, n := range names {
		i := slices.IndexFunc(g.Functions, func(f component.Function) bool { return f.ID == c+"."+n })
		list = append(list, EndpointFunctions{Component: c, Name: n, Called: []int{i}, Bodies: []int{i}})
	}
	return list
}

// apart plans each component in a unit of its own, beside main.
func apart(components ...string) *Plan {
	p := &Plan{Split: "s", Entry: "main", Units: []PlanUnit{{Name: "main"}}}
	for _, c := range components {
		p.Units = append(p.Units, PlanUnit{Name: c + "-unit", Components: []string{c}})
		p.Components = append(p.Components, PlanComponent{Name: c, Unit: c + "-unit"})
	}
	return p
}

func summary(p *Preview) string {
	var b strings.Builder
	for _, e := range p.Entries {
		fmt.Fprintf(&b, "%s in %s: %d + %d/item", e.Name, e.Unit, e.Crossings.Calls, e.PerItem.Calls)
		if e.Recursive {
			b.WriteString(" recursive")
		}
		for _, c := range e.Calls {
			fmt.Fprintf(&b, "; %s %s->%s", c.Endpoint, c.From, c.To)
		}
		fmt.Fprintf(&b, "; loops %d\n", len(e.Loops))
	}
	for _, d := range p.Down {
		fmt.Fprintf(&b, "%s down: fails %s; stays %s\n", d.Unit, d.Fails, d.Stays)
	}
	return b.String()
}

func TestPreview(t *testing.T) {
	homes := map[string]string{"a": "a", "b": "b"}
	for _, tt := range []struct {
		name  string
		lines []string
		names []string // endpoints of a
		more  []string // of b
		want  string
	}{
		{"a call crosses, a direct one and one within the component do not",
			[]string{"route web.H: *a.Get, a.Get, web.f", "web.f: ", "a.Get: *a.Get2", "a.Get2: "}, []string{"Get", "Get2"}, nil,
			"web.H in main: 1 + 0/item; a.Get main->a-unit; loops 0\n" +
				"a-unit down: fails [web.H]; stays []\nb-unit down: fails []; stays [web.H]\n"},
		{"a loop multiplies what is behind it",
			[]string{"route web.H: loop web.f, *a.Get", "web.f: *a.Get, loop *a.Get", "a.Get: "}, []string{"Get"}, nil,
			"web.H in main: 1 + 2/item; a.Get main->a-unit; a.Get main->a-unit; a.Get main->a-unit; loops 2\n" +
				"a-unit down: fails [web.H]; stays []\nb-unit down: fails []; stays [web.H]\n"},
		{"work goes on in the unit that was called",
			[]string{"route web.H: *a.Get", "a.Get: *b.Do", "b.Do: "}, []string{"Get"}, []string{"Do"},
			"web.H in main: 2 + 0/item; a.Get main->a-unit; b.Do a-unit->b-unit; loops 0\n" +
				"a-unit down: fails [web.H]; stays []\nb-unit down: fails [web.H]; stays []\n"},
		{"of several targets the most expensive counts",
			[]string{"route web.H: *web.f|web.g", "web.f: *a.Get", "web.g: *a.Get, *a.Get", "a.Get: "}, []string{"Get"}, nil,
			"web.H in main: 2 + 0/item; a.Get main->a-unit; a.Get main->a-unit; a.Get main->a-unit; loops 0\n" +
				"a-unit down: fails [web.H]; stays []\nb-unit down: fails []; stays [web.H]\n"},
		{"a recursion ends",
			[]string{"route web.H: web.f", "web.f: web.f, *a.Get", "a.Get: "}, []string{"Get"}, nil,
			"web.H in main: 1 + 0/item recursive; a.Get main->a-unit; loops 0\n" +
				"a-unit down: fails [web.H]; stays []\nb-unit down: fails []; stays [web.H]\n"},
		{"a handler of a component runs where the component does",
			[]string{"route a.H: *b.Do, *a.Get", "a.Get: ", "b.Do: "}, []string{"Get"}, []string{"Do"},
			"a.H in a-unit: 1 + 0/item; b.Do a-unit->b-unit; loops 0\n" +
				"a-unit down: fails [a.H]; stays []\nb-unit down: fails [a.H]; stays []\n"},
		{"roots that nothing crosses from are left out",
			[]string{"root web.dead: web.f", "root web.job: *a.Get", "web.f: ", "a.Get: "}, []string{"Get"}, nil,
			"web.job in main: 1 + 0/item; a.Get main->a-unit; loops 0\n" +
				"a-unit down: fails [web.job]; stays []\nb-unit down: fails []; stays [web.job]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := program(tt.lines...)
			facts := PreviewFacts{Graph: g, Homes: homes, Endpoints: append(endpoints(g, "a", tt.names...), endpoints(g, "b", tt.more...)...)}
			if got := summary(NewPreview(apart("a", "b"), facts)); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestPreviewLocalAndCopied(t *testing.T) {
	g := program("route web.H: *a.Watch, *a.Get, ?", "a.Watch: ", "a.Get: ")
	facts := PreviewFacts{Graph: g, Homes: map[string]string{"a": "a"}, Endpoints: endpoints(g, "a", "Watch", "Get")}
	facts.Endpoints[0].Local = "a channel"
	p := NewPreview(apart("a"), facts)
	if e := p.Entries[0]; e.Crossings != (Cost{1, 10}) {
		t.Errorf("an endpoint that can't cross was counted: %+v", e)
	}
	if len(p.Local) != 1 || p.Local[0] != (LocalEndpoint{"a.Watch", "a channel"}) {
		t.Errorf("local: %+v", p.Local)
	}
	if len(p.Unknown) != 1 || p.Unknown[0].Reason != "a function value" {
		t.Errorf("unknown: %+v", p.Unknown)
	}
	plan := apart("a")
	plan.Units[0].Endpoints = []string{"a.Get"} // also served in main
	if e := NewPreview(plan, facts).Entries[0]; e.Crossings.Calls != 0 {
		t.Errorf("an endpoint that the caller's unit serves crosses: %+v", e)
	}
}
