package link

import (
	"context"
	"time"
)

// System is what error numbers are told by.
const System = system

// A TestUnit is a unit of its own inside the test's process.
type TestUnit struct{ u *unit }

// NewTestUnit makes a unit with the given environment.
func NewTestUnit(env map[string]string) (*TestUnit, error) {
	u := newUnit(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
	u.exit = func(int) {}
	return &TestUnit{u}, u.check()
}

// OpenIn is Open in the given unit, less the serving forever.
func OpenIn[S any](t *TestUnit, c *Contract[S], construct func(context.Context) (S, error)) (S, error) {
	service, untyped := untyped(c, construct)
	if err := open(context.Background(), t.u, untyped); err != nil {
		var zero S
		return zero, err
	}
	return service, nil
}

// Do executes a command of the control protocol.
func (t *TestUnit) Do(m Message) Message { return t.u.execute(m) }

// Stats is Stats of the unit.
func (t *TestUnit) Stats() []EndpointStats { return t.u.stats() }

// Stop stops the unit.
func (t *TestUnit) Stop() { t.u.stop(5 * time.Second) }

// AskUnobserved is Remote.Call without a look for observers.
func AskUnobserved(ctx context.Context, r *Remote, endpoint int, request *Buffer) (string, error) {
	a := r.ask(ctx, endpoint, request)
	return a.Body, a.Err
}

// ObservedAs is the context of a call with streams that observers were told of, and End
// its end.
func ObservedAs(ctx context.Context, ended ...func(error)) (_ context.Context, end func(error)) {
	w := &Watch{ended: ended, holds: 1}
	return context.WithValue(ctx, watchKey{}, w), w.End
}
