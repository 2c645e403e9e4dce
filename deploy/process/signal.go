package process

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/unweld/unweld/deploy"
)

// forwardSignals passes on to the entry unit what the supervisor receives. The
// units have process groups of their own, so what the terminal sends reaches
// them only through here. The other units get none: they wait in their
// composition root, where the program has not yet said what it wants with a
// signal. SIGINT, SIGTERM and the end of ctx ask the program to end: it is
// killed when it doesn't in time, or with the second such signal.
func (s *supervisor) forwardSignals(ctx context.Context, signals <-chan os.Signal) {
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
		case sig != syscall.SIGINT && sig != syscall.SIGTERM:
			s.forward(sig)
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
	for wait := time.After(50 * time.Millisecond); ; {
		select {
		case sig := <-signals:
			if sig == syscall.SIGINT || sig == syscall.SIGTERM {
				return sig
			}
		case <-wait:
			return syscall.SIGTERM
		}
	}
}

// beginEnd passes the signal on to the entry unit, whose end ends the run. It
// is false where no entry unit runs, and the run is over.
func (s *supervisor) beginEnd(sig os.Signal) bool {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	if !s.signalEntry(sig) {
		s.endBy(sig)
		return false
	}
	time.AfterFunc(s.opts.StopTimeout, s.killAll)
	return true
}

// fatal are the signals that end a Go program which hasn't asked for them. The
// others do nothing to it.
var fatal = []os.Signal{syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT}

// forward passes a signal on that may mean anything to the program. While no
// entry unit runs, it does what it would do to a program that hasn't asked for
// it.
func (s *supervisor) forward(sig os.Signal) {
	if !s.signalEntry(sig) && slices.Contains(fatal, sig) {
		s.endBy(sig)
		return
	}
	if sig == stopSignal {
		stopSelf() // as the shell that sent it expects
	}
}

func (s *supervisor) endBy(sig os.Signal) {
	s.end(&deploy.ExitError{Unit: s.currentPlan().Entry, Code: 128 + int(sig.(syscall.Signal)), Signal: sig.String()})
}

// signalEntry reports whether there is an entry unit that could get the signal.
func (s *supervisor) signalEntry(sig os.Signal) bool {
	u := s.unit(s.currentPlan().Entry)
	if u == nil {
		return false
	}
	c, _, _ := u.state()
	if c == nil || !c.runs() {
		return false
	}
	s.mu.Lock()
	s.forwardedSignals = append(s.forwardedSignals, sig)
	s.mu.Unlock()
	c.signal(sig)
	return true
}

// wasForwarded reports whether a signal was passed on to the entry unit: if it ends
// by it, that is the program's answer.
func (s *supervisor) wasForwarded(sig syscall.Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.forwardedSignals, os.Signal(sig))
}

// receive returns the signals that are sent to this process, but for those that
// it was started to ignore: nohup, say, is then obeyed by the program too.
func receive() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 64)
	for _, sig := range forwarded() {
		if !signal.Ignored(sig) {
			signal.Notify(signals, sig)
		}
	}
	return signals, func() { signal.Stop(signals) }
}
