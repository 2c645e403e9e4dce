package codes

import "github.com/unweld/unweld/internal/component"

// crossing are the reasons why a value or a function stays in its process.
var crossing = []Code{
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
}
