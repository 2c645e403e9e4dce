package process

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/split"
)

// inproc is the address of a component in the unit that hosts it.
const inproc = "inproc:"

// A route says where one unit's calls of some endpoints go.
type route struct {
	endpoints []string // empty: all
	address   string
}

// begun are the routes that a unit's environment alone gives it.
func begun(plan *split.Plan, unit, component string) []route {
	address := addressFor(plan, unit, component)
	if u := plan.Unit(unit); u != nil && slices.Contains(hostedBy(u), component) {
		address = inproc
	}
	return []route{{address: address}}
}

// wanted are the routes of a component in a unit under the plan: most go where
// the component lives, single endpoints where the plan serves them apart.
func wanted(plan *split.Plan, unit, component string) []route {
	main := route{}
	var apart []route
	for _, l := range plan.Links {
		if l.Component != component {
			continue
		}
		address := l.Address
		if l.Unit == unit {
			address = inproc
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
	main.endpoints = slices.DeleteFunc(slices.Clone(c.Endpoints), func(e string) bool {
		return slices.ContainsFunc(apart, func(r route) bool { return r.endpoints[0] == e })
	})
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

// direct gives a unit the routes of a component that the plan wants.
func (s *supervisor) direct(ctx context.Context, u *unit, component string) error {
	plan, id := s.planFor(u)
	rs := wanted(plan, id, component)
	_, k, _ := u.state()
	if k == nil {
		return errUnitGone
	}
	for _, r := range rs {
		if _, err := k.request(ctx, Message{Type: "route", Component: component, Endpoints: r.endpoints, Address: r.address}); err != nil {
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

// settle directs a unit that has just opened a component, where its
// environment doesn't say all: the component has moved since the process
// began, or endpoints are served apart from it.
func (s *supervisor) settle(u *unit, component string) {
	s.moving.Lock()
	defer s.moving.Unlock()
	plan, id := s.planFor(u)
	c := plan.Component(component)
	if c == nil || linkOf(plan, component) == nil {
		return
	}
	u.mu.Lock()
	settled := u.routed[component] == signature(wanted(plan, id, component)) || u.leaving
	u.mu.Unlock()
	if settled {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.direct(ctx, u, component); err != nil && err != errUnitGone {
		s.notify(deploy.Event{Unit: u.name, State: "moving", Message: component + ": " + err.Error()})
	}
}

// linkOf is the link of the component itself, or nil where it has none because
// nothing may call it from outside.
func linkOf(plan *split.Plan, component string) *split.Link {
	return linkIn(plan, split.Link{Component: component})
}
