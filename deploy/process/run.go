package process

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/unweld/unweld/deploy"
)

// keepRunning waits for the ends of a unit's processes and starts new ones, until
// the unit's end is wanted, the run is over, or the unit can't be started.
func (s *supervisor) keepRunning(u *unit, c *child) {
	defer close(u.ended)
	backoff := firstBackoff
	for {
		<-c.done
		end := c.ended()
		if !s.shouldRestart(u, end) {
			return
		}
		if time.Since(c.since) > stableAfter {
			backoff = firstBackoff
		}
		u.note(fmt.Sprintf("%v; starts again in %v", end, backoff))
		s.notify(deploy.Event{Unit: u.name, State: "died", PID: c.pid(), Message: end.String() + c.err.last()})
		if c = s.launchAgain(u, &backoff); c == nil {
			return
		}
		u.change(func() { u.restarts++ })
		s.notify(deploy.Event{Unit: u.name, State: "restarting", PID: c.pid()})
	}
}

// launchAgain waits and starts a process of the unit, until it succeeds. It
// returns nil where none is wanted any more.
func (s *supervisor) launchAgain(u *unit, backoff *time.Duration) *child {
	for {
		select {
		case <-time.After(*backoff):
		case <-s.over:
			return nil
		case <-u.quit:
			return nil
		}
		*backoff = min(2**backoff, maxBackoff)
		c, err := s.launch(u)
		if err == nil {
			return c
		}
		if errors.Is(err, errUnitGone) {
			return nil
		}
		u.note(err.Error())
		s.notify(deploy.Event{Unit: u.name, State: "died", Message: err.Error()})
	}
}

// shouldRestart reports whether a process that ended is to be replaced. The entry
// unit's end is the end of the run, unless it was killed by a signal that
// wasn't meant for the program. While the split starts, a unit that was never
// ready gets a few attempts.
func (s *supervisor) shouldRestart(u *unit, end ending) bool {
	s.mu.Lock()
	started, stopping, told := s.started, s.stopping, len(s.forwardedSignals) > 0
	s.mu.Unlock()
	u.mu.Lock()
	u.deaths++
	leaving, worth := u.leaving, u.wasReady || u.deaths < startAttempts && end.code != 0
	u.mu.Unlock()
	if u.entry && (end.signal == 0 || stopping || !started || s.wasForwarded(end.signal)) {
		var err error
		if end.code != 0 {
			exit := &deploy.ExitError{Unit: u.name, Code: end.code}
			if end.signal != 0 {
				exit.Signal = end.signal.String()
			}
			err = exit
		} else if late := s.notReady(); !started && !stopping && !told && len(late) > 0 {
			err = fmt.Errorf("unit %s: was not ready when the program ended, so the split never ran as a whole", late[0].name)
		}
		s.end(err)
		return false
	}
	return !stopping && !leaving && (started || worth)
}

func (s *supervisor) killAll() {
	for _, u := range s.allUnits() {
		if c, _, _ := u.state(); c != nil {
			if c.runs() {
				c.killGroup()
			}
		}
	}
}

// stopAll stops what still runs and waits for its end.
func (s *supervisor) stopAll() {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	var wg sync.WaitGroup
	for _, u := range s.allUnits() {
		wg.Go(func() { s.stopUnit(u) })
	}
	wg.Wait()
}

// stopUnit asks a unit to end, and kills it when it doesn't in time.
func (s *supervisor) stopUnit(u *unit) {
	u.change(func() {
		if !u.leaving {
			u.leaving = true
			close(u.quit)
		}
	})
	c, _, _ := u.state()
	if c == nil {
		return
	}
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(s.opts.StopTimeout):
		c.killGroup()
		<-c.done
	}
	<-u.ended
	s.notify(deploy.Event{Unit: u.name, State: "stopped", PID: c.pid()})
}
