package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

const name = "process"

// sameProcess is the isolation of components that share a process.
const sameProcess = "goroutine"

var takes = split.Capabilities{
	Packaging: []string{"binary"},
	Runtime:   []string{name},
	Isolation: []string{sameProcess, name},
	Endpoints: true,
}

// Target is the table entry.
var Target = deploy.Target{
	Name:   name,
	Doc:    "Processes of this machine, started and supervised by unweld.",
	Takes:  takes,
	Check:  check,
	Run:    Run,
	Apply:  Apply,
	Status: Status,
}

// problems are those of the target, which can't be named from below Run.
func problems(plan *split.Plan, schemes split.Schemes) []split.Problem {
	t := deploy.Target{Name: name, Takes: takes, Check: check}
	return t.Problems(plan, schemes)
}

// entryTimeout is how long the other units have the machine for themselves.
// If they aren't ready then, the entry unit starts too: one of their
// constructors may need what it hosts.
const entryTimeout = 3 * time.Second

// A supervisor is one running split.
type supervisor struct {
	opts      deploy.RunOptions
	dir       *runDir
	spawn     *spawner
	control   string // path of the control socket
	startedAt time.Time
	stdout    *sink
	stderr    *sink
	width     int

	moving sync.Mutex // held by the one who changes the plan

	mu               sync.Mutex
	plan             *split.Plan     // in force: what processes that are started do
	goal             *split.Plan     // what the plan is to be; the same, unless a change could not be taken back yet
	betweenHosts     map[string]bool // components between two places
	units            []*unit         // while one is replaced, two have its name
	stopping         bool
	started          bool        // all units were ready once: from now on each that ends is started again
	forwardedSignals []os.Signal // that the entry unit got
	over             chan struct{}
	result           error
	overOnce         sync.Once

	addresses  map[string]string          // given out so far, by unit, component and endpoint
	allocators map[string]split.Allocator // by scheme, since the first address of it was asked for
}

// Run starts the units of a plan and returns when the entry unit has ended and
// the others have been stopped. See deploy.Target.
func Run(ctx context.Context, plan *split.Plan, opts deploy.RunOptions) error {
	if err := split.Usage(problems(plan, opts.Schemes)); err != nil {
		return err
	}
	dir, err := openRunDir(cmp.Or(opts.Key, opts.Dir, opts.Binary), plan.Split)
	if err != nil {
		return err
	}
	defer dir.close()
	s := newSupervisor(dir, opts)
	defer s.spawn.close()
	defer s.closeAllocators() //nolint:errcheck // the run is over
	if s.plan, err = s.resolve(ctx, plan, nil); err != nil {
		return err
	}
	s.goal = s.plan
	control, err := s.listen("control")
	if err != nil {
		return err
	}
	defer control.Close()
	s.control = control.Addr().String()
	go serveControl(control, s.hello)
	admin, err := s.listen("admin")
	if err != nil {
		return err
	}
	defer admin.Close()
	go s.serveAdmin(admin)
	if err := s.record(); err != nil {
		return err
	}

	signals := opts.Signals
	if signals == nil {
		own, stop := receive()
		defer stop()
		signals = own
	}
	go s.forwardSignals(ctx, signals)
	if err := s.startAll(); err != nil {
		s.end(err)
	}
	<-s.over
	s.moving.Lock() // a move under way gives up
	defer s.moving.Unlock()
	s.stopAll()
	return s.result
}

func newSupervisor(dir *runDir, opts deploy.RunOptions) *supervisor {
	s := &supervisor{opts: opts, dir: dir, startedAt: time.Now(), spawn: newSpawner(), addresses: map[string]string{}, allocators: map[string]split.Allocator{}, betweenHosts: map[string]bool{}, over: make(chan struct{})}
	if s.opts.StartTimeout == 0 {
		s.opts.StartTimeout = 30 * time.Second
	}
	if s.opts.StopTimeout == 0 {
		s.opts.StopTimeout = 10 * time.Second
	}
	s.stdout = &sink{w: orDiscard(opts.Stdout)}
	s.stderr = s.stdout
	if !same(opts.Stdout, opts.Stderr) {
		s.stderr = &sink{w: orDiscard(opts.Stderr)}
	}
	return s
}

// same reports whether two writers are one, which must not be written to from
// two goroutines.
func same(a, b io.Writer) bool {
	defer func() { _ = recover() }() // writers of a type that can't be compared
	return a == b
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

func (s *supervisor) listen(name string) (net.Listener, error) {
	path, err := s.dir.socket(name)
	if err != nil {
		return nil, err
	}
	return net.Listen("unix", path)
}

func (s *supervisor) notify(e deploy.Event) {
	if s.opts.Notify != nil {
		s.opts.Notify(e)
	}
}

func (s *supervisor) currentPlan() *split.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan
}

// planFor returns the plan and what it calls the unit.
func (s *supervisor) planFor(u *unit) (*split.Plan, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan, u.id
}

func (s *supervisor) setPlan(p *split.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = p
}

// currentGoal is the plan that is in force, or that is being gone back to.
func (s *supervisor) currentGoal() *split.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.goal
}

func (s *supervisor) isBetweenHosts(component string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.betweenHosts[component]
}

func (s *supervisor) setBetweenHosts(component string, between bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.betweenHosts[component] = between
}

func (s *supervisor) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// unit returns the unit that the plan calls by that name.
func (s *supervisor) unit(id string) *unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.units {
		if u.id == id {
			return u
		}
	}
	return nil
}

// allUnits returns the units, sorted by name, then age.
func (s *supervisor) allUnits() []*unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return byName(s.units)
}

func byName(units []*unit) []*unit {
	return slices.SortedStableFunc(slices.Values(units), func(a, b *unit) int { return cmp.Compare(a.name, b.name) })
}

// inventory returns what holds at one moment: the plan, the units, sorted by
// name, then age, and those of the plan that don't exist yet.
func (s *supervisor) inventory() (plan *split.Plan, units []*unit, waiting []*split.PlanUnit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	units = byName(s.units)
	for i := range s.plan.Units {
		pu := &s.plan.Units[i]
		if !slices.ContainsFunc(units, func(u *unit) bool { return u.id == pu.Name }) {
			waiting = append(waiting, pu)
		}
	}
	return s.plan, units, waiting
}

func (s *supervisor) forget(u *unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units = slices.DeleteFunc(s.units, func(o *unit) bool { return o == u })
}

// end ends the run with err; the first one counts.
func (s *supervisor) end(err error) {
	s.overOnce.Do(func() {
		s.result = err
		close(s.over)
	})
}

// hello connects a process to its unit. A child of a unit that inherited its
// environment is turned away.
func (s *supervisor) hello(k *conn, m Message) func(Message) {
	for _, u := range s.allUnits() {
		known := false
		u.change(func() {
			if known = u.name == m.Unit && u.child != nil && u.child.pid() == m.PID; known {
				u.conn = k
			}
		})
		if known {
			return func(m Message) {
				u.message(m)
				if m.Type == "open" && !m.Hosted || m.Type == "ready" {
					go s.settle(u, k, m.Component)
				}
			}
		}
	}
	return nil
}

// startAll starts the units: those that serve first, then the entry unit.
func (s *supervisor) startAll() error {
	plan := s.currentPlan()
	for _, pu := range plan.Units {
		s.width = max(s.width, len(pu.Name))
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.StartTimeout)
	defer cancel()
	stop := context.AfterFunc(contextOf(s.over, ctx), cancel)
	defer stop()
	var waiting []*unit
	for _, pu := range plan.Units {
		if pu.Name == plan.Entry {
			continue
		}
		u, err := s.begin(pu.Name, nil)
		if err != nil {
			return err
		}
		waiting = append(waiting, u)
	}
	patience, done := context.WithTimeout(ctx, entryTimeout)
	err := s.awaitAll(patience, waiting)
	done()
	if err != nil && (!errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil) {
		return s.startError(err)
	}
	for _, u := range s.notReady() {
		s.notify(deploy.Event{Unit: u.name, State: "late", Message: fmt.Sprintf("not ready after %v; unit %s starts all the same", entryTimeout, plan.Entry)})
	}
	entry, err := s.begin(plan.Entry, nil)
	if err != nil {
		return err
	}
	if err := s.awaitAll(ctx, waiting); err != nil {
		return s.startError(err)
	}
	s.mu.Lock()
	s.started = true
	s.mu.Unlock()
	child, _, _ := entry.state()
	s.notify(deploy.Event{Unit: entry.name, State: "ready", PID: child.pid()})
	return nil
}

// notReady lists the units beside the entry unit that were never ready and
// aren't now.
func (s *supervisor) notReady() []*unit {
	return slices.DeleteFunc(s.allUnits(), func(u *unit) bool {
		if u.entry {
			return true
		}
		u.mu.Lock()
		was := u.wasReady
		u.mu.Unlock()
		plan, id := s.planFor(u)
		pu := plan.Unit(id)
		return was || pu == nil || u.hosting(hostedBy(pu))
	})
}

// contextOf is done when ch is closed or parent is done.
func contextOf(ch <-chan struct{}, parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		select {
		case <-ch:
		case <-parent.Done():
		}
	}()
	return ctx
}

// runContext is a context that ends with parent, and with the run.
func (s *supervisor) runContext(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	context.AfterFunc(contextOf(s.over, ctx), cancel)
	return ctx, cancel
}

// startError keeps the reason of an ended run where there is one already.
func (s *supervisor) startError(err error) error {
	select {
	case <-s.over:
		return s.result
	default:
		return err
	}
}

// begin creates a unit and looks after its processes from now on.
func (s *supervisor) begin(name string, standby []string) (*unit, error) {
	u := newUnit(name, name == s.currentPlan().Entry)
	u.standby = standby
	s.mu.Lock()
	s.units = append(s.units, u)
	s.mu.Unlock()
	c, err := s.launch(u)
	if err != nil {
		s.forget(u)
		return nil, err
	}
	go s.keepRunning(u, c)
	return u, nil
}

func (s *supervisor) awaitAll(ctx context.Context, units []*unit) error {
	for _, u := range units {
		plan, id := s.planFor(u)
		if err := s.await(ctx, u, hostedBy(plan.Unit(id))); err != nil {
			return err
		}
	}
	return nil
}

// await waits until the unit serves the components. A process of it that ends
// meanwhile is started again, as far as keepRunning thinks it worth while.
func (s *supervisor) await(ctx context.Context, u *unit, components []string) error {
	for {
		child, _, changed := u.state()
		if u.hosting(components) {
			u.change(func() { u.wasReady = true })
			s.notify(deploy.Event{Unit: u.name, State: "ready", PID: child.pid()})
			return nil
		}
		select {
		case <-changed:
		case <-u.ended:
			child, _, _ = u.state()
			return s.failed(u, child, components)
		case <-ctx.Done():
			return fmt.Errorf("unit %s: not ready in time: %w%s", u.name, ctx.Err(), child.err.last())
		}
	}
}

// failed says why a unit ended before it was ready.
func (s *supervisor) failed(u *unit, c *child, components []string) error {
	select {
	case <-s.over:
		return fmt.Errorf("unit %s: the run ended before it was ready", u.name)
	case <-c.done:
	}
	end := c.ended()
	if end.code == 0 {
		return &component.UsageError{
			Object: "unit " + u.name,
			Reason: fmt.Sprintf("the program ended before it opened %v%s", components, c.err.last()),
			Hint:   "main must reach the composition root before it ends or blocks",
		}
	}
	u.mu.Lock()
	attempts := ""
	if u.deaths > 1 {
		attempts = fmt.Sprintf(", the last of %d attempts", u.deaths)
	}
	u.mu.Unlock()
	return fmt.Errorf("unit %s: %v before it was ready%s%s", u.name, end, attempts, c.err.last())
}
