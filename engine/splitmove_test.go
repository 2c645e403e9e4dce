package engine

import (
	"errors"
	"reflect"
	"testing"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// TestRunningSplit: what runs is taken from the status, with what that doesn't tell from
// the split that was started.
func TestRunningSplit(t *testing.T) {
	status := &SplitStatus{Split: "two*", Units: []deploy.UnitStatus{
		{Name: "edge", Components: []string{"tax"}, Stats: []deploy.EndpointStats{{Component: "tax", Endpoint: "Rate"}}},
		{Name: "far", Components: []string{"pricing", "tax"}},
		{Name: "main", Entry: true, Components: []string{"orders"}},
	}, Links: []split.Link{{Component: "orders", Unit: "main"}, {Component: "pricing", Unit: "far"}, {Component: "tax", Unit: "far"}, {Component: "tax", Endpoint: "Rate", Unit: "edge"}}}
	started := split.Split{Units: map[string]split.Unit{"far": {Components: []string{"tax"}, Image: "kept"}, "gone": {Components: []string{"orders"}}}, Links: map[string]string{"tax": "unix"}}
	now := runningSplit(started, status)
	want := split.Split{Links: started.Links, Units: map[string]split.Unit{
		"edge": {Endpoints: []string{"tax.Rate"}}, "far": {Components: []string{"pricing", "tax"}, Image: "kept"}, "main": {Components: []string{"*"}}}}
	if !reflect.DeepEqual(now, want) {
		t.Errorf("what runs is %+v, want %+v", now, want)
	}
	back, err := movedIn(now, status, SplitMove{"tax.Rate", "far"})
	if _, edge := back.Units["edge"]; err != nil || edge {
		t.Errorf("the endpoint that is back has left %+v, %v", back, err)
	}
	if next, err := movedIn(now, status, SplitMove{"pricing", "new"}); err != nil || !reflect.DeepEqual(next.Units["new"].Components, []string{"pricing"}) {
		t.Errorf("in a new unit: %+v, %v", next, err)
	}
	for _, name := range []string{"nothing", "tax.Nothing"} {
		var usage *component.UsageError
		if _, err := movedIn(now, status, SplitMove{name, "far"}); !errors.As(err, &usage) {
			t.Errorf("%s moves: %v", name, err)
		}
	}
}

// TestSamePlaces: what is in which unit counts, and neither its order nor what the units do.
func TestSamePlaces(t *testing.T) {
	status := func(far []string, links ...split.Link) *SplitStatus {
		return &SplitStatus{Units: []deploy.UnitStatus{{Name: "far", Components: far}, {Name: "main", Entry: true, Components: []string{"orders"}, Ready: len(links) > 2}}, Links: links}
	}
	pricing, tax := split.Link{Component: "pricing", Unit: "far"}, split.Link{Component: "tax", Unit: "far"}
	apart := split.Link{Component: "tax", Endpoint: "Rate", Unit: "main"}
	both := status([]string{"pricing", "tax"}, pricing, tax)
	for _, test := range []struct {
		what  string
		other *SplitStatus
		same  bool
	}{
		{"another order", status([]string{"tax", "pricing"}, tax, pricing), true},
		{"a component elsewhere", status([]string{"pricing"}, pricing, split.Link{Component: "tax", Unit: "main"}), false},
		{"an endpoint elsewhere", status([]string{"pricing", "tax"}, pricing, tax, apart), false},
		{"another unit", &SplitStatus{Units: append([]deploy.UnitStatus{{Name: "new"}}, both.Units...), Links: both.Links}, false},
	} {
		if samePlaces(both, test.other) != test.same || samePlaces(test.other, both) != test.same {
			t.Errorf("%s: the same is %t", test.what, !test.same)
		}
	}
}
