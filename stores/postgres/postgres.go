// Package postgres is the store that keeps a component's state as the log of the
// calls that made it, in a PostgreSQL database.
package postgres

import (
	"context"
	"embed"

	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/stores"
	"github.com/unweld/unweld/stores/calllog"
)

//go:embed rt/*.go
var sources embed.FS

// pgxVersion is the release of github.com/jackc/pgx/v5 that a module gets which
// doesn't require one: the last that asks for no newer language than the
// run-time does. Newer ones do as well.
const pgxVersion = "v5.8.0"

// imported are the packages of pgx that the run-time imports.
var imported = []string{"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn"}

// Store is the store named postgres.
var Store = &stores.Store{
	Name: "postgres",
	Doc: `A log of the calls that change the state, in a PostgreSQL database.

What commandlog does on a SQLite file, on a server: calls that change the state
are written to a table before they run, and replayed when the component starts,
on whatever machine that is. The unit's state path or UNWELD_STATE_<COMPONENT>
is the address, postgres://user@host:5432/database, and what libpq reads from the
environment counts too. A password doesn't belong in unweld.yaml: there ${NAME}
stands for a part of the address, or all of it, that is in the environment. Each
component has a schema of its own, named unweld_<component>, in which its tables
lie. In tests the log is kept in memory and gone with the process.

One process owns a log at a time, by an advisory lock that ends with its
connection. A process that loses its connection accepts no more calls: another
one may own the log by then, and each write checks that none does. A write is
acknowledged when it is committed with synchronous_commit on.

The rules for what can be replayed are those of commandlog.`,
	Traits: split.StoreTraits{
		History: true, Replays: true,
		Location: split.Location{Schemes: []string{"postgres", "postgresql"}, Example: "postgres://shop:${DB_PASSWORD}@db:5432/shop"},
		Move: `The unit that hosts the component ends its connection, and the next one, on
whatever machine, takes the log and replays it. One that lost its connection
without knowing writes nothing more.`,
	},
	Runtime:  []generate.Package{calllog.Package, {Name: "postgres", Source: sources, Dir: "rt"}},
	Check:    calllog.Check,
	Generate: generateFiles,
}

func generateFiles(_ context.Context, req *generate.Request) (*generate.Output, error) {
	out, err := calllog.Generate(req, "postgres")
	if err != nil {
		return nil, err
	}
	out.Requires = []generate.Requirement{{Path: "github.com/jackc/pgx/v5", Version: pgxVersion, Packages: imported}}
	return out, nil
}
