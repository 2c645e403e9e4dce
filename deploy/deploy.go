// Package deploy defines what a target is: something that a split is compiled
// to and run on. Each one lives in a folder of its own below this one;
// deploy/all is the table of them.
package deploy

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

// A Target runs splits, or writes files from which something else runs them, or
// both. It is a struct value in a table.
type Target struct {
	Name string // as in `unweld split emit --target NAME`: "process"
	Doc  string // first line is a summary

	// Takes are the values that the target accepts in a plan. Its Target may
	// be left empty.
	Takes split.Capabilities
	// Tools are the programs that it needs, or whoever uses what it emits.
	Tools []generate.Tool
	// Check reports other reasons why the target can't use a plan. May be nil.
	Check func(*split.Plan) []split.Problem
	// Emit writes the plan as files for something else to run. It has no side
	// effects and is deterministic. Nil: not supported.
	Emit func(context.Context, *split.Plan, EmitOptions) ([]File, error)
	// Run, Apply and Status are all there or all nil.

	// Run starts the plan's units and returns when they have ended. It
	// forwards signals, restarts units that crash, and leaves no process
	// behind. Nil: not supported.
	Run func(context.Context, *split.Plan, RunOptions) error
	// Apply changes the running split of key to the plan, while calls are in
	// flight. If it fails, the split is as it was before.
	Apply func(ctx context.Context, key string, plan *split.Plan, opts ApplyOptions) error
	// Status returns the state of the running split of key.
	Status func(ctx context.Context, key string) (*Status, error)
}

// Problems reports what keeps a plan from the target (Error), and what the
// target leaves out of it (Warn), sorted.
func (t *Target) Problems(plan *split.Plan, schemes split.Schemes) []split.Problem {
	takes := t.Capabilities()
	ps := takes.Check(plan, schemes)
	if t.Check != nil {
		ps = append(ps, t.Check(plan)...)
	}
	return component.SortProblems(ps)
}

// Capabilities are what the target takes, under its name.
func (t *Target) Capabilities() split.Capabilities {
	takes := t.Takes
	takes.Target = t.Name
	return takes
}

// Fit adds to a plan's problems what the target says of it. It fails with a
// *component.UsageError where the target can't take the plan.
func (t *Target) Fit(plan *split.Plan, schemes split.Schemes) error {
	ps := t.Problems(plan, schemes)
	plan.Problems = component.SortProblems(append(plan.Problems, ps...))
	return split.Usage(ps)
}

// FitAll says of each target of a table whether it can take the split that plan makes
// for it. Plan is told whether the target's units may run on several hosts.
func FitAll(table []*Target, schemes split.Schemes, plan func(acrossHosts bool) (*split.Plan, error)) []split.Fit {
	list := []split.Fit{}
	for _, t := range table {
		f := split.Fit{Name: t.Name, Runs: t.Run != nil}
		p, err := plan(t.Takes.AcrossHosts)
		if err == nil {
			err = t.Fit(p, schemes)
		}
		if err != nil {
			f.Problem = err.Error()
		} else {
			f.Warnings = p.Problems
		}
		list = append(list, f)
	}
	return list
}

// EmitOptions say what to emit a plan with.
type EmitOptions struct {
	App     string        // name of the program, for labels and images
	Schemes split.Schemes // that links can have
	// Warn is called with what the user has to add or to know. It must not be
	// nil.
	Warn func(split.Problem)
}

// A File is a file that a target has emitted.
type File struct {
	Path    string `json:"path"` // relative, with slashes
	Content string `json:"content"`
}

// RunOptions say what to run a plan with.
type RunOptions struct {
	Binary string   // the user's program, built
	Args   []string // its arguments, the same for each unit
	Dir    string   // working directory
	Env    []string // additional environment
	Notify func(Event)

	Schemes split.Schemes // that links can have

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

// ApplyOptions say how to change a running split.
type ApplyOptions struct {
	// LoseState allows components with state but without a store to move: they
	// start empty in their new unit.
	LoseState bool
	// Drain limits how long to wait for a component's calls in flight, while
	// new calls wait. 0: 5 s.
	Drain time.Duration
	// Notify is called for each event. May be nil.
	Notify func(Event)
}

// Status is the state of a running split.
type Status struct {
	Split   string       `json:"split"`
	PID     int          `json:"pid"` // of the supervisor
	Started time.Time    `json:"started"`
	Units   []UnitStatus `json:"units"` // sorted by name
	Links   []split.Link `json:"links"` // sorted by component, then endpoint
}

// UnitOf is the unit that hosts a component; "" if none does.
func (s *Status) UnitOf(component string) string {
	for _, l := range s.Links {
		if l.Component == component && l.Endpoint == "" {
			return l.Unit
		}
	}
	for _, u := range s.Units { // one that is pinned has no link
		if slices.Contains(u.Components, component) {
			return u.Name
		}
	}
	return ""
}

// UnitOfEndpoint is the unit that serves an endpoint: that of its component, unless
// it is served apart.
func (s *Status) UnitOfEndpoint(component, endpoint string) string {
	for _, l := range s.Links {
		if l.Component == component && l.Endpoint == endpoint {
			return l.Unit
		}
	}
	return s.UnitOf(component)
}

// UnitStatus is one unit of a running split.
type UnitStatus struct {
	Name       string          `json:"name"`
	PID        int             `json:"pid"` // 0 while no process of it runs
	Entry      bool            `json:"entry,omitempty"`
	Ready      bool            `json:"ready"`             // its process answers and serves what it hosts
	Problem    string          `json:"problem,omitempty"` // why it isn't ready
	Restarts   int             `json:"restarts,omitempty"`
	Components []string        `json:"components"`
	Stats      []EndpointStats `json:"stats,omitempty"` // since its process began; none if it didn't answer
}

// EndpointStats counts the calls of one endpoint in one process.
type EndpointStats struct {
	Component string `json:"component"`
	Endpoint  string `json:"endpoint"`
	Local     int64  `json:"local"`  // in-process; only where they are counted
	Called    int64  `json:"called"` // crossed, as caller
	Served    int64  `json:"served"` // crossed, as callee

	Errors    int64     `json:"errors,omitempty"`   // of calls that crossed, as caller
	InFlight  int64     `json:"inFlight,omitempty"` // the same, that haven't returned yet
	Durations Durations `json:"durations,omitempty"`
}

// Durations count calls, as their caller has waited for them, by how long that was. Class
// i begins at (4 + i%4) << (i/4) times 256 ns; the first takes what is shorter, too.
type Durations []int64

// begins is where a class begins.
func begins(class int) time.Duration { return time.Duration(4+class%4) << (class/4 + 8) }

// Since are the calls that have been counted since before, which was taken earlier.
func (d Durations) Since(before Durations) Durations {
	since := slices.Clone(d)
	for i := range before[:min(len(before), len(d))] {
		since[i] = max(since[i]-before[i], 0)
	}
	return since
}

// Plus are the calls of both.
func (d Durations) Plus(other Durations) Durations {
	if len(d) < len(other) {
		d, other = other, d
	}
	sum := slices.Clone(d)
	for i, n := range other {
		sum[i] += n
	}
	return sum
}

// Quantile is how long the given share of the calls has taken at most, within an eighth
// or so; 0 if there were none.
func (d Durations) Quantile(share float64) time.Duration {
	var all int64
	for _, n := range d {
		all += n
	}
	left := share * float64(all)
	for i, n := range d {
		if n > 0 && left <= float64(n) {
			return begins(i) + time.Duration(left/float64(n)*float64(begins(i+1)-begins(i)))
		}
		left -= float64(n)
	}
	return 0
}

// An Event reports a change of a running split.
type Event struct {
	Unit    string `json:"unit,omitempty"`
	State   string `json:"state"` // starting, late, ready, died, restarting, moving, moved, stopped
	PID     int    `json:"pid,omitempty"`
	Message string `json:"message,omitempty"`
}

// An ExitError reports that the entry unit didn't exit with status 0. Code is
// the exit status for the whole run.
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
