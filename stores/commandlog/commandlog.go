// Package commandlog is the store that keeps a component's state as the log of
// the calls that made it.
package commandlog

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

// sqliteVersion is the release of modernc.org/sqlite that a module gets which
// doesn't require one: the last that asks for no newer language than the
// run-time does. Newer ones do as well.
const sqliteVersion = "v1.46.1"

// Store is the store named commandlog.
var Store = &stores.Store{
	Name: "commandlog",
	Doc: `A log of the calls that change the state: they are replayed when the component starts.

The component stays as it is, a type or a package that holds its state in
memory. A call that changes the state is written to a SQLite file, with its
arguments, before it runs, and is acknowledged when it is on the disk: callers
that arrive together share one write. Calls that only read go straight to the
component. The file is what the unit's state path or UNWELD_STATE_<COMPONENT>
says, or .unweld/state/<component>.db below the working directory; in tests the
log is kept in memory and gone with the process.

Calls that change the state run one after the other, with a context that has no
deadline, cancellation or values, so that they do the same when they are
replayed. For the same reason they must depend on their arguments and the state
alone: one that asks for the time, draws random numbers or does I/O is refused,
with the place. A call that changes the state must not wait for another one of
the same component. Memory of the state that a call returns must not be changed
by the caller, as no call is logged for it: return copies.

A log outlives new parameters, and new fields in what is passed. One that an
older version wrote is refused where something of it would be lost, as is one
that was damaged; the message says how to go on.`,
	Traits: split.StoreTraits{
		History: true, Replays: true,
		Location: split.Location{Extension: ".db", Schemes: []string{"file"}, Example: ".unweld/state"},
		Move: `The unit that hosts the component closes the file, and the next one of the same
machine opens it and replays the log. To another machine the file has to be
copied while no process has it open, FILE and FILE.owner both.`,
	},
	Runtime:  []generate.Package{calllog.Package, {Name: "commandlog", Source: sources, Dir: "rt"}},
	Check:    calllog.Check,
	Generate: generateFiles,
}

func generateFiles(_ context.Context, req *generate.Request) (*generate.Output, error) {
	out, err := calllog.Generate(req, "commandlog")
	if err != nil {
		return nil, err
	}
	out.Requires = []generate.Requirement{{Path: "modernc.org/sqlite", Version: sqliteVersion, Packages: []string{"modernc.org/sqlite"}}}
	return out, nil
}
