package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

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

// nowhere is the plan without a host of the component, for the time between
// two hosts: a process that is started again meanwhile must not construct it.
func nowhere(plan *split.Plan, component string) *split.Plan {
	p := clonePlan(plan)
	for i := range p.Units {
		u := &p.Units[i]
		u.Components = slices.DeleteFunc(slices.Clone(u.Components), func(c string) bool { return c == component })
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

// move brings one component from where it is to where the plan to has it. On
// failure it is where it was.
func (a *application) move(ctx context.Context, component string, to *split.Plan) error {
	before := a.s.currentPlan()
	after := moved(before, to, component)
	had, want := hostings(before, component), hostings(after, component)
	c := to.Component(component)
	m := &oneMove{application: a, component: component, before: before, after: after}
	m.alone = (c.Stateful || c.Store != "") && had[0].unit != want[0].unit
	err := m.run(ctx)
	if err == nil {
		return nil
	}
	select {
	case <-a.s.over:
		return err
	default:
	}
	undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*a.opts.Drain+a.s.opts.StartTimeout)
	defer cancel()
	back := &oneMove{application: a, component: component, before: after, after: before, alone: m.alone, back: true}
	return errors.Join(err, back.run(undoing))
}

// A oneMove is one component's way between its places in two plans. Its steps
// do nothing where nothing is left to do, so that a move which failed halfway
// is undone by the opposite one.
type oneMove struct {
	*application
	component     string
	before, after *split.Plan
	alone         bool // state: the old host must end before the new one begins
	back          bool // undoes a move that failed
}

func (m *oneMove) run(ctx context.Context) error {
	if m.alone {
		return m.runAlone(ctx)
	}
	return m.runBeside(ctx)
}

// runBeside has the old and the new host serve at the same time: there is no
// state that one of them could miss. Callers wait for nothing but the calls
// under way. They are directed before the old host ends: a call that it turned
// away would wait for its caller's gate, and the gate for the call.
func (m *oneMove) runBeside(ctx context.Context) error {
	if err := m.hostNew(ctx); err != nil {
		return err
	}
	m.s.setPlan(m.after)
	if err := m.direct(ctx); err != nil {
		return err
	}
	return m.unhostOld(ctx)
}

// runAlone lets the old host end before the new one begins, with all callers
// waiting in between.
func (m *oneMove) runAlone(ctx context.Context) error {
	// To bring back what was, the host has to change even if calls won't end.
	if err := m.gate(ctx); err != nil && !m.back {
		return err
	}
	m.s.setPlan(nowhere(m.after, m.component))
	if err := m.unhostOld(ctx); err != nil {
		return err
	}
	if err := m.hostNew(ctx); err != nil {
		return err
	}
	m.s.setPlan(m.after)
	return m.direct(ctx)
}

// hostNew lets the units serve the component that do so after, not before, or
// at another address.
func (m *oneMove) hostNew(ctx context.Context) error {
	had, component := hostings(m.before, m.component), m.component
	for _, h := range hostings(m.after, component) {
		if slices.Contains(had, h) {
			continue
		}
		u := m.s.unit(h.unit)
		if u == nil {
			return fmt.Errorf("unit %s: %w", bare(h.unit), errUnitGone)
		}
		ctx, cancel := context.WithTimeout(ctx, m.s.opts.StartTimeout)
		defer cancel()
		if err := m.s.awaitOpen(ctx, u, []string{component}); err != nil {
			return err
		}
		if err := u.command(ctx, Message{Type: "host", Component: component, Address: h.address}); err != nil {
			return err
		}
		u.change(func() { u.ready[component] = h.address })
	}
	return nil
}

// unhostOld ends the component in the units that serve it before, not after.
func (m *oneMove) unhostOld(ctx context.Context) error {
	want, component := hostings(m.after, m.component), m.component
	for _, h := range hostings(m.before, component) {
		if slices.ContainsFunc(want, func(w hosting) bool { return w.unit == h.unit }) {
			continue
		}
		u := m.s.unit(h.unit)
		if u == nil {
			continue
		}
		u.change(func() {
			if !slices.Contains(u.standby, component) {
				u.standby = append(slices.Clone(u.standby), component)
			}
		})
		ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
		defer cancel()
		err := u.command(ctx, Message{Type: "unhost", Component: component})
		if errors.Is(err, errUnitGone) {
			// It died, and its next process doesn't host the component unless
			// it began before the plan said so.
			u.killLive()
		} else if err != nil {
			return err
		}
		u.change(func() { delete(u.ready, component) })
	}
	return nil
}

// users are the units that have the component open.
func (m *oneMove) users() []*unit {
	return slices.DeleteFunc(m.s.allUnits(), func(u *unit) bool { return !u.has(m.component) })
}

// gate lets the callers' new calls wait, and waits for those under way. The
// host does that by itself when it lets go.
func (m *oneMove) gate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
	defer cancel()
	host := hostings(m.before, m.component)[0].unit
	return each(m.users(), func(u *unit) error {
		if _, id := m.s.planFor(u); id == host {
			return nil
		}
		if err := u.command(ctx, Message{Type: "gate", Component: m.component}); !errors.Is(err, errUnitGone) {
			return err
		}
		return nil // the calls of a process that died have ended
	})
}

// direct gives every unit the routes of the present plan: the hosts first, so
// that they are ready for calls, and last those that were hosts.
func (m *oneMove) direct(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Drain)
	defer cancel()
	var waves [3][]*unit
	for _, u := range m.users() {
		_, id := m.s.planFor(u)
		at := func(h hosting) bool { return h.unit == id }
		switch {
		case slices.ContainsFunc(hostings(m.after, m.component), at):
			waves[0] = append(waves[0], u)
		case slices.ContainsFunc(hostings(m.before, m.component), at):
			waves[2] = append(waves[2], u)
		default:
			waves[1] = append(waves[1], u)
		}
	}
	for _, wave := range waves {
		err := each(wave, func(u *unit) error {
			err := m.s.direct(ctx, u, m.component)
			if errors.Is(err, errUnitGone) {
				return nil // its next process begins with the present plan
			}
			if err != nil {
				return fmt.Errorf("unit %s: %w", u.name, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
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

// killLive kills the unit's process if it lives; it is started again.
func (u *unit) killLive() {
	c, _, _ := u.state()
	select {
	case <-c.done:
	default:
		c.killGroup()
	}
}

// command sends a command to the unit's present process.
func (u *unit) command(ctx context.Context, m Message) error {
	_, k, _ := u.state()
	if k == nil {
		return fmt.Errorf("unit %s: %w", u.name, errUnitGone)
	}
	if _, err := k.request(ctx, m); err != nil {
		return fmt.Errorf("unit %s: %w", u.name, err)
	}
	return nil
}

// awaitOpen waits until the unit takes commands for the components.
func (s *supervisor) awaitOpen(ctx context.Context, u *unit, components []string) error {
	for {
		child, _, changed := u.state()
		if !slices.ContainsFunc(components, func(c string) bool { return !u.has(c) }) {
			return nil
		}
		select {
		case <-changed:
		case <-child.done:
			if !s.lasting(u) {
				return s.failed(u, child, components)
			}
			select { // it is being started again
			case <-changed:
			case <-time.After(maxBackoff):
				return s.failed(u, child, components)
			case <-ctx.Done():
				return ctx.Err()
			}
		case <-ctx.Done():
			return fmt.Errorf("unit %s: %v not opened in time: %w%s", u.name, components, ctx.Err(), child.err.last())
		}
	}
}

// lasting reports whether the unit has been of use before, so that its death
// is an accident and not the program's answer.
func (s *supervisor) lasting(u *unit) bool {
	plan, id := s.planFor(u)
	pu := plan.Unit(id)
	return u.entry || pu != nil && len(hostedBy(pu)) > 0
}
