package process

import (
	"context"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/split"
)

// local is the address of a component in the unit that hosts it.
func (s *supervisor) local() string {
	if scheme := s.opts.Schemes.InProcess(); scheme != nil {
		return scheme.Name + ":"
	}
	return ""
}

// A route says where one unit's calls of some endpoints go.
type route struct {
	endpoints []string // empty: all
	address   string
}

// initialRoutes are the routes that a unit's environment alone gives it.
func (s *supervisor) initialRoutes(plan *split.Plan, unit, component string) []route {
	address := addressFor(plan, unit, component)
	if u := plan.Unit(unit); u != nil && slices.Contains(hostedBy(u), component) {
		address = s.local()
	}
	return []route{{address: address}}
}

// wantedRoutes are the routes of a component in a unit under the plan: most go where
// the component lives, single endpoints where the plan serves them apart.
func (s *supervisor) wantedRoutes(plan *split.Plan, unit, component string) []route {
	main := route{}
	var apart []route
	for _, l := range plan.Links {
		if l.Component != component {
			continue
		}
		address := l.Address
		if l.Unit == unit {
			address = s.local()
		}
		if l.Endpoint == "" {
			main.address = address
		} else {
			apart = append(apart, route{endpoints: []string{l.Endpoint}, address: address})
		}
	}
	apart = slices.DeleteFunc(apart, func(r route) bool { return r.address == main.address })
	if len(apart) == 0 {
		return []route{main}
	}
	c := plan.Component(component)
	if c == nil {
		return []route{main}
	}
	for _, e := range c.Endpoints {
		if !slices.ContainsFunc(apart, func(r route) bool { return r.endpoints[0] == e.Name }) {
			main.endpoints = append(main.endpoints, e.Name)
		}
	}
	if len(main.endpoints) > 0 {
		apart = append(apart, main)
	}
	return apart
}

// signature tells whether two sets of routes are the same.
func signature(rs []route) string {
	var parts []string
	for _, r := range rs {
		parts = append(parts, strings.Join(r.endpoints, ",")+"="+r.address)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// direct gives a unit the routes of a component that the plan wants, where it
// doesn't have them.
func (s *supervisor) direct(ctx context.Context, u *unit, component string) error {
	plan, id := s.planFor(u)
	if plan.Component(component) == nil || linkOf(plan, component) == nil {
		return nil
	}
	rs := s.wantedRoutes(plan, id, component)
	u.mu.Lock()
	k, settled := u.conn, u.routed[component] == signature(rs) || u.leaving
	u.mu.Unlock()
	if settled {
		return nil
	}
	for _, r := range rs {
		if err := u.command(ctx, Message{Type: "route", Component: component, Endpoints: r.endpoints, Address: r.address}); err != nil {
			return err
		}
	}
	u.change(func() {
		if u.conn == k {
			u.routed[component] = signature(rs)
		}
	})
	return nil
}

// linkOf is the link of the component itself, or nil where it has none because
// nothing may call it from outside.
func linkOf(plan *split.Plan, component string) *split.Link {
	return linkIn(plan, split.Link{Component: component})
}
