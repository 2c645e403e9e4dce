package split

import (
	"errors"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestCarry plans a component with an endpoint that needs streams, linked by what
// carries them and by what doesn't.
func TestCarry(t *testing.T) {
	schemes := Schemes{
		{Name: "inproc", Binding: "inproc"},
		{Name: "near", Binding: "near", CrossesUnits: true, Open: func(Opening) (Allocator, error) { return nil, nil }},
		{Name: "rich", Binding: "rich", CrossesUnits: true, Modes: []component.Mode{component.ModeStream}},
	}
	bound := func(touches bool) []Bound {
		return []Bound{{Name: "depot", Bindings: []string{"near", "rich"}, Endpoints: []component.Endpoint{
			{Name: "Size"},
			{Name: "Upload", Needs: []component.Mode{component.ModeStream}, TouchesState: touches},
			{Name: "Here", Local: "because"},
		}}}
	}
	const here = "depot.Here can be called in unit depot only, where depot is hosted: because; move depot to unit main, or change the endpoint\n"
	for _, tt := range []struct {
		name    string
		link    string
		unit    string
		bound   []Bound
		schemes Schemes
		crosses string
		warns   string
		refused string
	}{
		{"carried", "rich", "depot", bound(true), schemes, "Size Upload", strings.TrimSpace(here), ""},
		{"address", "rich:x", "depot", bound(true), schemes, "Size Upload", strings.TrimSpace(here), ""},
		{"stays", "near", "depot", bound(false), schemes, "Size", here + "depot.Upload can be called in unit depot only, where depot is hosted: it needs streams, and binding near carries no streams; link it by one that carries that: rich", ""},
		{"by default", "", "depot", bound(false), schemes, "Size", here + "depot.Upload can be called in unit depot only, where depot is hosted: it needs streams, and binding near carries no streams; link it by one that carries that: rich", ""},
		{"nothing carries", "near", "depot", bound(false), schemes[:2], "Size", here + "depot.Upload can be called in unit depot only, where depot is hosted: it needs streams, and binding near carries no streams; move depot to unit main, or change the endpoint", ""},
		{"state", "near", "depot", bound(true), schemes, "", "", "depot is pinned to the process that calls it (unit main) and can't run in unit depot: Upload can't cross a process and touches the component's state: it needs streams, and binding near carries no streams"},
		{"state at home", "near", "main", bound(true), schemes, "Size", "", ""},
		{"in the process", "inproc", "main", bound(true), schemes, "Size Upload", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Split{Units: map[string]Unit{"main": {Components: []string{"*"}}}}
			if tt.unit != "main" {
				s.Units[tt.unit] = Unit{Components: []string{"depot"}}
			}
			if tt.link != "" {
				s.Links = map[string]string{"depot": tt.link}
			}
			plan, err := New(&Config{Splits: map[string]Split{"s": s}}, "s", Facts{Bound: tt.bound, Schemes: tt.schemes})
			if tt.refused != "" {
				var refusal *component.Refusal
				if !errors.As(err, &refusal) || !strings.Contains(refusal.Problems[0].Message, tt.refused) {
					t.Errorf("got %v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range plan.Component("depot").Endpoints {
				names = append(names, e.Name)
			}
			if got := strings.Join(names, " "); got != tt.crosses {
				t.Errorf("%s cross, want %s", got, tt.crosses)
			}
			var warns []string
			for _, p := range plan.Problems {
				warns = append(warns, p.Message+"; "+p.Hint)
			}
			if got := strings.Join(warns, "\n"); !strings.HasPrefix(got, tt.warns) || (tt.warns == "") != (got == "") {
				t.Errorf("warns %q, want %q", got, tt.warns)
			}
			if tt.bound[0].Endpoints[1].Local != "" || tt.bound[0].Pinned != "" {
				t.Error("the facts were changed")
			}
		})
	}
}
