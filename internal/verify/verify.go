package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/unweld/unweld/internal/change"
)

// A Module is a copy of a module that may be changed and whose code may be run.
// Its methods must not be called concurrently.
type Module struct {
	root string
	env  []string // of the go command

	modules  []string                   // the folders of a workspace, relative to root; "." alone for a module
	listed   []*listedPackage           // as it is
	tested   map[string]*packageResults // of the module as it is, by import path
	vetted   map[string]map[string]bool // what vet says of a package of the module as it is
	progress func(string)
}

// Open returns the module, or workspace, at an absolute folder. env is laid over
// the environment of the go command.
func Open(root string, env []string) *Module {
	return &Module{root: root, env: env, tested: map[string]*packageResults{}, vetted: map[string]map[string]bool{}, progress: func(string) {}}
}

// Options say how much is done.
type Options struct {
	// Time bounds all of it; 0 is five minutes. What isn't done by then is
	// reported as not verified.
	Time time.Duration
	// Packages is how many packages are tested, the changed ones first; 0 is 60.
	Packages int
	// Harmless returns why a function must not be called with random arguments:
	// it may reach files, processes or the network. "" lets it be called. Nil means
	// that none is called.
	Harmless func(Func) string
	// Progress is told what is being done. It may be nil.
	Progress func(string)
}

// A Report is what a check found out.
type Report struct {
	Packages []string `json:"packages"` // whose tests ran before and after, sorted by distance
	Tests    int      `json:"tests"`    // that pass before and after
	// Failing are the tests that don't pass before the change, which are not counted.
	Failing     []string     `json:"failing"`
	Driven      []Driven     `json:"driven"`     // functions that were called, old and new
	Unverified  []Gap        `json:"unverified"` // what couldn't be looked at
	Differences []Difference `json:"differences"`
}

// Driven is a function that was called with random arguments.
type Driven struct {
	Func   string `json:"func"`   // ./pricing.Engine.Price
	Inputs int    `json:"inputs"` // how many
}

// A Gap is something that was not verified.
type Gap struct {
	Object string `json:"object"` // a function, a package
	Reason string `json:"reason"`
}

// What differs.
const (
	Build  = "build"  // a package or its tests no longer build
	Vet    = "vet"    // go vet says something new
	Test   = "test"   // a test that passed fails
	Output = "output" // a function returns, changes or panics otherwise
)

// A Difference is something that the change made another.
type Difference struct {
	Kind   string `json:"kind"`
	Object string `json:"object"`          // the test, function or package
	Input  string `json:"input,omitempty"` // the arguments, of a function
	Before string `json:"before,omitempty"`
	After  string `json:"after"`
}

func (d Difference) String() string {
	switch d.Kind {
	case Output:
		return fmt.Sprintf("%s(%s) gave %s and gives %s", d.Object, d.Input, d.Before, d.After)
	case Test:
		return fmt.Sprintf("%s passed and fails: %s", d.Object, d.After)
	case Vet:
		return fmt.Sprintf("go vet says of %s: %s", d.Object, d.After)
	}
	return fmt.Sprintf("%s no longer builds: %s", d.Object, d.After)
}

// Check verifies a change of the module. It fails only where it couldn't work, or
// was stopped.
func (m *Module) Check(ctx context.Context, set change.Set, o Options) (report *Report, err error) {
	if o.Time == 0 {
		o.Time = 5 * time.Minute
	}
	if o.Packages == 0 {
		o.Packages = 60
	}
	if m.progress = o.Progress; m.progress == nil {
		m.progress = func(string) {}
	}
	c := &check{Module: m, options: o, set: set, end: time.Now().Add(o.Time),
		report: &Report{Packages: []string{}, Failing: []string{}, Driven: []Driven{}, Unverified: []Gap{}, Differences: []Difference{}}}
	defer c.done()
	if err := c.before(ctx); err != nil {
		return nil, err
	}
	if err := change.Apply(m.root, set); err != nil {
		return nil, err
	}
	defer func() {
		_, failed := change.Undo(m.root)
		err = errors.Join(err, failed)
	}()
	if err := c.after(ctx); err != nil {
		return nil, err
	}
	return c.report, nil
}

// A check is one Check under way.
type check struct {
	*Module
	options Options
	set     change.Set
	end     time.Time
	report  *Report
	funcs   *changed
	tests   []*listedPackage // to test, before
	driving *driving
}

func (c *check) gap(object, reason string, args ...any) {
	c.report.Unverified = append(c.report.Unverified, Gap{object, fmt.Sprintf(reason, args...)})
}

func (c *check) differs(d Difference) { c.report.Differences = append(c.report.Differences, d) }

// done removes what was built.
func (c *check) done() {
	if c.driving != nil && c.driving.remove != nil {
		c.driving.remove()
	}
}

// share returns a context for a part of the time that is left.
func (c *check) share(ctx context.Context, part float64) (context.Context, context.CancelFunc) {
	left := time.Until(c.end)
	return context.WithTimeout(ctx, time.Duration(float64(left)*part))
}

// before looks at the module as it is.
func (c *check) before(ctx context.Context) error {
	if err := c.list(ctx); err != nil {
		return err
	}
	results, err := change.Results(c.root, c.set)
	if err != nil {
		return err
	}
	c.funcs = changedFuncs(results)
	c.choose(results)
	part, cancel := c.share(ctx, 0.45)
	defer cancel()
	c.progress(fmt.Sprintf("verify: vet and tests of %d packages, before the change", len(c.tests)))
	if err := c.vetPackages(part, c.tests, c.vetted); err != nil {
		return err
	}
	if err := c.testPackages(part, c.tests, c.tested); err != nil {
		return err
	}
	if err := c.prepareDrive(ctx); err != nil {
		return err
	}
	return ctx.Err()
}

// after looks at the changed module.
func (c *check) after(ctx context.Context) error {
	changed := Open(c.root, c.env)
	changed.modules = c.modules
	if err := changed.list(ctx); err != nil {
		return err
	}
	c.progress(fmt.Sprintf("verify: vet and tests of %d packages, after the change", len(c.tests)))
	part, cancel := c.share(ctx, 0.7)
	defer cancel()
	if err := c.compareTests(part, changed); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(c.report.Differences) > 0 {
		return nil
	}
	return c.drive(ctx, changed)
}
