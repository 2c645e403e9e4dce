package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/unweld/unweld/deploy"
)

// This file makes one unit's process what the plan says of a component. All of
// it can be repeated: it begins with what the process may host now.

// kill ends the unit's process and waits for the end; the supervisor starts it
// again, under the plan of that moment. It is false for the entry unit, whose
// end would be the program's.
func (u *unit) kill() bool {
	if u.entry {
		return false
	}
	if c, _, _ := u.state(); c != nil && c.runs() {
		c.killGroup()
		<-c.done
	}
	return true
}

// commanded is called around each command of the protocol, in tests.
var commanded = func(u *unit, m Message, sent bool) {}

// command sends a command to the unit's present process and keeps what it has
// changed there. Where that process hasn't said hello, or has ended, the error
// is errUnitGone.
func (u *unit) command(ctx context.Context, m Message) error {
	_, k, _ := u.state()
	if k == nil {
		return fmt.Errorf("unit %s: %w", u.name, errUnitGone)
	}
	routed := u.unsettle(m)
	commanded(u, m, false)
	ack, err := k.request(ctx, m)
	commanded(u, m, true)
	u.change(func() {
		switch {
		case u.conn != k:
			err = errUnitGone
		case err == nil:
			u.record(m)
		case ack.Error != "" && routed != "":
			u.routed[m.Component] = routed // nothing was changed
		}
	})
	if err != nil {
		return fmt.Errorf("unit %s: %w", u.name, err)
	}
	return nil
}

// unsettle forgets where the component's calls go if the command changes that.
// It returns what it forgot.
func (u *unit) unsettle(m Message) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if m.Type == "host" {
		return ""
	}
	routed := u.routed[m.Component]
	delete(u.routed, m.Component)
	return routed
}

// record keeps what a command that was carried out has changed.
func (u *unit) record(m Message) {
	switch m.Type {
	case "host":
		u.hosts[m.Component], u.ready[m.Component] = true, m.Address
	case "unhost":
		delete(u.hosts, m.Component)
		delete(u.ready, m.Component)
	}
}

// evict sees that the unit's process doesn't host the component: it lets its
// calls end, or with force is killed when they don't. The plan must not name
// the unit as host, or its next process would be one again.
func (s *supervisor) evict(ctx context.Context, u *unit, component string, force bool) error {
	if !u.mayHost(component) {
		return nil
	}
	if u.entry { // can't be killed, so it is waited for
		if err := s.awaitOpen(ctx, u, []string{component}); err != nil {
			return err
		}
	}
	err := u.command(ctx, Message{Type: "unhost", Component: component})
	switch {
	case err == nil, !u.mayHost(component):
		return nil
	case force && u.kill():
		return nil
	case errors.Is(err, errUnitGone) && u.kill():
		return nil // one that hasn't said hello has no calls yet
	}
	return err
}

// hostIn sees that the unit's process hosts the component, as the plan says by
// now. With force a process that can't is killed, and where one ended, the next
// is asked until ctx ends.
func (s *supervisor) hostIn(ctx context.Context, u *unit, component, address string, force bool) error {
	for {
		if err := s.awaitOpen(ctx, u, []string{component}); err != nil {
			return err
		}
		// Until the answer is there, who asks must take it for a host.
		u.change(func() { u.hosts[component] = true })
		err := u.command(ctx, Message{Type: "host", Component: component, Address: address})
		switch {
		case err == nil:
			return nil
		case force && errors.Is(err, errUnitGone) && ctx.Err() == nil:
			continue
		case force:
			u.kill()
		}
		return err
	}
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
			if !s.hasRole(u) {
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

// hasRole reports whether the unit has been of use before, so that its death
// is an accident and not the program's answer.
func (s *supervisor) hasRole(u *unit) bool {
	plan, id := s.planFor(u)
	pu := plan.Unit(id)
	return u.entry || pu != nil && len(hostedBy(pu)) > 0
}

// settle makes a process that has just opened a component what the plan says:
// the component may have moved since the process began, and its environment
// doesn't name endpoints that are served apart from it. A process that can't
// be settled is killed, so that the next one begins with the present plan.
func (s *supervisor) settle(u *unit, k *conn, component string) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if k.lost() || s.isBetweenHosts(component) || s.isStopping() {
		return // it has ended, or is being moved
	}
	ctx, cancel := s.runContext(context.Background())
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, settleLimit)
	defer cancel()
	err := s.settleHost(ctx, u, component)
	if err != nil && !errors.Is(err, errUnitGone) {
		u.kill() // it would not be what the plan says
	}
	if err == nil {
		err = s.direct(ctx, u, component)
	}
	if err != nil && !errors.Is(err, errUnitGone) {
		s.notify(deploy.Event{Unit: u.name, State: "moving", Message: component + ": " + err.Error()})
	}
}

const settleLimit = 10 * time.Second

func (s *supervisor) settleHost(ctx context.Context, u *unit, component string) error {
	plan, id := s.planFor(u)
	if linkOf(plan, component) == nil {
		return nil
	}
	for _, h := range hostings(plan, component) {
		if h.unit == id {
			if u.mayHost(component) {
				return nil
			}
			return s.hostIn(ctx, u, component, h.address, false)
		}
	}
	return s.evict(ctx, u, component, true)
}
