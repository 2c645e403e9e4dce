package process

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/unweld/unweld/deploy"
)

// look waits for the ends of a unit's processes and starts new ones, until the
// unit's end is wanted or the run is over.
func (s *supervisor) look(u *unit, c *child) {
	defer close(u.ended)
	backoff := firstBackoff
	for {
		<-c.done
		code, sig := c.ended()
		if !s.mend(u, code, sig) {
			return
		}
		if time.Since(c.since) > stableAfter {
			backoff = firstBackoff
		}
		s.notify(deploy.Event{Unit: u.name, State: "died", PID: c.pid(), Message: endText(code, sig) + c.err.last()})
		for {
			select {
			case <-time.After(backoff):
			case <-s.over:
				return
			case <-u.quit:
				return
			}
			backoff = min(2*backoff, maxBackoff)
			next, err := s.launch(u)
			if err == nil {
				c = next
				break
			}
			if errors.Is(err, errUnitGone) {
				return
			}
			s.notify(deploy.Event{Unit: u.name, State: "died", Message: err.Error()})
		}
		u.change(func() { u.restarts++ })
		s.notify(deploy.Event{Unit: u.name, State: "restarting", PID: c.pid()})
	}
}

// mend reports whether a process that ended is to be replaced. The entry unit
// ends the run, unless something killed it.
func (s *supervisor) mend(u *unit, code int, sig string) bool {
	s.mu.Lock()
	started, stopping := s.started, s.stopping
	s.mu.Unlock()
	u.mu.Lock()
	leaving := u.leaving
	u.mu.Unlock()
	if u.entry && (sig == "" || stopping || !started) {
		var err error
		if code != 0 {
			err = &deploy.ExitError{Unit: u.name, Code: code, Signal: sig}
		}
		s.end(err)
		return false
	}
	return started && !stopping && !leaving
}

func endText(code int, sig string) string {
	if sig != "" {
		return "ended by signal " + sig
	}
	return (&deploy.ExitError{Code: code}).Error()[len("unit : "):]
}

// obey forwards signals. The units have process groups of their own, so a
// Ctrl-C on the terminal reaches them only through here. SIGHUP goes to the
// entry unit alone: the others wait in their composition root, where the
// program has not yet said what it wants with the signal. The second signal to
// end kills.
func (s *supervisor) obey(ctx context.Context, signals <-chan os.Signal) {
	ending := false
	done := ctx.Done()
	for {
		var sig os.Signal
		select {
		case <-s.over:
			return
		case sig = <-signals:
		case <-done:
			done = nil
			if ending {
				continue
			}
			sig = signalBehind(signals)
		}
		switch {
		case sig == syscall.SIGHUP:
			s.signalEntry(sig)
			continue
		case ending:
			s.killAll()
			continue
		}
		ending = true
		if !s.beginEnd(sig) {
			return
		}
	}
}

// signalBehind is the signal that ended a context, if it was one: it arrives
// here as well, and is one signal, not two.
func signalBehind(signals <-chan os.Signal) os.Signal {
	select {
	case sig := <-signals:
		return sig
	case <-time.After(50 * time.Millisecond):
		return syscall.SIGTERM
	}
}

// beginEnd passes the signal on to the entry unit, whose end ends the run. It
// is false where no entry unit runs, and the run is over.
func (s *supervisor) beginEnd(sig os.Signal) bool {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	if !s.signalEntry(sig) {
		s.end(&deploy.ExitError{Unit: s.currentPlan().Entry, Code: 128 + int(sig.(syscall.Signal)), Signal: sig.String()})
		return false
	}
	time.AfterFunc(s.opts.StopTimeout, s.killAll)
	return true
}

func (s *supervisor) signalEntry(sig os.Signal) bool {
	u := s.unit(s.currentPlan().Entry)
	if u == nil {
		return false
	}
	c, _, _ := u.state()
	if c != nil {
		c.signal(sig)
	}
	return c != nil
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
