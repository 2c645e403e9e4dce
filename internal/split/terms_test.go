package split

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// terms are made up: near reaches another process, far another machine, broker
// as well but finds no address by itself.
var terms = Terms{Stores: []Store{{Name: "commandlog"}},
	Schemes: Schemes{
		{Name: "broker", Binding: "broker", CrossesUnits: true, CrossesHosts: true},
		{Name: "far", Binding: "far", CrossesUnits: true, CrossesHosts: true, Open: noAllocator},
		{Name: "here", Binding: "here"},
		{Name: "near", Binding: "near", CrossesUnits: true, Open: noAllocator},
	},
	Targets: []Capabilities{
		{Target: "cluster", Packaging: []string{"oci"}, Runtime: []string{"cluster"}, Isolation: []string{"container"}, AcrossHosts: true, Replicas: true, ScaleOn: []string{"cpu"}},
		{Target: "local", Packaging: []string{"binary"}, Runtime: []string{"local"}, Isolation: []string{"process"}},
	},
}

func noAllocator(Opening) (Allocator, error) { return nil, nil }

func lines(ps []Problem) string {
	var all []string
	for _, p := range ps {
		line := fmt.Sprintf("%s: %s", p.Severity, p.Message)
		if p.Span.File != "" {
			line = fmt.Sprintf("%s: %s", p.Span, line)
		}
		if p.Hint != "" {
			line += " (" + p.Hint + ")"
		}
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

// Words that nothing implements are refused where they stand.
func TestCheckTerms(t *testing.T) {
	cfg, ps := Parse(FileName, []byte(`version: 1
splits:
  s:
    units:
      a: {components: [a], packaging: ocy}
      b: {components: [b], packaging: binary, runtime: lambda, isolation: container}
      c: {components: ["*"], isolation: sandbox}
    links: {a: "fra://x:1", b: "far://x:1", c: smoke}
`))
	if len(ps) > 0 {
		t.Fatal(lines(ps))
	}
	want := `unweld.yaml:5:39: error: packaging "ocy": no target takes it (did you mean "oci"?)
unweld.yaml:6:56: error: runtime "lambda": no target takes it (target cluster takes cluster; target local takes local)
unweld.yaml:7:41: error: isolation "sandbox": no target takes it (target cluster takes container; target local takes process)
unweld.yaml:8:16: error: link address "fra://x:1" has an unknown scheme (did you mean "far"?)`
	if got := lines(cfg.CheckTerms(terms)); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What a target can't take is refused with its name and what it takes.
func TestCapabilities(t *testing.T) {
	unit := func(u PlanUnit) *Plan {
		u.Name = "u"
		return &Plan{Split: "s", Entry: "u", Units: []PlanUnit{u}}
	}
	link := func(address string) *Plan {
		return &Plan{Split: "s", Entry: "u", Units: []PlanUnit{{Name: "u"}}, Links: []Link{{Component: "a", Unit: "u", Address: address}}}
	}
	for _, tt := range []struct {
		name           string
		plan           *Plan
		cluster, local string
	}{
		{"nothing said", unit(PlanUnit{}), "", ""},
		{"packaging", unit(PlanUnit{Packaging: "oci"}), "", "error: unit u: target local can't take packaging oci (it takes binary)"},
		{"runtime", unit(PlanUnit{Runtime: "local"}), "error: unit u: target cluster can't take runtime local (it takes cluster)", ""},
		{"isolation", unit(PlanUnit{Isolation: "container"}), "", "error: unit u: target local can't take isolation container (it takes process)"},
		{"replicas", unit(PlanUnit{Scale: Scale{Min: 2}}), "", "error: unit u: target local runs one process of a unit, not 2"},
		{"may scale", unit(PlanUnit{Scale: Scale{Min: 1, Max: 5}}), "", "warning: unit u: target local runs one process of a unit, although it may scale to 5"},
		{"one", unit(PlanUnit{Scale: Scale{Min: 1, Max: 1}}), "", ""},
		{"measure", unit(PlanUnit{Scale: Scale{Max: 5, Target: map[string]int{"cpu": 80, "moon": 1}}}), "error: unit u: target cluster can't scale on moon (it scales on cpu)",
			"warning: unit u: target local runs one process of a unit, although it may scale to 5"},
		{"near link", link("near:"), "error: a: target cluster runs units on different machines, where near doesn't reach", ""},
		{"far link", link("far://h:1"), "", ""},
		{"local link", link("here:"), "", ""},
		{"unknown link", link("smoke:"), "error: a: no binding links by smoke", "error: a: no binding links by smoke"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, want := range []string{tt.cluster, tt.local} {
				ps := terms.Targets[i].Check(tt.plan, terms.Schemes)
				for j := range ps {
					ps[j].Hint = ""
				}
				if got := lines(ps); got != want {
					t.Errorf("%s: got:\n%s\nwant:\n%s", terms.Targets[i].Target, got, want)
				}
			}
		})
	}
}

// A link that the configuration doesn't mention reaches as far as it must.
func TestLinkSchemes(t *testing.T) {
	bound := func(bindings ...string) []Bound { return []Bound{{Name: "a", Bindings: bindings}} }
	for _, tt := range []struct {
		name        string
		bound       []Bound
		link        string
		acrossHosts bool
		want        string
	}{
		{"near is enough", bound("far", "here", "near"), "", false, "near:"},
		{"far is needed", bound("far", "here", "near"), "", true, "far:"},
		{"only far", bound("far"), "", false, "far:"},
		{"only near, too near", bound("near"), "", true, "near:"},
		{"only a broker", bound("broker"), "", false, "broker:"},
		{"binding", bound("far", "near"), "far", false, "far:"},
		{"address", bound("far", "near"), "far://h:1", false, "far://h:1"},
		{"missing", bound("near"), "far", false, "a has no far binding (it has: near) (unweld bind a --to near,far --write)"},
		{"missing address", bound("near"), "far://h:1", false, "a has no far binding (it has: near) (unweld bind a --to near,far --write)"},
		{"slip", bound("near"), "nera", false, `a is linked by "nera", which is no binding (did you mean "near"?)`},
		{"in the process", bound("near"), "here", false, "a is linked here, but runs in unit u, apart from the entry unit (link it by one of: near)"},
		{"none", bound("here"), "", false, "a has no remote binding (it has: here) (unweld bind a --to here,near --write)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Split{Units: map[string]Unit{"u": {Components: []string{"a"}}, "main": {Components: []string{"*"}}}}
			if tt.link != "" {
				s.Links = map[string]string{"a": tt.link}
			}
			plan, err := New(&Config{Splits: map[string]Split{"s": s}}, "s", Facts{Bound: tt.bound, Schemes: terms.Schemes, AcrossHosts: tt.acrossHosts})
			var got string
			if u, ok := errors.AsType[*component.UsageError](err); ok {
				got = fmt.Sprintf("%s (%s)", u.Reason, u.Hint)
			} else if err == nil {
				got = plan.Links[0].Address
			}
			if got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	if got := terms.Schemes.Bindings(); !slices.Equal(got, []string{"broker", "far", "here", "near"}) {
		t.Errorf("bindings: %v", got)
	}
}
