package codes

import "github.com/unweld/unweld/internal/component"

// crossing are the reasons why a value or a function stays in its process.
var crossing = []Code{
	{Name: "connection-in-contract", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a network connection, or a request or response of net/http, crosses",
		Why:   "A connection belongs to the process that opened it. What arrives on the other side could neither read from it nor answer on it.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"net/http"
)

type Service interface {
	Handle(ctx context.Context, r *http.Request) error
}
`,
		After: `package svc

import "context"

type Service interface {
	Handle(ctx context.Context, path string, form map[string][]string) error
}
`}},
	{Name: "context-in-struct", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a context.Context is a field of a value that crosses, or isn't the first parameter",
		Why:   "Deadline and cancellation cross only where the generated code can see them: in the first parameter. A context inside a value would arrive without either.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type Job struct {
	Ctx  context.Context
	Name string
}

type Service interface {
	Do(ctx context.Context, j Job) error
}
`,
		After: `package svc

import "context"

type Job struct {
	Name string
}

type Service interface {
	Do(ctx context.Context, j Job) error
}
`}},
	{Name: "foreign-type", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a type of another package keeps its state in unexported fields and has no codec",
		Why:   "Only exported fields can be read from outside. The rest of the value would be lost without anybody noticing.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"text/template"
)

type Service interface {
	Render(ctx context.Context, t template.Template) error
}
`,
		After: `package svc

import "context"

type Service interface {
	Render(ctx context.Context, text string) error
}
`}},
	{Name: "generic-contract", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a contract, method or function has type parameters",
		Why:   "What is sent has to be known when the code is generated; a type parameter can be any type.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type Service[T any] interface {
	Put(ctx context.Context, v T) error
}
`,
		After: `package svc

import "context"

type Service interface {
	Put(ctx context.Context, v string) error
}
`}},
	{Name: "iterator-in-contract", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "an iterator crosses",
		Why:   "An iterator is a function that runs in the process that made it, once per element.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"iter"
)

type Service interface {
	List(ctx context.Context) (iter.Seq[string], error)
}
`,
		After: `package svc

import "context"

type Service interface {
	List(ctx context.Context, after string, limit int) ([]string, error)
}
`}},
	{Name: "lock-in-value", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a mutex, wait group, atomic or sync.Once is part of a value that crosses",
		Why:   "A copy of a lock locks nothing: both sides would hold it at the same time.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"sync"
)

type Cart struct {
	Mu    sync.Mutex
	Lines []string
}

type Service interface {
	Place(ctx context.Context, c *Cart) error
}
`,
		After: `package svc

import "context"

type Cart struct {
	Lines []string
}

type Service interface {
	Place(ctx context.Context, c *Cart) error
}
`}},
	{Name: "open-interface", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "an interface or any crosses: every type could be behind it",
		Why:   "The other side has to know what to decode. Of an open interface nobody can list the types.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type Service interface {
	Set(ctx context.Context, key string, value any) error
}
`,
		After: `package svc

import "context"

type Value struct {
	Text   string
	Number float64
}

type Service interface {
	Set(ctx context.Context, key string, value Value) error
}
`}},
	{Name: "process-state", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a value crosses that means something in its own process only",
		Why:   "A timer, a started command or a reflect.Value refers to the memory of its process.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Wait(ctx context.Context, t *time.Timer) error
}
`,
		After: `package svc

import (
	"context"
	"time"
)

type Service interface {
	Wait(ctx context.Context, d time.Duration) error
}
`}},
	{Name: "stream-in-contract", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a reader, writer or closer crosses",
		Why:   "Reading from it or writing to it happens in the process that holds it, piece by piece, for as long as it is open.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import (
	"context"
	"io"
)

type Service interface {
	Import(ctx context.Context, r io.Reader) error
}
`,
		After: `package svc

import "context"

type Service interface {
	Import(ctx context.Context, data []byte) error
}
`}},
	{Name: "unexported-state", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a value that crosses has fields that generated code can't read, and no marshaler",
		Why:   "What is in those fields would be lost on the way, and the value on the other side would be another one.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type Amount struct{ cents int64 }

func Of(cents int64) Amount { return Amount{cents} }

type Service interface {
	Pay(ctx context.Context, m Amount) error
}
`,
		After: `package svc

import "context"

type Amount struct{ Cents int64 }

type Service interface {
	Pay(ctx context.Context, m Amount) error
}
`}},
	{Name: "unknown-type", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "a type could not be checked, so nobody knows whether it can cross",
		Why:   "The code doesn't compile at this place. What isn't known isn't guessed.",
		Since: "0.1",
		Before: `package svc

import "context"

type Service interface {
	Place(ctx context.Context, o Ordr) error
}

type Order struct{ ID string }
`,
		After: `package svc

import "context"

type Service interface {
	Place(ctx context.Context, o Order) error
}

type Order struct{ ID string }
`}},
	{Name: "unsafe-value", Severity: component.Error, Doc: Doc{Family: Crossing,
		Title: "an unsafe.Pointer or uintptr crosses",
		Why:   "It is an address in the memory of one process.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: `package svc

import "context"

type Service interface {
	Map(ctx context.Context, address uintptr) error
}
`,
		After: `package svc

import "context"

type Service interface {
	Map(ctx context.Context, name string) error
}
`}},
}
