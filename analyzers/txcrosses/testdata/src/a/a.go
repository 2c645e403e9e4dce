package a

import (
	"context"
	"database/sql"
)

type Work struct{ tx *sql.Tx }

type Filter struct{ Name sql.NullString }

type Service interface {
	Plain(ctx context.Context, f Filter) error
	Reserve(ctx context.Context, tx *sql.Tx, sku string) error // want `Reserve: Tx \(sql.Tx\): in one process .*, across a process`
	List(ctx context.Context) (*sql.Rows, error)               // want `List: Rows \(sql.Rows\)`
	Continue(w Work)                                           // want `Continue: Work.tx \(sql.Tx\)`
}
