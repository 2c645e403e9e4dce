package split

import (
	"reflect"
	"testing"
)

func TestMoved(t *testing.T) {
	unit := func(components, endpoints []string) Unit { return Unit{Components: components, Endpoints: endpoints} }
	all := []string{"*"}
	begin := Split{Units: map[string]Unit{"main": unit(all, nil), "far": {Components: []string{"b", "c"}, Image: "kept"}}}
	for _, test := range []struct {
		name      string
		got, want map[string]Unit
	}{
		{"into a unit of its own", begin.WithComponent("a", "a").Units, map[string]Unit{"main": begin.Units["main"], "far": begin.Units["far"], "a": unit([]string{"a"}, nil)}},
		{"beside others", begin.WithComponent("a", "far").Units, map[string]Unit{"main": begin.Units["main"], "far": {Components: []string{"a", "b", "c"}, Image: "kept"}}},
		{"where it is", begin.WithComponent("b", "far").Units, begin.Units},
		{"to the rest", begin.WithComponent("b", "main").WithComponent("c", "main").Units, map[string]Unit{"main": begin.Units["main"]}},
		{"an endpoint apart", begin.WithEndpoint("b.Show", "edge", "far").Units, map[string]Unit{"main": begin.Units["main"], "far": begin.Units["far"], "edge": unit(nil, []string{"b.Show"})}},
		{"and back", begin.WithEndpoint("b.Show", "edge", "far").WithEndpoint("b.Show", "far", "far").Units, begin.Units},
		{"and on", begin.WithEndpoint("b.Show", "edge", "far").WithEndpoint("b.Show", "main", "far").Units, map[string]Unit{"main": unit(all, []string{"b.Show"}), "far": begin.Units["far"]}},
		{"a component to its endpoint", begin.WithEndpoint("b.Show", "edge", "far").WithComponent("b", "edge").Units,
			map[string]Unit{"main": begin.Units["main"], "far": {Components: []string{"c"}, Image: "kept"}, "edge": unit([]string{"b"}, nil)}},
		{"without", begin.WithEndpoint("b.Show", "edge", "far").Without(func(name string) bool { return name == "b.Show" || name == "c" }).Units,
			map[string]Unit{"main": begin.Units["main"], "far": {Components: []string{"b"}, Image: "kept"}}},
	} {
		if len(test.got) != len(test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, test.got, test.want)
			continue
		}
		for name, want := range test.want {
			got := test.got[name]
			if len(got.Endpoints) == 0 {
				got.Endpoints = nil
			}
			if len(got.Components) == 0 {
				got.Components = nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is %+v, want %+v", test.name, name, got, want)
			}
		}
	}
	if want := unit([]string{"b", "c"}, nil).Components; !reflect.DeepEqual(begin.Units["far"].Components, want) || len(begin.Units) != 2 {
		t.Errorf("the split that was moved in has changed: %+v", begin)
	}
}
