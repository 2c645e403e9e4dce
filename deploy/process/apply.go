package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

const (
	defaultDrain = 5 * time.Second
	openTimeout  = 3 * time.Second
)

// An application is one change of the running split to another plan.
type application struct {
	s       *supervisor
	opts    deploy.ApplyOptions
	running *split.Plan // before
	target  *split.Plan
	force   bool // back to what was: a process in the way is killed
}

// apply changes the running split to the plan, component by component. When a
// step fails, those before it are undone; where that fails too, it is tried
// again until it succeeds.
func (s *supervisor) apply(ctx context.Context, plan *split.Plan, opts deploy.ApplyOptions) error {
	opts.Drain = cmp.Or(opts.Drain, defaultDrain)
	s.moving.Lock()
	defer s.moving.Unlock()
	s.mu.Lock()
	started, stopping := s.started, s.stopping
	s.mu.Unlock()
	if !started || stopping {
		return &component.UsageError{Object: "split " + plan.Split, Reason: "the running split is starting or ending just now", Hint: "try again in a moment: unweld split status"}
	}
	ctx, cancel := s.runContext(ctx)
	defer cancel()

	a := &application{s: s, opts: opts, running: s.currentPlan()}
	if a.running != s.currentGoal() {
		if err := s.revert(ctx, opts); err != nil {
			return fmt.Errorf("an earlier change is still being reverted: %w", err)
		}
		a.running = s.currentPlan()
	}
	if err := a.prepare(ctx, plan); err != nil {
		return err
	}
	err := a.startUnits(ctx)
	if err == nil {
		err = a.moveAll(ctx)
	}
	if err != nil {
		return a.giveUp(ctx, err)
	}
	return a.finish()
}

// giveUp takes back what was done of a change that failed with err.
func (a *application) giveUp(ctx context.Context, err error) error {
	ctx, cancel := a.s.runContext(context.WithoutCancel(ctx))
	defer cancel()
	back := a.s.revert(ctx, a.opts)
	if back == nil {
		return fmt.Errorf("%w; everything is where it was", err)
	}
	go a.s.keepReverting(a.opts)
	return errors.Join(err, fmt.Errorf("not everything could be moved back yet; it is being retried: %w", back))
}

// revert makes the split what it was before the last change. What is in the
// way is killed, except the entry unit.
func (s *supervisor) revert(ctx context.Context, opts deploy.ApplyOptions) error {
	a := &application{s: s, opts: opts, running: s.currentPlan(), target: s.currentGoal(), force: true}
	if err := a.moveAll(ctx); err != nil {
		return err
	}
	return a.finish()
}

// keepReverting calls revert until it has succeeded or the run is over.
func (s *supervisor) keepReverting(opts deploy.ApplyOptions) {
	ctx, cancel := s.runContext(context.Background())
	defer cancel()
	for pause := firstBackoff; ; pause = min(2*pause, maxBackoff) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if s.tryRevert(ctx, opts) {
			return
		}
	}
}

// tryRevert makes one attempt, unless nothing is left to take back.
func (s *supervisor) tryRevert(ctx context.Context, opts deploy.ApplyOptions) bool {
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.isStopping() || s.currentPlan() == s.currentGoal() {
		return true
	}
	err := s.revert(ctx, opts)
	if err != nil {
		s.notify(deploy.Event{Unit: s.currentPlan().Entry, State: "moving", Message: "back to split " + s.currentGoal().Split + ": " + err.Error()})
	}
	return err == nil
}

// prepare makes the target of the plan: with the running entry unit's name,
// addresses, and new units in place of those that can't take in what they are
// to host. It refuses what can't be moved.
func (a *application) prepare(ctx context.Context, plan *split.Plan) error {
	if err := split.Usage(problems(plan, a.s.opts.Schemes)); err != nil {
		return err
	}
	p, err := a.sameEntry(plan)
	if err != nil {
		return err
	}
	for _, pu := range p.Units {
		if a.needsNewProcess(&pu) {
			p = rename(p, pu.Name, pu.Name+replacement)
		}
	}
	if a.target, err = a.s.resolve(ctx, p, a.running); err != nil {
		return err
	}
	return a.refuse(ctx)
}

// sameEntry keeps the entry unit's name: its process goes on.
func (a *application) sameEntry(plan *split.Plan) (*split.Plan, error) {
	if plan.Entry == a.running.Entry {
		return clonePlan(plan), nil
	}
	if plan.Unit(a.running.Entry) != nil {
		return nil, &component.UsageError{
			Object: "split " + plan.Split,
			Reason: fmt.Sprintf("unit %s is the entry unit of the running split and another one in this split, whose entry unit is %s", a.running.Entry, plan.Entry),
			Hint:   fmt.Sprintf("stop it and start it again: unweld split run %s", plan.Split),
		}
	}
	return rename(plan, plan.Entry, a.running.Entry), nil
}

// rename calls a unit of a plan by another name.
func rename(plan *split.Plan, from, to string) *split.Plan {
	p := clonePlan(plan)
	if p.Entry == from {
		p.Entry = to
	}
	for i := range p.Units {
		if p.Units[i].Name == from {
			p.Units[i].Name = to
		}
	}
	for i := range p.Components {
		if p.Components[i].Unit == from {
			p.Components[i].Unit = to
		}
	}
	for i := range p.Links {
		if p.Links[i].Unit == from {
			p.Links[i].Unit = to
		}
	}
	slices.SortFunc(p.Units, func(x, y split.PlanUnit) int { return cmp.Compare(x.Name, y.Name) })
	return p
}

// needsNewProcess reports whether a unit that runs is to host what its process
// hasn't opened: it stopped at its last Open and can't go on.
func (a *application) needsNewProcess(pu *split.PlanUnit) bool {
	u := a.s.unit(pu.Name)
	if u == nil || u.entry {
		return false
	}
	return slices.ContainsFunc(hostedBy(pu), func(c string) bool { return !u.has(c) })
}

// refuse reports what keeps components from moving.
func (a *application) refuse(ctx context.Context) error {
	var ps []split.Problem
	for _, c := range a.target.Components {
		old := a.running.Component(c.Name)
		if old == nil {
			return &component.UsageError{
				Object: c.Name, Reason: "the running program was built before this component was bound",
				Hint: fmt.Sprintf("stop it and start it again: unweld split run %s", a.target.Split),
			}
		}
		if old.Unit == c.Unit {
			continue
		}
		if c.Stateful && c.Store == "" && !a.opts.LoseState {
			ps = append(ps, split.Problem{
				Code: "apply-state", Severity: component.Error, Component: c.Name,
				Message: fmt.Sprintf("%s has state in the memory of unit %s, which a move to unit %s would lose", c.Name, displayName(old.Unit), displayName(c.Unit)),
				Hint:    fmt.Sprintf("keep it in a store: unweld state %s --to STORE --write, or let it begin empty with --lose-state", c.Name),
			})
		}
		if err := a.movable(ctx, old, &c); err != nil {
			return err
		}
	}
	if len(ps) > 0 {
		return component.Refuse("apply "+a.target.Split, ps...)
	}
	return nil
}

func (a *application) movable(ctx context.Context, from, to *split.PlanComponent) error {
	fail := func(reason, hint string) error {
		return &component.UsageError{Object: to.Name, Reason: reason, Hint: hint}
	}
	switch u := a.s.unit(from.Unit); {
	case linkOf(a.running, to.Name) == nil || linkOf(a.target, to.Name) == nil:
		return fail("it is pinned to the process that calls it", "leave it in unit "+displayName(from.Unit))
	case from.StatePath != to.StatePath:
		return fail(fmt.Sprintf("it keeps its state at %s, and would at %s: state isn't copied", from.StatePath, to.StatePath),
			"give it the same state path in both splits, or stop the split and move the file")
	case u == nil || !a.opened(ctx, u, to.Name):
		return fail(fmt.Sprintf("unit %s has not opened it yet", displayName(from.Unit)), "try again when the program has passed its composition root")
	}
	if u := a.s.unit(to.Unit); u != nil && !a.opened(ctx, u, to.Name) {
		return fail(fmt.Sprintf("unit %s has not opened it, so it can't host it", displayName(to.Unit)), "try again when the program has passed its composition root")
	}
	return nil
}

// opened reports whether the unit has opened the component, or is about to:
// its process may have begun a moment ago.
func (a *application) opened(ctx context.Context, u *unit, component string) bool {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	return a.s.awaitOpen(ctx, u, []string{component}) == nil
}

// displayName is a unit's name for people.
func displayName(unit string) string { return strings.TrimSuffix(unit, replacement) }

// startUnits starts the processes that the target has beyond those that run.
// They open what they are to host and wait.
func (a *application) startUnits(ctx context.Context) error {
	between := clonePlan(a.running)
	between.Split = a.target.Split
	var names []string
	for _, pu := range a.target.Units {
		if between.Unit(pu.Name) == nil {
			names = append(names, pu.Name)
			pu.Components, pu.Endpoints = nil, nil
			between.Units = append(between.Units, pu)
		}
	}
	a.s.setPlan(between)
	ctx, cancel := context.WithTimeout(ctx, a.s.opts.StartTimeout)
	defer cancel()
	var fresh []*unit
	for _, n := range names {
		u, err := a.s.begin(n, hostedBy(a.target.Unit(n)))
		if err != nil {
			return err
		}
		fresh = append(fresh, u)
	}
	for _, u := range fresh {
		if err := a.s.awaitOpen(ctx, u, hostedBy(a.target.Unit(u.id))); err != nil {
			return err
		}
	}
	return nil
}

// moveAll moves every component to its place in the target. It stops at one
// that can't be moved, but with force goes on with the others.
func (a *application) moveAll(ctx context.Context) error {
	var errs []error
	for _, c := range a.target.Components {
		if a.placed(c.Name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		a.notify(deploy.Event{Unit: displayName(c.Unit), State: "moving", Message: c.Name})
		start := time.Now()
		if err := a.place(ctx, c.Name); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
			if !a.force {
				break
			}
			continue
		}
		a.notify(deploy.Event{Unit: displayName(c.Unit), State: "moved", Message: fmt.Sprintf("%s in %v", c.Name, time.Since(start).Round(10*time.Microsecond))})
	}
	return errors.Join(errs...)
}

// placed reports whether nothing of a component changes.
func (a *application) placed(c string) bool {
	links := func(p *split.Plan) []split.Link {
		return slices.DeleteFunc(slices.Clone(p.Links), func(l split.Link) bool { return l.Component != c })
	}
	return !a.s.isBetweenHosts(c) && slices.Equal(links(a.running), links(a.target))
}

// finish ends the units that the target doesn't have.
func (a *application) finish() error {
	var gone []*unit
	for _, u := range a.s.allUnits() {
		if _, id := a.s.planFor(u); a.target.Unit(id) == nil {
			gone = append(gone, u)
		}
	}
	a.retire(gone)
	final := a.target
	for _, pu := range a.target.Units {
		if name := displayName(pu.Name); name != pu.Name {
			final = rename(final, pu.Name, name)
		}
	}
	a.s.mu.Lock()
	a.s.plan, a.s.goal = final, final
	for _, u := range a.s.units {
		u.id = displayName(u.id)
	}
	a.s.mu.Unlock()
	return a.s.record()
}

// retire stops units for good.
func (a *application) retire(units []*unit) {
	for _, u := range units {
		a.s.stopUnit(u)
		a.s.forget(u)
	}
}

func (a *application) notify(e deploy.Event) {
	a.s.notify(e)
	if a.opts.Notify != nil {
		a.opts.Notify(e)
	}
}
