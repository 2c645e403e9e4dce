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
	var err error
	if (c.Stateful || c.Store != "") && had[0].unit != want[0].unit {
		err = a.moveAlone(ctx, component, before, after)
	} else {
		err = a.moveBeside(ctx, component, before, after)
	}
	if err == nil {
		return nil
	}
	select {
	case <-a.s.over:
		return err
	default:
	}
	undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.opts.Drain+a.s.opts.StartTimeout)
	defer cancel()
	return errors.Join(err, a.undo(undoing, component, before, after))
}

// moveBeside has the old and the new host serve at the same time: there is no
// state that one of them could miss. Callers wait for nothing but the calls
// under way.
func (a *application) moveBeside(ctx context.Context, component string, before, after *split.Plan) error {
	if err := a.hostNew(ctx, component, before, after); err != nil {
		return err
	}
	a.s.setPlan(after)
	if err := a.directAll(ctx, component); err != nil {
		return err
	}
	return a.unhostOld(ctx, component, before, after)
}

// moveAlone lets the old host end before the new one begins, with all callers
// waiting in between.
func (a *application) moveAlone(ctx context.Context, component string, before, after *split.Plan) error {
	if err := a.gateAll(ctx, component, hostings(before, component)[0].unit); err != nil {
		return err
	}
	a.s.setPlan(nowhere(before, component))
	if err := a.unhostOld(ctx, component, before, after); err != nil {
		return err
	}
	if err := a.hostNew(ctx, component, before, after); err != nil {
		return err
	}
	a.s.setPlan(after)
	return a.directAll(ctx, component)
}

// undo brings back what a failed move left half done. Hosting what is hosted,
// and ending what isn't, does nothing.
func (a *application) undo(ctx context.Context, component string, before, after *split.Plan) error {
	a.s.setPlan(nowhere(before, component))
	err := a.unhostOld(ctx, component, after, before)
	err = errors.Join(err, a.hostNew(ctx, component, after, before))
	a.s.setPlan(before)
	return errors.Join(err, a.directAll(ctx, component))
}

// hostNew lets the units serve the component that do so after, not before, or
// at another address.
func (a *application) hostNew(ctx context.Context, component string, before, after *split.Plan) error {
	had := hostings(before, component)
	for _, h := range hostings(after, component) {
		if slices.Contains(had, h) {
			continue
		}
		u := a.s.unit(h.unit)
		if u == nil {
			return fmt.Errorf("unit %s: %w", bare(h.unit), errUnitGone)
		}
		ctx, cancel := context.WithTimeout(ctx, a.s.opts.StartTimeout)
		defer cancel()
		if err := a.s.awaitOpen(ctx, u, []string{component}); err != nil {
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
func (a *application) unhostOld(ctx context.Context, component string, before, after *split.Plan) error {
	want := hostings(after, component)
	for _, h := range hostings(before, component) {
		if slices.ContainsFunc(want, func(w hosting) bool { return w.unit == h.unit }) {
			continue
		}
		u := a.s.unit(h.unit)
		if u == nil {
			continue
		}
		u.change(func() {
			if !slices.Contains(u.standby, component) {
				u.standby = append(slices.Clone(u.standby), component)
			}
		})
		ctx, cancel := context.WithTimeout(ctx, a.opts.Drain)
		defer cancel()
		if err := u.command(ctx, Message{Type: "unhost", Component: component}); err != nil {
			return err
		}
		u.change(func() { delete(u.ready, component) })
	}
	return nil
}

// users are the units that have the component open.
func (a *application) users(component string) []*unit {
	return slices.DeleteFunc(a.s.allUnits(), func(u *unit) bool { return !u.has(component) })
}

// gateAll lets the callers' new calls wait, and waits for those under way. The
// host does that by itself when it lets go.
func (a *application) gateAll(ctx context.Context, component, host string) error {
	ctx, cancel := context.WithTimeout(ctx, a.opts.Drain)
	defer cancel()
	return each(a.users(component), func(u *unit) error {
		if _, id := a.s.planFor(u); id == host {
			return nil
		}
		return u.command(ctx, Message{Type: "gate", Component: component})
	})
}

// directAll gives every unit the routes of the present plan.
func (a *application) directAll(ctx context.Context, component string) error {
	ctx, cancel := context.WithTimeout(ctx, a.opts.Drain)
	defer cancel()
	return each(a.users(component), func(u *unit) error {
		err := a.s.direct(ctx, u, component)
		if errors.Is(err, errUnitGone) {
			return nil // its next process begins with the present plan
		}
		if err != nil {
			return fmt.Errorf("unit %s: %w", u.name, err)
		}
		return nil
	})
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
