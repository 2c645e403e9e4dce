//go:build unix

package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/unweld/unweld/stores/postgres/pgtest"
)

func init() {
	commands["postgres"] = postgres
	commands["sql"] = sql
	atEnd = func() error {
		if !postgresUp {
			return nil
		}
		s, err := pgtest.Start()
		if err != nil {
			return err
		}
		return s.End()
	}
}

// postgresUp says that a server was started for a script.
var postgresUp bool

// postgres runs "postgres DATABASE HOST": a server with a new database, whose
// name and socket's folder the variables get.
func postgres(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: postgres DATABASE HOST")
	}
	s, err := pgtest.Start()
	ts.Check(err)
	postgresUp = true
	address, err := s.Fresh(context.Background())
	ts.Check(err)
	u, err := url.Parse(address)
	ts.Check(err)
	ts.Setenv(args[0], strings.Trim(u.Path, "/"))
	ts.Setenv(args[1], u.Query().Get("host"))
}

// sql runs "sql DATABASE STATEMENT".
func sql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql DATABASE STATEMENT")
	}
	s, err := pgtest.Start()
	ts.Check(err)
	ts.Check(pgtest.Execute(context.Background(), s.Address(args[0]), args[1]))
}
