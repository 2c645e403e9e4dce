//go:build unweldtest

package link

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
	"weak"
)

// rememberLocal notes an instance that is hosted in this process. Another
// process can be given its address, as long as somebody here holds it.
func rememberLocal(ts *tests, in *instance, at testPlace) {
	if ts.host != nil {
		_ = in.unit.add(in) // for the counts; this process ends with its test
	}
	o := testOpen{at: at}
	if ts.replaying() {
		o.redirect = in.routeAll
		o.address = func() (string, error) { return "", nil }
		ts.remember(o)
		return
	}
	held := weak.Make(in)
	var mu sync.Mutex
	var address string
	o.address = func() (string, error) {
		mu.Lock()
		defer mu.Unlock()
		in := held.Value()
		if in == nil || address != "" {
			return address, nil
		}
		free, err := ts.freeAddress(in.component)
		if err == nil {
			address, err = in.unit.serve(free, in.target())
		}
		return address, err
	}
	ts.remember(o)
}

// openApart starts the process that hosts the instance, and sends its calls
// there.
func openApart(ctx context.Context, ts *tests, in *instance, at testPlace) error {
	component := in.component
	links, err := ts.links(at.run)
	if err != nil {
		return fmt.Errorf("%s: making what the test opened before reachable: %w", component, err)
	}
	address, err := ts.freeAddress(component)
	if err != nil {
		return fmt.Errorf("%s: %w", component, err)
	}
	host := testHost{Component: component, Target: at.path, Site: at.site, Address: address, Links: links}
	p, address, err := ts.spawn(ctx, host, at.test, in.errors)
	if err != nil {
		return err
	}
	a, err := ParseAddress(address)
	if err != nil {
		return err
	}
	remote := in.newRemote(a)
	remote.call = explaining(p, remote.call)
	to := in.client(remote)
	for i := range in.routed {
		in.install(i, to, remote)
	}
	runtime.AddCleanup(in, (*testProcess).release, p)
	if ts.host != nil {
		_ = in.unit.add(in) // for the calls that it makes
	}
	held := weak.Make(in)
	ts.remember(testOpen{at: at, address: func() (string, error) {
		if held.Value() == nil {
			return "", nil // nobody can pass it on any more
		}
		return address, nil
	}})
	return nil
}

type remoteCall = func(ctx context.Context, endpoint int, request []byte) (Reply, error)

// explaining adds to the error of a call that its process has ended, and how.
func explaining(p *testProcess, call remoteCall) remoteCall {
	return func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		if dead := p.died(); dead != nil {
			return Reply{}, Failed(NotExecuted, dead)
		}
		reply, err := call(ctx, endpoint, request)
		if err == nil || ctx.Err() != nil {
			return reply, err
		}
		select { // a process that dies is noticed a moment after its connection
		case <-p.done:
		case <-time.After(100 * time.Millisecond):
			return reply, err
		}
		var e *Error
		outcome := Unknown
		if errors.As(err, &e) {
			outcome = e.Outcome
		}
		return Reply{}, Failed(outcome, fmt.Errorf("%w; %w", err, p.died()))
	}
}

// links are the addresses of what a run of a test has opened so far. An
// instance that tests share was opened by the first of them that came along,
// and is known by the line alone, if that has opened just one.
func (ts *tests) links(run string) (map[string]string, error) {
	links := make(map[string]string)
	if ts.host != nil {
		for path, address := range ts.host.Links {
			links[path] = address
		}
	}
	ts.mu.Lock()
	opens := slices.Clone(ts.opens)
	ts.mu.Unlock()
	lines := make(map[string]int)
	for _, o := range opens {
		lines[o.at.line]++
	}
	for _, o := range opens {
		own := o.at.run == run || o.at.run == ""
		if !own && lines[o.at.line] > 1 {
			continue
		}
		address, err := o.address()
		if err != nil {
			return nil, err
		}
		if address == "" {
			continue
		}
		if own {
			links[o.at.path] = address
		}
		if lines[o.at.line] == 1 {
			links[o.at.line] = address
		}
	}
	return links, nil
}

// hostInTest is the end of this process's way: it constructs, serves and
// doesn't return.
func hostInTest(ctx context.Context, ts *tests, in *instance) {
	if err := ts.reach(); err != nil {
		ts.fail(in.errors, err)
	}
	if err := in.unit.add(in); err != nil {
		ts.fail(in.errors, err)
	}
	if err := in.start(ctx); err != nil {
		ts.fail(in.errors, err)
	}
	ts.serveUntilOrphaned(in.unit.serve(ts.host.Address, in.target()))
}

// reach ends the replay: from here on everything that was opened before is the
// instance that the first process has.
func (ts *tests) reach() error {
	ts.mu.Lock()
	ts.reached = true
	opens := ts.opens
	vars := slices.Collect(maps.Values(ts.vars))
	ts.mu.Unlock()
	for _, o := range opens {
		if address := cmp.Or(ts.host.Links[o.at.path], ts.host.Links[o.at.line]); address != "" {
			if err := o.redirect(address); err != nil {
				return err
			}
		}
	}
	for _, v := range vars {
		if v.component != ts.host.Component {
			v.redirect()
		}
	}
	return nil
}

func (ts *tests) serveUntilOrphaned(address string, err error) {
	if err != nil {
		ts.fail(NewErrors(), err)
	}
	signal.Ignore(syscall.SIGPIPE) // output is for the parent, which may be gone
	ts.say(testMessage{Ready: address})
	<-ts.orphan
	ts.unit.stop(2 * time.Second)
	ts.writeCounts()
	os.Exit(0)
}

// fail reports why there is nothing to serve, and ends the process.
func (ts *tests) fail(errs *Errors, err error) {
	ts.say(testMessage{Failed: errs.Append(nil, err)})
	ts.quit(0)
}

// quit ends a process that has nothing to count.
func (ts *tests) quit(code int) {
	if ts.host.Counts != "" {
		_ = os.Remove(ts.host.Counts + ".live")
	}
	os.Exit(code)
}

func (ts *tests) say(m testMessage) {
	line, err := json.Marshal(m)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(ts.start.stdout, "\n%s%s\n", testMark, line)
}

func (ts *tests) writeCounts() {
	if ts.host.Counts == "" {
		return
	}
	counts := slices.DeleteFunc(ts.unit.stats(), func(s EndpointStats) bool { return s.Served == 0 && s.Called == 0 })
	if counts == nil {
		counts = []EndpointStats{}
	}
	data, err := json.Marshal(counts)
	if err == nil {
		err = os.WriteFile(ts.host.Counts+".tmp", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(ts.host.Counts+".tmp", ts.host.Counts+".json")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "unweld: the counts of %s: %v\n", ts.host.Component, err)
	}
	_ = os.Remove(ts.host.Counts + ".live")
}

// listen reads what the parent says, until it is gone or has no more use for
// this process.
func (ts *tests) listen() {
	lines := bufio.NewScanner(ts.start.stdin)
	for lines.Scan() {
		var m testMessage
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		ts.mu.Lock()
		waiting := ts.asked[m.Component]
		delete(ts.asked, m.Component)
		ts.mu.Unlock()
		for _, c := range waiting {
			c <- m
		}
	}
	close(ts.orphan)
	if ts.replaying() {
		ts.quit(1)
	}
}
