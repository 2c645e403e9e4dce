package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// check reports what of a plan has no meaning for local processes, beside what
// the target's capabilities say.
func check(plan *split.Plan) []split.Problem {
	var ps []split.Problem
	add := func(u *split.PlanUnit, message, hint string) {
		ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Span: u.Span, Message: message, Hint: hint})
	}
	for i := range plan.Units {
		u := &plan.Units[i]
		for _, name := range slices.Sorted(maps.Keys(u.Secrets)) {
			if !inEnvironment(name) {
				add(u, fmt.Sprintf("unit %s: secret %s isn't in the environment, from which this target takes it", u.Name, name), "set it where the split is run")
			}
		}
		for _, name := range plan.Unresolved(u, inEnvironment) {
			add(u, fmt.Sprintf("unit %s: its state's path refers to %s, which isn't in the environment", u.Name, name), "set it where the split is run")
		}
		for _, name := range u.Components {
			if c := plan.Component(name); c != nil && c.RemoteState && c.StatePath == "" && !inEnvironment("UNWELD_STATE_"+envName(name)) {
				ps = append(ps, split.NoLocation(u, c))
			}
		}
		if u.Isolation == sameProcess && u.Name != plan.Entry {
			add(u, fmt.Sprintf("unit %s: isolation %s can't be had in a process of its own", u.Name, u.Isolation), "put its components into unit "+plan.Entry)
		}
		for _, e := range u.Endpoints {
			name, _, _ := strings.Cut(e, ".")
			if c := plan.Component(name); c != nil && c.Store != "" && !c.SharedState {
				add(u, fmt.Sprintf("unit %s: endpoint %s can't run apart from unit %s: one process at a time has the store of %s open", u.Name, e, c.Unit, name),
					"move it to unit "+c.Unit)
			}
		}
	}
	return component.SortProblems(ps)
}

func inEnvironment(name string) bool { return os.Getenv(name) != "" }

// resolve completes the addresses of a plan. A component that stays in its
// unit under running keeps its address; one that moves gets another one, so
// that its old and its new host can listen at the same time.
func (s *supervisor) resolve(ctx context.Context, plan, running *split.Plan) (*split.Plan, error) {
	p := clonePlan(plan)
	if running == nil {
		running = &split.Plan{}
	}
	for i := range p.Links {
		l := &p.Links[i]
		if old := linkIn(running, *l); old != nil && old.Unit == l.Unit && sameScheme(old.Address, l.Address) {
			l.Address = old.Address
			continue
		}
		address, err := s.complete(ctx, *l, running)
		if err != nil {
			return nil, err
		}
		l.Address = address
	}
	return p, s.placeStores(p)
}

// clonePlan copies what a move changes.
func clonePlan(plan *split.Plan) *split.Plan {
	p := *plan
	p.Links, p.Units, p.Components = slices.Clone(plan.Links), slices.Clone(plan.Units), slices.Clone(plan.Components)
	return &p
}

// placeStores says where the components with a store keep it: relative to the
// module's root, and below .unweld/state where the configuration names no place.
func (s *supervisor) placeStores(plan *split.Plan) error {
	root := s.opts.Dir
	if filepath.IsAbs(s.opts.Key) {
		root = s.opts.Key
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	for i := range plan.Components {
		c := &plan.Components[i]
		if c.Store == "" || c.RemoteState || strings.HasPrefix(c.StatePath, "${") {
			continue
		}
		if c.StatePath == "" {
			c.StatePath = filepath.Join(".unweld", "state", c.StateFile)
		}
		if !filepath.IsAbs(c.StatePath) {
			c.StatePath = filepath.Join(root, c.StatePath)
		}
		if err := os.MkdirAll(filepath.Dir(c.StatePath), 0o700); err != nil {
			return fmt.Errorf("%s: a place for its state: %w", c.Name, err)
		}
	}
	return nil
}

func linkIn(plan *split.Plan, l split.Link) *split.Link {
	for i := range plan.Links {
		if plan.Links[i].Component == l.Component && plan.Links[i].Endpoint == l.Endpoint {
			return &plan.Links[i]
		}
	}
	return nil
}

func sortLinks(links []split.Link) {
	slices.SortFunc(links, func(a, b split.Link) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Endpoint, b.Endpoint))
	})
}

// sameScheme reports whether have satisfies want: the same address, or one of
// the scheme that want consists of.
func sameScheme(have, want string) bool {
	return have == want || strings.HasSuffix(want, ":") && strings.HasPrefix(have, want)
}

// complete finds the address of a link. Each unit serves a component at one
// address for as long as the run lasts, unless running uses that elsewhere.
func (s *supervisor) complete(ctx context.Context, l split.Link, running *split.Plan) (string, error) {
	taken := func(address string) bool {
		return slices.ContainsFunc(running.Links, func(o split.Link) bool { return o.Address == address })
	}
	key := l.Unit + "/" + l.Component + "/" + l.Endpoint
	if had := s.addresses[key]; had != "" && sameScheme(had, l.Address) && !taken(had) {
		return had, nil
	}
	a, err := s.allocator(l)
	if err != nil {
		return "", err
	}
	p := split.Placement{Component: l.Component, Endpoint: l.Endpoint, Unit: displayName(l.Unit)}
	address := l.Address
	given := !strings.HasSuffix(address, ":")
	if given && running.Split != "" && s.allocated(address) {
		given = false // its last host still listens there
	}
	switch {
	case a == nil: // what stays in the process, or the configuration's own broker
	case given:
		err = unusable(l, a.Check(p, address))
	default:
		address, err = a.Allocate(ctx, p)
	}
	if err == nil {
		s.addresses[key] = address
	}
	return address, err
}

// allocator returns what finds addresses of the link's scheme. It is nil where
// the address is complete and nothing needs to be found.
func (s *supervisor) allocator(l split.Link) (split.Allocator, error) {
	name, rest, _ := strings.Cut(l.Address, ":")
	if a := s.allocators[name]; a != nil {
		return a, nil
	}
	scheme := s.opts.Schemes.Named(name)
	switch {
	case scheme == nil:
		return nil, &component.UsageError{Object: l.Component, Reason: "no binding links by " + name, Hint: "the schemes are " + strings.Join(s.opts.Schemes.Names(), ", ")}
	case scheme.Open == nil && scheme.CrossesUnits && rest == "":
		return nil, &component.UsageError{Object: l.Component, Reason: fmt.Sprintf("no address can be found for a link by %s", name), Hint: "give it a whole address in the links of the split"}
	case scheme.Open == nil:
		return nil, nil
	}
	a, err := scheme.Open(split.Opening{Dir: s.dir.path, Progress: func(message string) {
		s.notify(deploy.Event{State: "starting", Message: message})
	}})
	if err == nil {
		s.allocators[name] = a
	}
	return a, err
}

func (s *supervisor) closeAllocators() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(s.allocators)) {
		errs = append(errs, s.allocators[name].Close())
	}
	return errors.Join(errs...)
}

func (s *supervisor) allocated(address string) bool {
	for _, a := range s.addresses {
		if a == address {
			return true
		}
	}
	return false
}

// unusable says that a component can't be served at an address that the
// configuration gives.
func unusable(l split.Link, err error) error {
	if _, ok := errors.AsType[*component.UsageError](err); ok || err == nil {
		return err
	}
	return &component.UsageError{
		Object: l.Address, Reason: fmt.Sprintf("%s can't be served here: %v", l.Component, err),
		Hint: "end the other program, or name the binding alone in unweld.yaml and let unweld pick an address",
	}
}
