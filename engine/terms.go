package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/deploy"
	alltargets "github.com/unweld/unweld/deploy/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/split"
	allstores "github.com/unweld/unweld/stores/all"
)

// Terms are the words of unweld.yaml that the plug-ins give a meaning to.
func Terms() split.Terms {
	t := split.Terms{Schemes: schemes(), Stores: storeTraits()}
	for _, target := range alltargets.Targets {
		t.Targets = append(t.Targets, target.Capabilities())
	}
	return t
}

// schemes are the ways to link components that the bindings bring.
func schemes() split.Schemes {
	var list split.Schemes
	for _, b := range allbindings.Bindings {
		for _, s := range b.Schemes {
			s.Binding, s.Modes = b.Name, b.Traits.Modes()
			list = append(list, s)
		}
	}
	return list
}

// carriers are the bindings by which components can be reached, or are to be:
// those with the given names, if any.
func carriers(chosen ...string) component.Carriers {
	return bindings.Carriers(allbindings.Bindings, chosen)
}

// storeTraits are the ways to keep state that the stores bring.
func storeTraits() []split.Store {
	var list []split.Store
	for _, s := range allstores.Stores {
		list = append(list, split.Store{Name: s.Name, StoreTraits: s.Traits})
	}
	return list
}

// BindingNames are the names of the bindings.
func BindingNames() []string {
	var names []string
	for _, b := range allbindings.Bindings {
		names = append(names, b.Name)
	}
	return names
}

// StoreNames are the names of the stores.
func StoreNames() []string {
	var names []string
	for _, s := range allstores.Stores {
		names = append(names, s.Name)
	}
	return names
}

// targetFor returns the target with the given name, which must be able to do
// what able reports. An empty name is the first that can.
func targetFor(name, what string, able func(*deploy.Target) bool) (*deploy.Target, error) {
	can := slices.DeleteFunc(slices.Clone(alltargets.Targets), func(t *deploy.Target) bool { return !able(t) })
	var names []string
	for _, t := range can {
		if names = append(names, t.Name); t.Name == name || name == "" {
			return t, nil
		}
	}
	e := &component.UsageError{Object: "target " + name, Reason: "no such target", Hint: "the targets that can " + what + ": " + strings.Join(names, ", ")}
	if slices.ContainsFunc(alltargets.Targets, func(t *deploy.Target) bool { return t.Name == name }) {
		e.Reason = "it can't " + what
	} else if near := split.Nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, e
}

// RunTargets are the names of the targets that can run a split, the one first
// that does when none is named.
func RunTargets() []string { return targetNames(runs) }

func runs(t *deploy.Target) bool { return t.Run != nil }

// planFor plans the named split for a target. It fails where the target can't
// take it; what it leaves out, and the calls that fail, are among the plan's problems.
func (s *Session) planFor(ctx context.Context, name string, t *deploy.Target) (*split.Plan, error) {
	plan, err := s.plan(name, t.Takes.AcrossHosts)
	if err != nil {
		return nil, err
	}
	if err := t.Fit(plan, schemes()); err != nil {
		return nil, err
	}
	return plan, s.warnOfCalls(ctx, plan)
}

// warnOfCalls adds to a plan's problems the calls that it would make fail. The code
// is looked at only where the plan has an endpoint that stays with its component.
func (s *Session) warnOfCalls(ctx context.Context, plan *split.Plan) error {
	if len(plan.Units) < 2 || !slices.ContainsFunc(plan.Components, func(c split.PlanComponent) bool { return len(c.Staying) > 0 }) {
		return nil
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return err
	}
	found, err := s.Find(ctx, FindOptions{Patterns: s.wholeModule()})
	if err != nil {
		return err
	}
	plan.Problems = component.SortProblems(append(plan.Problems, preview.FailingCalls(plan, s.Module, l, found)...))
	return nil
}
