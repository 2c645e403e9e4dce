package process

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// The pause before a unit that died is started again. It doubles with each
// death and starts afresh once a process has lived for stableAfter.
const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 10 * time.Second
	stableAfter  = 10 * time.Second

	startAttempts = 3 // of a unit that has never been ready, while the split starts
)

// A unit is one unit of the running split, whichever process it has just now.
type unit struct {
	name  string // as in its processes' environment
	id    string // in the supervisor's plan; guarded by the supervisor's mutex
	entry bool

	mu       sync.Mutex
	child    *child
	conn     *conn
	hosts    map[string]bool   // components that the process may host: begun with or told to, and not known to have given up
	ready    map[string]string // component -> address at which it is served
	opened   map[string]bool
	routed   map[string]string // component -> where its calls go, as a signature; missing: at a gate, or unknown
	standby  []string          // components that it opens to host them on command
	changed  chan struct{}     // closed and replaced when one of the above changes
	restarts int
	deaths   int           // ends of its processes so far
	wasReady bool          // one of its processes was
	problem  string        // how the last one ended, until the next is ready
	leaving  bool          // its end is wanted
	quit     chan struct{} // closed then
	ended    chan struct{} // closed when it is over for good
}

func newUnit(name string, entry bool) *unit {
	return &unit{
		name: strings.TrimSuffix(name, replacement), id: name, entry: entry,
		hosts: map[string]bool{}, ready: map[string]string{}, opened: map[string]bool{}, routed: map[string]string{},
		changed: make(chan struct{}), quit: make(chan struct{}), ended: make(chan struct{}),
	}
}

// change runs f under the lock and wakes those who wait for a change.
func (u *unit) change(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
	close(u.changed)
	u.changed = make(chan struct{})
}

// message takes in what the unit tells of itself.
func (u *unit) message(m Message) {
	switch m.Type {
	case "open":
		u.change(func() { u.opened[m.Component] = true })
	case "ready":
		u.change(func() { u.ready[m.Component] = m.Address })
	}
}

// state returns the unit's process and connection; either may be nil.
func (u *unit) state() (*child, *conn, <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.child, u.conn, u.changed
}

// replacement marks in a plan the unit that takes the place of one with the same name.
const replacement = "+"

// has reports whether the unit's process has opened a component and takes
// commands for it.
func (u *unit) has(component string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.conn != nil && !u.conn.lost() && u.opened[component]
}

// hosting reports whether all of components are served, and by the unit's
// present process.
func (u *unit) hosting(components []string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.child == nil || !u.child.runs() {
		return false
	}
	if u.conn == nil || u.conn.lost() {
		return len(components) == 0 && u.entry
	}
	for _, c := range components {
		if _, ok := u.ready[c]; !ok {
			return false
		}
	}
	return true
}

// mayHost reports whether the unit's process may have the component, as far as
// anyone can tell from outside. A process that has ended hosts nothing.
func (u *unit) mayHost(component string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.hosts[component] && u.child != nil && u.child.runs()
}

// note keeps for the status what is wrong with the unit.
func (u *unit) note(problem string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.problem = problem
}

// keepOpen lets the unit's next processes open the component even if they
// begin without hosting it.
func (u *unit) keepOpen(component string) {
	u.change(func() {
		if !slices.Contains(u.standby, component) {
			u.standby = append(slices.Clone(u.standby), component)
		}
	})
}

// environment is what makes the user's program this unit of the plan. standby
// lists components that the unit is going to host when it is told to.
func environment(plan *split.Plan, unit, control string, standby []string, extra []string) []string {
	u := plan.Unit(unit)
	name := strings.TrimSuffix(unit, replacement)
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "UNWELD_") {
			env = append(env, kv)
		}
	}
	env = append(env, extra...)
	for _, k := range slices.Sorted(maps.Keys(u.Env)) {
		env = append(env, k+"="+u.Env[k])
	}
	hosted := hostedBy(u)
	standby = slices.DeleteFunc(slices.Clone(standby), func(c string) bool { return slices.Contains(hosted, c) })
	env = append(env, "UNWELD_SPLIT="+plan.Split, "UNWELD_UNIT="+name, "UNWELD_HOST="+strings.Join(hosted, ","), "UNWELD_CONTROL="+control)
	if len(standby) > 0 {
		env = append(env, "UNWELD_STANDBY="+strings.Join(standby, ","))
	}
	if unit == plan.Entry {
		env = append(env, "UNWELD_ENTRY=1")
	}
	for _, c := range plan.Components {
		if a := addressFor(plan, unit, c.Name); a != "" {
			env = append(env, "UNWELD_LINK_"+envName(c.Name)+"="+a)
		}
		if c.StatePath != "" {
			env = append(env, "UNWELD_STATE_"+envName(c.Name)+"="+c.StatePath)
		}
	}
	return env
}

// hostedBy lists the components whose constructor runs in a unit: its own, and
// those of which it serves single endpoints.
func hostedBy(u *split.PlanUnit) []string {
	hosted := slices.Clone(u.Components)
	for _, e := range u.Endpoints {
		c, _, _ := strings.Cut(e, ".")
		hosted = append(hosted, c)
	}
	slices.Sort(hosted)
	return slices.Compact(hosted)
}

// addressFor is the address at which a unit serves or reaches a component.
func addressFor(plan *split.Plan, unit, component string) string {
	main, own := "", ""
	for _, l := range plan.Links {
		switch {
		case l.Component != component:
		case l.Endpoint == "":
			main = l.Address
		case l.Unit == unit:
			own = l.Address
		}
	}
	return cmp.Or(own, main)
}

func envName(component string) string {
	return strings.ToUpper(strings.ReplaceAll(component, "-", "_"))
}

// launch starts a process for the unit. It fails with errUnitGone when the
// unit's end is wanted.
func (s *supervisor) launch(u *unit) (*child, error) {
	u.mu.Lock() // until the process is known by its number: it may say hello at once
	defer u.mu.Unlock()
	plan, id := s.planFor(u) // under the lock: who changes the plan finds either this process or the next
	if u.leaving || s.isStopping() {
		return nil, errUnitGone
	}
	cmd := exec.Command(s.opts.Binary, s.opts.Args...)
	cmd.Dir = s.opts.Dir
	cmd.Env = environment(plan, id, s.control, u.standby, s.opts.Env)
	raw := s.opts.Raw && u.entry
	if u.entry {
		cmd.Stdin = s.opts.Stdin
	}
	prefix := fmt.Sprintf("%-*s | ", s.width, u.name)
	c, err := s.spawn.start(cmd, &lineWriter{to: s.stdout, prefix: prefix, raw: raw}, &lineWriter{to: s.stderr, prefix: prefix, raw: raw})
	if errors.Is(err, fs.ErrPermission) {
		return nil, &component.UsageError{Object: "unit " + u.name, Reason: fmt.Sprintf("%s can't be run: permission denied", s.opts.Binary),
			Hint: "set TMPDIR to a folder in which programs may run: this one's file system doesn't let them, or the file isn't the user's"}
	} else if err != nil {
		return nil, fmt.Errorf("unit %s: %w", u.name, err)
	}
	u.child, u.conn = c, nil
	clear(u.hosts)
	for _, h := range hostedBy(plan.Unit(id)) {
		u.hosts[h] = true
	}
	clear(u.ready)
	clear(u.opened)
	clear(u.routed)
	for _, pc := range plan.Components {
		u.routed[pc.Name] = signature(s.initialRoutes(plan, id, pc.Name))
	}
	close(u.changed)
	u.changed = make(chan struct{})
	s.notify(deploy.Event{Unit: u.name, State: "starting", PID: c.pid()})
	return c, nil
}
