package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/internal/split"
)

// moved is the plan with one component placed as it is in another one.
func moved(plan, as *split.Plan, component string) *split.Plan {
	p := clonePlan(plan)
	of := func(endpoint string) bool { return strings.HasPrefix(endpoint, component+".") }
	for i := range p.Units {
		u := &p.Units[i]
		u.Components = slices.DeleteFunc(slices.Clone(u.Components), func(c string) bool { return c == component })
		u.Endpoints = slices.DeleteFunc(slices.Clone(u.Endpoints), of)
		to := as.Unit(u.Name)
		if to == nil {
			continue
		}
		if slices.Contains(to.Components, component) {
			u.Components = append(u.Components, component)
			slices.Sort(u.Components)
		}
		for _, e := range to.Endpoints {
			if of(e) {
				u.Endpoints = append(u.Endpoints, e)
			}
		}
	}
	if c := as.Component(component); c != nil {
		*p.Component(component) = *c
	}
	p.Links = slices.DeleteFunc(p.Links, func(l split.Link) bool { return l.Component == component })
	for _, l := range as.Links {
		if l.Component == component {
			p.Links = append(p.Links, l)
		}
	}
	sortLinks(p.Links)
	return p
}

// unhosted is the plan without a host of the component, for the time between
// two hosts: a process that is started meanwhile must not construct it.
func unhosted(plan *split.Plan, component string) *split.Plan {
	p := clonePlan(plan)
	for i := range p.Units {
		u := &p.Units[i]
		u.Components = slices.DeleteFunc(slices.Clone(u.Components), func(c string) bool { return c == component })
		u.Endpoints = slices.DeleteFunc(slices.Clone(u.Endpoints), func(e string) bool { return strings.HasPrefix(e, component+".") })
	}
	return p
}

// A hosting is a unit that serves a component, or single endpoints of it.
type hosting struct {
	unit    string
	address string
}

// hostings lists who serves a component under a plan, its own unit first.
func hostings(plan *split.Plan, component string) []hosting {
	var hs []hosting
	for _, l := range plan.Links {
		if l.Component == component && !slices.ContainsFunc(hs, func(h hosting) bool { return h.unit == l.Unit }) {
			hs = append(hs, hosting{l.Unit, l.Address}) // sorted: the link without an endpoint first
		}
	}
	return hs
}

// A move is one component's way to the place it has in a plan. What is to be
// done follows from what the units' processes may host now, not from where the
// component is said to come from, so a move can be begun again, or in the
// other direction, wherever the one before it stopped.
type move struct {
	*application
	component string
	after     *split.Plan // the present plan with the component in its new place
	want      []hosting
	alone     bool // it has state: there must never be two
}

// place moves one component to where the target has it. When it fails, the
// component counts as between hosts until a later move of it succeeds.
func (a *application) place(ctx context.Context, component string) error {
	before := a.s.currentPlan()
	c := a.target.Component(component)
	m := &move{application: a, component: component, after: moved(before, a.target, component)}
	had, between := hostings(before, component), a.s.isBetweenHosts(component)
	m.want = hostings(m.after, component)
	m.alone = c.OneOwner() && (between || had[0].unit != m.want[0].unit)
	for _, h := range slices.Concat(had, m.want) {
		if u := a.s.unit(h.unit); u != nil {
			u.keepOpen(component)
		}
	}
	a.s.setBetweenHosts(component, true)
	err := m.run(ctx)
	if err == nil {
		a.s.setBetweenHosts(component, false)
	}
	return err
}

func (m *move) run(ctx context.Context) error {
	if m.alone {
		return m.runAlone(ctx)
	}
	return m.runBeside(ctx)
}

// runBeside has the old and the new host serve at the same time: there is no
// state that one of them could miss. Callers are directed before the old host
// gives up, so they wait for nothing.
func (m *move) runBeside(ctx context.Context) error {
	m.s.setPlan(m.after)
	if err := m.hostNew(ctx); err != nil {
		return err
	}
	if err := m.direct(ctx); err != nil {
		return err
	}
	return m.evictOthers(ctx)
}

// runAlone lets the old host give the component up before the new one
// constructs it. In between new calls wait at their callers' gates, and no
// process that is started hosts it.
func (m *move) runAlone(ctx context.Context) error {
	if err := m.gate(ctx); err != nil && !m.force {
		return err
	}
	m.s.setPlan(unhosted(m.after, m.component))
	if err := m.evictOthers(ctx); err != nil {
		return err
	}
	m.s.setPlan(m.after) // from now on a host that dies comes back as one
	if err := m.hostNew(ctx); err != nil {
		return err
	}
	return m.direct(ctx)
}

func (m *move) wants(unit string) bool {
	return slices.ContainsFunc(m.want, func(h hosting) bool { return h.unit == unit })
}

// hostNew lets the units serve the component that are to.
func (m *move) hostNew(ctx context.Context) error {
	for _, h := range m.want {
		u := m.s.unit(h.unit)
		if u == nil {
			return fmt.Errorf("unit %s: %w", displayName(h.unit), errUnitGone)
		}
		ctx, cancel := context.WithTimeout(ctx, m.s.opts.StartTimeout)
		defer cancel()
		if err := m.s.hostIn(ctx, u, m.component, h.address, m.force); err != nil {
			return err
		}
	}
	return nil
}

// evictOthers ends the component in the processes that aren't to host it.
func (m *move) evictOthers(ctx context.Context) error {
	for _, u := range m.s.allUnits() {
		if _, id := m.s.planFor(u); m.wants(id) {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
		defer cancel()
		if err := m.s.evict(ctx, u, m.component, m.force); err != nil {
			return err
		}
	}
	return nil
}

// users are the units that have the component open.
func (m *move) users() []*unit {
	return slices.DeleteFunc(m.s.allUnits(), func(u *unit) bool { return !u.has(m.component) })
}

// gate lets new calls wait in the units that only call the component. The host
// does that by itself when it gives up.
func (m *move) gate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
	defer cancel()
	return each(m.users(), func(u *unit) error {
		if u.mayHost(m.component) {
			return nil
		}
		if err := u.command(ctx, Message{Type: "gate", Component: m.component}); !errors.Is(err, errUnitGone) {
			return err
		}
		return nil // the calls of a process that died have ended
	})
}

// direct gives every unit the routes of the present plan: the hosts first, so
// that they are ready for calls, and last those that give the component up.
func (m *move) direct(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
	defer cancel()
	var waves [3][]*unit
	for _, u := range m.users() {
		_, id := m.s.planFor(u)
		switch {
		case m.wants(id):
			waves[0] = append(waves[0], u)
		case u.mayHost(m.component):
			waves[2] = append(waves[2], u)
		default:
			waves[1] = append(waves[1], u)
		}
	}
	for _, wave := range waves {
		if err := each(wave, func(u *unit) error { return m.directOne(ctx, u) }); err != nil {
			return err
		}
	}
	return nil
}

func (m *move) directOne(ctx context.Context, u *unit) error {
	err := m.s.direct(ctx, u, m.component)
	switch {
	case err == nil, errors.Is(err, errUnitGone):
		return nil // its next process begins with the present plan
	case m.force && u.kill():
		return nil
	}
	return fmt.Errorf("unit %s: %w", u.name, err)
}

// each runs f for all units at once.
func each(units []*unit, f func(*unit) error) error {
	errs := make([]error, len(units))
	var wg sync.WaitGroup
	for i, u := range units {
		wg.Go(func() { errs[i] = f(u) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
