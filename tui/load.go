package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/screen"
)

// Messages of a loader.
type (
	progress string // what is being done
	loaded   struct {
		world *world
		err   error
	}
	staleness struct {
		of    *world
		stale bool // files are no longer what they were
	}
)

// A world is what the screens show, and where it comes from.
type world struct {
	*screen.World
	abs     func(rel string) string
	current func() bool // whether the files are still the same
}

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
	if err != nil {
		return loaded{err: err}
	}
	return loaded{world: l.worldOf(ctx, s, found)}
}

// worldOf is what a session found. What is changed is changed by another one: this
// one goes on showing what it has read.
func (l *loader) worldOf(ctx context.Context, s *engine.Session, found *component.Result) *world {
	w := screen.NewWorld(found, contentOf(s), codeOf)
	w.Draft, w.Diff, w.Do, w.Packages = s.Draft, s.Diff, s.Do, s.Packages
	places := l.places(ctx, s)
	w.PackageAt = func(path string) text.Span {
		if p := places(); p != nil {
			return s.PackageAt(p, path)
		}
		return text.Span{}
	}
	w.EndpointAt = func(e *component.FoundEndpoint) text.Span {
		if p := places(); p != nil {
			return p.EndpointAt(e)
		}
		return text.Span{}
	}
	w.ComponentAt = func(c *component.Found) text.Span {
		p := places()
		switch {
		case c == nil || p == nil:
			return text.Span{}
		case p.ContractAt(c.Name).IsValid():
			return p.ContractAt(c.Name)
		case len(c.Packages) > 0:
			return s.PackageAt(p, engine.Root(c))
		}
		return p.At(c)
	}
	w.Targets = func() []string {
		if p := places(); p != nil {
			return p.Targets(s.Module)
		}
		return nil
	}
	w.Offers = func(at text.Span, about *component.Problem) []engine.Offer {
		if about == nil {
			return s.Offers(at, nil)
		}
		return append(s.Solutions(*about), s.Offers(at, []string{about.Code})...)
	}
	w.Apply = func(ctx context.Context, set change.Set) error {
		fresh, err := l.open(ctx, func(string) {})
		if err != nil {
			return err
		}
		return fresh.Apply(ctx, set)
	}
	w.Undo = func(ctx context.Context) (string, error) {
		fresh, err := l.open(ctx, func(string) {})
		if err != nil {
			return "", err
		}
		return fresh.Undo()
	}
	runningOf(w, s)
	return &world{w, s.Abs, s.Current}
}

// runningOf lets the screens see and change what runs.
func runningOf(w *screen.World, s *engine.Session) {
	w.Splits = func() []string {
		names, err := s.Splits()
		if err != nil {
			return nil
		}
		return names
	}
	w.Running = func(ctx context.Context) (time.Time, *engine.SplitStatus, error) {
		status, err := s.SplitStatus(ctx, "")
		return time.Now(), status, err
	}
	w.MoveRunning = func(ctx context.Context, m engine.SplitMove, loseState bool) error {
		var o engine.SplitApplyOptions
		o.LoseState = loseState
		return s.SplitMove(ctx, m, o)
	}
	w.RestoreRunning = func(ctx context.Context, before, after *engine.SplitStatus, loseState bool) error {
		var o engine.SplitApplyOptions
		o.LoseState = loseState
		return s.SplitRestore(ctx, before, after, o)
	}
	w.ApplyRunning = func(ctx context.Context, split string, loseState bool) error {
		var o engine.SplitApplyOptions
		o.LoseState = loseState
		return s.SplitApply(ctx, split, o)
	}
}

// places looks for them beside the program. The function waits for the end of that, and
// returns nil if it failed.
func (l *loader) places(ctx context.Context, s *engine.Session) func() *engine.Places {
	done := make(chan *engine.Places, 1)
	l.running.Go(func() {
		p, err := s.WithProgress(func(string) {}).Places(ctx)
		if err != nil {
			p = nil
		}
		done <- p
	})
	return sync.OnceValue(func() *engine.Places { return <-done })
}

func contentOf(s *engine.Session) func(rel string) ([]byte, error) {
	return func(rel string) ([]byte, error) {
		content, _, err := s.Content(rel)
		return content, err
	}
}

func codeOf(name string) (codes.Code, bool) {
	code, err := engine.ExplainCode(name)
	return code, err == nil
}

// between is how long nobody looks whether files changed.
const between = 2 * time.Second

// watch looks after a while whether files changed since they were read. It goes by
// their times and sizes.
func watch(w *world) tea.Cmd {
	return tea.Tick(between, func(time.Time) tea.Msg { return staleness{w, !w.current()} })
}

// staleness handles what watch saw, and lets it look again.
func (m *model) staleness(msg staleness) tea.Cmd {
	if msg.of != m.world {
		return nil // it was read again meanwhile
	}
	m.stale = msg.stale
	return m.changed(m.world)
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
