// Package deploy defines what a target is: something that a split is compiled
// to and run on. Each one lives in a folder of its own below this one;
// deploy/all is the table of them.
package deploy

import (
	"context"

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
}

// An Event tells a front end what a running split does.
type Event struct {
	Unit    string `json:"unit"`
	State   string `json:"state"` // starting, ready, died, restarting, stopped
	PID     int    `json:"pid,omitempty"`
	Message string `json:"message,omitempty"`
}
