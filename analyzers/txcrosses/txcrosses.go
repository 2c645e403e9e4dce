// Package txcrosses finds the hazard tx-crosses: a database transaction, connection or cursor crosses.
package txcrosses

import (
	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/hazard"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

const name = "tx-crosses"

var doc = codes.Doc{
	Family: codes.Crossing,
	Title:  "a database transaction, connection or cursor crosses",
	Why:    "A transaction belongs to one database connection of one process. What the other side does would not be part of it, and could not be rolled back with it.",
	Since:  "0.1",
	Before: `package svc

import (
	"context"
	"database/sql"
)

type Service interface {
	Reserve(ctx context.Context, tx *sql.Tx, id string) error
}
`,
	After: `package svc

import "context"

type Service interface {
	Reserve(ctx context.Context, id string) error
}
`,
}

// Analyzer is the rule tx-crosses.
var Analyzer = analyzers.Analyzer{
	Name: name, Severity: component.Error, Doc: doc, Solutions: []string{"wrap-transaction"},
	Check: check, Analysis: hazard.Vet(name, doc, check),
}

var check = hazard.Of(name)
