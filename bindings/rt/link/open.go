package link

import (
	"context"
	"fmt"
)

// Open returns the value that a program uses for a component. Where this unit
// hosts the component, construct runs now and calls are function calls.
// Otherwise construct is kept in case the component moves here, and calls go to
// its unit. In a unit that only serves, the Open of its last component doesn't
// return.
func Open[S any](ctx context.Context, c *Contract[S], construct func(context.Context) (S, error)) (S, error) {
	service, untyped := untyped(c, construct)
	if err := openHere(ctx, untyped); err != nil {
		var zero S
		return zero, err
	}
	return service, nil
}

func openHere(ctx context.Context, c *contract) error {
	u, err := thisUnit()
	if err != nil {
		return err
	}
	if startedTest != nil {
		return openInTest(ctx, newInstance(u, c))
	}
	if err := open(ctx, u, c); err != nil {
		return err
	}
	u.done(c.component)
	return nil
}

func open(ctx context.Context, u *unit, c *contract) error {
	in := newInstance(u, c)
	if err := u.add(in); err != nil {
		return err
	}
	if err := in.start(ctx); err != nil {
		return err
	}
	u.opened(c.component, u.hosts(c.component))
	return nil
}

// OpenVar is Open for a package of functions: it initializes the package
// variable that holds the implementation. Nothing is served before Start.
func OpenVar[S any](c *Contract[S], impl S) S {
	service, untyped := untyped(c, func(context.Context) (S, error) { return impl, nil })
	if err := openVar(untyped, impl); err != nil {
		panic(fmt.Sprintf("unweld: %v", err))
	}
	return service
}

func openVar(c *contract, impl any) error {
	u, err := thisUnit()
	if err != nil {
		return err
	}
	in := newInstance(u, c)
	if startedTest != nil {
		return openVarInTest(in, impl)
	}
	in.impl = impl
	for i := range c.routed {
		in.install(i, impl, nil)
	}
	if err := u.add(in); err != nil {
		return err
	}
	if !u.hosts(c.component) {
		if err := in.start(context.Background()); err != nil {
			return err
		}
		u.opened(c.component, false)
	}
	return nil
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
			err = in.start(context.Background())
			u.opened(component, true)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("unweld: %v", err))
	}
	u.done(component)
}
