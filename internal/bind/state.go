package bind

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract/lookup"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/stores"
)

// StateOptions say how to keep a component's state.
type StateOptions struct {
	Component string
	To        []string // names of stores; empty: those it has
	// LoseState lets a component begin empty in another store than it has: what the
	// old one holds isn't taken over.
	LoseState bool
}

// State returns the change set that keeps the state of a bound component in the
// given stores; without any, in those that it has. Where everything is as it
// should be, the set is empty.
func State(ctx context.Context, m *Module, o StateOptions) (change.Set, error) {
	name, to := o.Component, o.To
	chosen, err := pick("--to", to, m.Stores, func(s *stores.Store) string { return s.Name })
	if err != nil {
		return change.Set{}, err
	}
	if len(chosen) > 1 {
		return change.Set{}, &component.UsageError{Object: "--to", Reason: "a component keeps its state in one store", Hint: "name one: --to " + chosen[0].Name}
	}
	return run(ctx, m, generation{
		verb:      "state",
		component: name,
		choose: func(p *lock.Part) error {
			if err := otherStore(name, p.Stores, chosen, o.LoseState); err != nil {
				return err
			}
			if len(chosen) > 0 {
				p.Stores = to
			}
			switch {
			case len(p.Bindings) == 0:
				return &component.UsageError{Object: name, Reason: "is not bound", Hint: "bind it first: unweld bind " + name + " --to unix --write"}
			case len(p.Stores) == 0:
				return &component.UsageError{Object: "--to", Reason: "no store is named", Hint: "name one: --to " + m.Stores[0].Name}
			}
			return nil
		},
		title: func(p *lock.Part) string { return "state of %s to " + strings.Join(p.Stores, ", ") },
		check: func(t *lookup.Target, p *lock.Part) []component.Problem { return checkState(m.Stores, t, p) },
	})
}

// otherStore refuses to leave behind what a component's store holds.
func otherStore(name string, has []string, chosen []*stores.Store, lose bool) error {
	if len(has) == 0 || len(chosen) == 0 || chosen[0].Name == has[0] || lose {
		return nil
	}
	p := component.Problem{Code: "state-left", Severity: component.Error, Component: name,
		Message: fmt.Sprintf("%s keeps its state in %s, and would begin empty in %s: state isn't copied from one store to another", name, has[0], chosen[0].Name),
		Hint:    fmt.Sprintf("if that is meant: unweld state %s --to %s --lose-state; what %s holds stays where it is, and going back finds it", name, chosen[0].Name, has[0])}
	return component.Refuse("state "+name, p)
}

// checkState reports methods of which it isn't known what they do, where the
// store runs calls again.
func checkState(all []*stores.Store, t *lookup.Target, p *lock.Part) []component.Problem {
	var problems []component.Problem
	if !slices.ContainsFunc(all, func(s *stores.Store) bool { return s.Traits.Replays && slices.Contains(p.Stores, s.Name) }) {
		return nil
	}
	for _, m := range t.Contract.Methods {
		if _, ok := t.Effects[m.Name]; ok {
			continue
		}
		problems = append(problems, component.Problem{Code: "no-implementation", Severity: component.Error, Component: t.Contract.Component, Path: m.Name, Span: m.Span,
			Message: fmt.Sprintf("nothing in package %s implements %s, so it isn't known what a replay of %s would do", t.Contract.Package.Name, t.Contract.Name, m.Name),
			Hint:    "declare the implementation in the package of the contract"})
	}
	return problems
}
