package codes

import "github.com/unweld/unweld/internal/component"

// behaves are the hazards of values and calls that can cross.
var behaves = []Code{
	{Name: "nondeterministic", Severity: component.Warn, Doc: Doc{Family: Behaves,
		Title: "a call that is to be replayed depends on more than its arguments and the state",
		Why:   "A command log brings state back by running the calls again. What reads the clock, draws random numbers or talks to the world would do something else the second time.",
		Since: "0.1",
		Before: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Place(ctx context.Context, id string) error
}

type Orders struct{ at map[string]time.Time }

func (o *Orders) Place(ctx context.Context, id string) error {
	o.at[id] = time.Now()
	return nil
}
`,
		After: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Place(ctx context.Context, id string, now time.Time) error
}

type Orders struct{ at map[string]time.Time }

func (o *Orders) Place(ctx context.Context, id string, now time.Time) error {
	o.at[id] = now
	return nil
}
`}},
	{Name: "sentinel-error", Severity: component.Warn, Doc: Doc{Family: Behaves,
		Title: "callers look for an error that the component doesn't import",
		Why:   "Errors keep their identity across a process where the generated table names them, and it names those of packages that the component imports. Another one arrives with the same text, but errors.Is doesn't find it.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `-- late/late.go --
package late

import "errors"

var Err = errors.New("late")
-- svc/svc.go --
package svc

import "context"

type Service interface {
	Take(ctx context.Context, id string) error
}
-- use/use.go --
package use

import (
	"context"
	"errors"

	"example.com/m/late"
	"example.com/m/svc"
)

func Late(ctx context.Context, s svc.Service) bool {
	return errors.Is(s.Take(ctx, "1"), late.Err)
}
`,
		After: `-- late/late.go --
package late

import "errors"

var Err = errors.New("late")
-- svc/svc.go --
package svc

import (
	"context"

	"example.com/m/late"
)

var ErrLate = late.Err

type Service interface {
	Take(ctx context.Context, id string) error
}
-- use/use.go --
package use

import (
	"context"
	"errors"

	"example.com/m/late"
	"example.com/m/svc"
)

func Late(ctx context.Context, s svc.Service) bool {
	return errors.Is(s.Take(ctx, "1"), late.Err)
}
`}},
	{Name: "typed-error", Severity: component.Warn, Doc: Doc{Family: Behaves,
		Title: "an error type has a value in it that can't cross",
		Why:   "The error arrives with the same text, but errors.As doesn't find the type.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type LostError struct{ Retry func() }

func (e *LostError) Error() string { return "lost" }

type Service interface {
	Take(ctx context.Context, id string) error
}
`,
		After: `package svc

import "context"

type LostError struct{ Retries int }

func (e *LostError) Error() string { return "lost" }

type Service interface {
	Take(ctx context.Context, id string) error
}
`}},
}
