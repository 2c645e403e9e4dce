package link

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The environment of a unit. With none of it set a program is a plain
// monolith: every component is hosted where it is opened.
//
//	UNWELD_SPLIT              name of the split
//	UNWELD_UNIT               name of this unit
//	UNWELD_HOST               components hosted here, with commas; unset: all
//	UNWELD_STANDBY            components opened here to be hosted later, on command
//	UNWELD_ENTRY=1            main goes on after the last Open
//	UNWELD_LINK_<COMPONENT>   address at which the component is served, or reached
//	UNWELD_STATE_<COMPONENT>  path or address of the component's store; ${NAME} in it is
//	                          the value of another variable
//	UNWELD_CONTROL            path of the supervisor's socket
//	UNWELD_COUNT=1            count in-process calls too
const (
	envSplit   = "UNWELD_SPLIT"
	envUnit    = "UNWELD_UNIT"
	envHost    = "UNWELD_HOST"
	envStandby = "UNWELD_STANDBY"
	envEntry   = "UNWELD_ENTRY"
	envControl = "UNWELD_CONTROL"
	envCount   = "UNWELD_COUNT"

	envTestSplit = "UNWELD_TEST_SPLIT" // see testsplit.go
)

// isTestBinary reports whether this process is one that go test builds.
func isTestBinary() bool {
	is := strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test")
	for _, a := range os.Args[1:] {
		is = is || strings.HasPrefix(strings.TrimLeft(a, "-"), "test.")
	}
	return is
}

func linkVar(component string) string { return "UNWELD_LINK_" + upper(component) }

func upper(component string) string {
	return strings.ToUpper(strings.ReplaceAll(component, "-", "_"))
}

// A unit is this process as a part of a split.
type unit struct {
	getenv   func(string) string
	hostAll  bool
	hostList []string
	opens    []string // what it hosts, or may host later on command
	entry    bool
	peers    *peers
	control  control
	exit     func(code int)

	mu        sync.Mutex
	instances []*instance
	started   map[string]bool
	listeners []*boundListener
}

// A boundListener is a listener and the components behind it.
type boundListener struct {
	at       string // the address that was asked for
	listener Listener
	mu       sync.Mutex
	targets  map[string]*Target
}

func newUnit(lookup func(string) (string, bool)) *unit {
	u := &unit{
		getenv:  func(k string) string { v, _ := lookup(k); return v },
		peers:   newPeers(),
		exit:    os.Exit,
		started: make(map[string]bool),
	}
	list, some := lookup(envHost)
	u.hostAll, u.hostList, u.opens = !some, names(list), names(list+","+u.getenv(envStandby))
	u.entry = u.hostAll || u.getenv(envEntry) == "1"
	return u
}

// names reads a list with commas.
func names(list string) []string {
	var out []string
	for _, c := range strings.Split(list, ",") {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

var process struct {
	once sync.Once
	unit *unit
	err  error
}

// thisUnit is the unit that this process is.
func thisUnit() (*unit, error) {
	process.once.Do(func() {
		process.unit = newUnit(os.LookupEnv)
		if process.err = process.unit.check(); process.err == nil {
			process.err = process.unit.attach()
		}
	})
	return process.unit, process.err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// check refuses a unit that would host nothing and do nothing.
func (u *unit) check() error {
	if !u.entry && len(u.opens) == 0 {
		return fmt.Errorf("%s is empty and %s is not 1, so this unit has nothing to do: name the components that it hosts, or unset %s to run all in one process",
			envHost, envEntry, envHost)
	}
	return nil
}

func (u *unit) hosts(c string) bool  { return u.hostAll || contains(u.hostList, c) }
func (u *unit) link(c string) string { return u.getenv(linkVar(c)) }

// add registers an instance. A unit of a split has one instance of a component.
func (u *unit) add(in *instance) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	name := in.component
	if !u.hostAll && u.hosts(name) && u.findLocked(name) != nil {
		return fmt.Errorf("%s is opened twice in one unit; under a split a unit hosts one instance", name)
	}
	u.instances = append(u.instances, in)
	return nil
}

func (u *unit) findLocked(component string) *instance {
	for _, in := range u.instances {
		if in.component == component {
			return in
		}
	}
	return nil
}

// serve makes the target reachable at the address, and returns the real one.
func (u *unit) serve(address string, t *Target) (string, error) {
	a, err := ParseAddress(address)
	if err != nil || a.InProcess() {
		return address, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	var s *boundListener
	for _, l := range u.listeners {
		if l.at == a.String() {
			s = l
		}
	}
	if s == nil {
		transport, err := transportFor(a)
		if err != nil {
			return "", err
		}
		// Known before anyone can ask: the first caller isn't turned away.
		s = &boundListener{at: a.String(), targets: map[string]*Target{t.Component(): t}}
		if s.listener, err = transport.Listen(a, s.accept); err != nil {
			return "", fmt.Errorf("%s: %w", t.Component(), err)
		}
		u.listeners = append(u.listeners, s)
	}
	s.mu.Lock()
	s.targets[t.Component()] = t
	s.mu.Unlock()
	if o, ok := s.listener.(Offerer); ok {
		if err := o.Offer(t); err != nil {
			return "", fmt.Errorf("%s: %w", t.Component(), err)
		}
	}
	return s.listener.Address().String(), nil
}

func (s *boundListener) accept(h Hello) (*Target, error) {
	s.mu.Lock()
	t := s.targets[h.Component]
	s.mu.Unlock()
	if t == nil || !t.in.hosted.Load() && t.in.routed == len(t.in.endpoints) { // what has been lent stays here
		return nil, ErrMoved
	}
	return t, t.compatibleWith(h)
}

// done notes that a component is open, and in a unit whose part begins and ends
// with serving it doesn't return once the last one is that it hosts or may host.
func (u *unit) done(component string) {
	u.mu.Lock()
	u.started[component] = true
	complete := !u.entry
	for _, c := range u.opens {
		complete = complete && u.started[c]
	}
	u.mu.Unlock()
	if !complete {
		return
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if starter != nil { // the terminal's interrupt is for that, which may still call while it ends
		signal.Ignore(syscall.SIGINT)
	}
	select {
	case <-signals:
	case <-starter:
	}
	u.stop(10 * time.Second)
	u.exit(0)
	select {} // exit doesn't return, except in a test
}

// stop drains the listeners and closes what is hosted here, the last opened
// first: it may still call what was opened before it. The connections to other
// units are closed at the very end, as calls being drained may need them.
func (u *unit) stop(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	u.mu.Lock()
	listeners, instances := u.listeners, append([]*instance(nil), u.instances...)
	u.listeners = nil
	u.mu.Unlock()
	var errs []error
	for _, s := range listeners {
		errs = append(errs, s.listener.Close(ctx))
	}
	for i := len(instances) - 1; i >= 0; i-- {
		errs = append(errs, instances[i].unhost(ctx))
	}
	u.peers.close()
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintf(os.Stderr, "unweld: stopping: %v\n", err)
	}
}
