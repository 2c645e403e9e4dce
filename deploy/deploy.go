// Package deploy defines what a target is: something that a split is compiled
// to and run on. Each one lives in a folder of its own below this one;
// deploy/all is the table of them.
package deploy

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/unweld/unweld/internal/split"
)

// A Target runs splits. It is a struct value in a table.
type Target struct {
	Name string // as in `unweld split emit --target NAME`: "process"
	Doc  string // first line is a summary

	// Check reports what keeps the plan from this target.
	Check func(*split.Plan) []split.Problem
	// Run starts the plan's units and returns when they have ended. It
	// forwards signals, restarts what dies, and leaves no orphan.
	Run func(context.Context, *split.Plan, RunOptions) error
}

// RunOptions say what to run a plan with.
type RunOptions struct {
	Binary string   // the user's program, built
	Args   []string // its arguments, the same for each unit
	Dir    string   // working directory
	Env    []string // additional environment
	Notify func(Event)

	// Key names what runs, so that a later command finds it: the absolute path
	// of the module's root. One split runs per key and user.
	Key string

	Stdin          io.Reader // of the entry unit; nil: none
	Stdout, Stderr io.Writer // nil: discarded
	// Raw passes the entry unit's output through as it is. Otherwise each line
	// of each unit starts with the unit's name.
	Raw bool

	// Signals to act on, instead of those that the process receives.
	Signals <-chan os.Signal

	StartTimeout time.Duration // for a unit to get ready; 0: 30 s
	StopTimeout  time.Duration // for a unit to end by itself; 0: 10 s
}

// An Event tells a front end what a running split does.
type Event struct {
	Unit    string `json:"unit,omitempty"`
	State   string `json:"state"` // starting, ready, died, restarting, moving, moved, stopped
	PID     int    `json:"pid,omitempty"`
	Message string `json:"message,omitempty"`
}

// An ExitError is the end of a run whose entry unit did not exit with status
// 0. The run's own exit status is Code.
type ExitError struct {
	Unit   string
	Code   int
	Signal string // the signal that ended it, or empty
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return fmt.Sprintf("unit %s: ended by signal %s", e.Unit, e.Signal)
	}
	return fmt.Sprintf("unit %s: exit status %d", e.Unit, e.Code)
}
