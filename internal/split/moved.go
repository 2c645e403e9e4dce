package split

import (
	"maps"
	"slices"
	"strings"
)

// WithComponent returns the split with a component in a unit, which is made if there is
// none of that name. A unit that is left without anything goes away, but for the one that
// has the rest. Endpoints of the component that the unit served apart are served there
// with it.
func (s Split) WithComponent(name, unit string) Split {
	moved := s.without(func(u *Unit, at string) {
		u.Components = slices.DeleteFunc(u.Components, func(c string) bool { return c == name && at != unit })
		u.Endpoints = slices.DeleteFunc(u.Endpoints, func(e string) bool { return at == unit && strings.HasPrefix(e, name+".") })
	}, unit)
	u := moved.Units[unit]
	if !slices.Contains(u.Components, "*") && !slices.Contains(u.Components, name) {
		u.Components = append(u.Components, name)
		slices.Sort(u.Components)
	}
	moved.Units[unit] = u
	return moved
}

// WithEndpoint returns the split with an endpoint, such as pricing.Quote, served apart in a
// unit; with its component if home is that unit.
func (s Split) WithEndpoint(endpoint, unit, home string) Split {
	moved := s.without(func(u *Unit, at string) {
		u.Endpoints = slices.DeleteFunc(u.Endpoints, func(e string) bool { return e == endpoint && (at != unit || at == home) })
	}, unit)
	u := moved.Units[unit]
	if unit != home && !slices.Contains(u.Endpoints, endpoint) {
		u.Endpoints = append(u.Endpoints, endpoint)
		slices.Sort(u.Endpoints)
	}
	moved.Units[unit] = u
	return moved
}

// Without returns the split without the components and endpoints that are gone.
func (s Split) Without(gone func(name string) bool) Split {
	return s.without(func(u *Unit, _ string) {
		u.Components = slices.DeleteFunc(u.Components, gone)
		u.Endpoints = slices.DeleteFunc(u.Endpoints, gone)
	}, "")
}

// without returns a copy from whose units something was taken. A unit that it leaves
// empty is gone, unless it is kept.
func (s Split) without(take func(u *Unit, name string), kept string) Split {
	out := Split{Units: maps.Clone(s.Units), Links: s.Links}
	for name, u := range s.Units {
		had := len(u.Components) + len(u.Endpoints)
		u.Components, u.Endpoints = slices.Clone(u.Components), slices.Clone(u.Endpoints)
		take(&u, name)
		out.Units[name] = u
		if left := len(u.Components) + len(u.Endpoints); left == 0 && had > 0 && name != kept {
			delete(out.Units, name)
		}
	}
	if out.Units == nil {
		out.Units = map[string]Unit{}
	}
	return out
}
