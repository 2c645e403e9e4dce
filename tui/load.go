package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// Messages of a loader.
type (
	progress string // what is being done
	loaded   struct {
		session *engine.Session
		found   *component.Result
		err     error
	}
)

// A loader opens the module and finds its components.
type loader struct {
	open     Opener
	progress func(string)

	running sync.WaitGroup
}

// patience is how long an analysis that was cancelled may take to end the programs
// that it started.
const patience = 300 * time.Millisecond

// wait lets an analysis that was cancelled end, for a moment.
func (l *loader) wait() {
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

func (l *loader) load(ctx context.Context) tea.Msg {
	l.running.Add(1)
	defer l.running.Done()
	s, err := l.open(ctx, l.progress)
	if err != nil {
		return loaded{err: err}
	}
	found, err := find(ctx, s)
	return loaded{session: s, found: found, err: err}
}

// find is Session.Find. Where unweld.yaml names what isn't there, which find
// refuses, the mistakes are among the problems of the result.
func find(ctx context.Context, s *engine.Session) (*component.Result, error) {
	found, err := s.Find(ctx, engine.FindOptions{Strict: true})
	mistakes, ok := errors.AsType[*component.UsageError](err)
	if !ok {
		return found, err
	}
	found, again := s.Find(ctx, engine.FindOptions{})
	if again != nil {
		return nil, err
	}
	shown := *found // the session keeps the other
	shown.Problems = append(problemsOf(mistakes), found.Problems...)
	return &shown, nil
}

func problemsOf(e *component.UsageError) []component.Problem {
	if len(e.Problems) > 0 {
		return e.Problems
	}
	return []component.Problem{{Severity: component.Error, Message: e.Error(), Hint: e.Hint}}
}
