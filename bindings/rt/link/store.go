package link

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// A StoreFunc opens the store at a location and returns the implementation impl
// wrapped so that its state is kept there. location is the value of
// UNWELD_STATE_<COMPONENT>, or empty; memory: means that state is kept in
// memory for this value only, as in tests. If the returned value has a method
// Close() error, it is called when the component moves away or the unit stops. Calls
// from this process may be under way then: Close waits for those that the store has
// accepted, and later ones are refused as not executed.
type StoreFunc[S any] func(ctx context.Context, location string, impl S) (S, error)

func (f StoreFunc[S]) open(ctx context.Context, in *instance, impl any) (any, error) {
	location, err := in.unit.state(in.component)
	if err == nil {
		impl, err = f.openAt(ctx, location, impl)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its state: %w", in.component, err)
	}
	return impl, nil
}

func (f StoreFunc[S]) openAt(ctx context.Context, location string, impl any) (any, error) {
	s, _ := impl.(S)
	return f(ctx, location, s)
}

func (f StoreFunc[S]) close(in *instance, impl any) error {
	if c, ok := impl.(io.Closer); ok {
		if err := c.Close(); err != nil {
			return fmt.Errorf("%s: closing its state: %w", in.component, err)
		}
	}
	return nil
}

func stateVar(component string) string { return "UNWELD_STATE_" + upper(component) }

// state is where a component keeps its state. What the variable names as ${NAME}
// stands in another one, so that a password needs to be in one place only.
func (u *unit) state(c string) (string, error) {
	rest := u.getenv(stateVar(c))
	var location strings.Builder
	for {
		plain, after, ok := strings.Cut(rest, "${")
		name, tail, closed := strings.Cut(after, "}")
		if !ok || !closed {
			location.WriteString(rest)
			return location.String(), nil
		}
		location.WriteString(plain)
		value := u.getenv(name)
		if value == "" {
			return "", fmt.Errorf("%s refers to the environment variable %s, which is empty", stateVar(c), name)
		}
		location.WriteString(value)
		rest = tail
	}
}
