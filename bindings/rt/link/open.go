package link

import (
	"context"
	"fmt"
	"slices"
)

// Open makes the value that a program uses for a component. Hosted in this
// unit, construct runs and calls are function calls; hosted elsewhere, construct
// is kept for later and calls cross. In a unit that only serves, the Open that
// completes what it hosts doesn't return.
func Open[S any](ctx context.Context, c *Contract[S], construct func(context.Context) (S, error)) (S, error) {
	var zero S
	u, err := thisUnit()
	if err != nil {
		return zero, err
	}
	if startedTest != nil {
		return openInTest(ctx, u, c, construct)
	}
	in, err := open(ctx, u, c, construct)
	if err != nil {
		return zero, err
	}
	u.done(c.Component)
	return in.service, nil
}

func open[S any](ctx context.Context, u *unit, c *Contract[S], construct func(context.Context) (S, error)) (*instance[S], error) {
	in := newInstance(u, c, construct)
	if err := u.add(in); err != nil {
		return nil, err
	}
	if err := in.start(ctx, false); err != nil {
		return nil, err
	}
	u.tell(Message{Type: "open", Component: c.Component, Hosted: u.hosts(c.Component)})
	return in, nil
}

// OpenVar is Open for a package of functions: it initializes the package
// variable that holds the implementation. Nothing is served before Start.
func OpenVar[S any](c *Contract[S], impl S) S {
	u, err := thisUnit()
	if err != nil {
		panic(fmt.Sprintf("unweld: %v", err))
	}
	if startedTest != nil {
		return openVarInTest(u, c, impl)
	}
	in := newInstance(u, c, func(context.Context) (S, error) { return impl, nil })
	in.impl = impl
	for i := range in.ends {
		in.install(i, impl, nil)
	}
	if err := u.add(in); err != nil {
		panic(fmt.Sprintf("unweld: %v", err))
	}
	if !u.hosts(c.Component) {
		if err := in.start(context.Background(), true); err != nil {
			panic(fmt.Sprintf("unweld: %v", err))
		}
		u.tell(Message{Type: "open", Component: c.Component})
	}
	return in.service
}

// Start is called by the last init function of a package of functions, when
// its variables have been initialized: a unit that hosts it begins to serve.
func Start(component string) {
	u, err := thisUnit()
	if err == nil && startedTest != nil {
		err = startInTest(u, component)
	} else if err == nil {
		u.mu.Lock()
		in := u.findLocked(component)
		u.mu.Unlock()
		if in != nil && u.hosts(component) {
			err = in.start(context.Background(), true)
			u.tell(Message{Type: "open", Component: component, Hosted: true})
		}
	}
	if err != nil {
		panic(fmt.Sprintf("unweld: %v", err))
	}
	u.done(component)
}

// Stats returns the calls of every component opened in this process, sorted.
func Stats() []EndpointStats {
	u, err := thisUnit()
	if err != nil {
		return nil
	}
	return u.stats()
}

func (u *unit) stats() []EndpointStats {
	u.mu.Lock()
	instances := slices.Clone(u.instances)
	u.mu.Unlock()
	sums := make(map[[2]string]EndpointStats)
	for _, in := range instances {
		for _, s := range in.stats() {
			key := [2]string{s.Component, s.Endpoint}
			sum := sums[key]
			s.Local, s.Called, s.Served = s.Local+sum.Local, s.Called+sum.Called, s.Served+sum.Served
			sums[key] = s
		}
	}
	return sortedStats(sums)
}
