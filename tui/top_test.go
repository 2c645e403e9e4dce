package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A played split answers what the explorer asks of a running one, a second apart each
// time.
type played struct {
	moment int
	moves  []engine.SplitMove
	// restored are the moments that were gone back to, and those up to which.
	restored [][2]*engine.SplitStatus
	refusal  error // of what is asked next
	pid      int   // of another run
}

// on lets the explorer see it.
func (p *played) on(m *model) {
	w := m.world.World
	w.Running = func(context.Context) (time.Time, *engine.SplitStatus, error) {
		p.moment++
		return time.Unix(int64(p.moment), 0), p.status(), nil
	}
	w.MoveRunning = func(_ context.Context, move engine.SplitMove, loseState bool) error {
		if err := p.refuse(); err != nil {
			return err
		}
		p.moves = append(p.moves, move)
		return nil
	}
	w.ApplyRunning = func(_ context.Context, name string, _ bool) error {
		p.moves = append(p.moves, engine.SplitMove{Name: "*", Unit: name})
		return p.refuse()
	}
	w.RestoreRunning = func(_ context.Context, before, after *engine.SplitStatus, loseState bool) error {
		if !loseState {
			if err := p.refuse(); err != nil {
				return err
			}
		}
		p.restored = append(p.restored, [2]*engine.SplitStatus{before, after})
		return nil
	}
	w.Splits = func() []string { return []string{"micro", "monolith"} }
}

func (p *played) refuse() error {
	err := p.refusal
	p.refusal = nil
	return err
}

// status is as it would be after that many seconds.
func (p *played) status() *engine.SplitStatus {
	n := int64(p.moment)
	took := func(class int, calls int64) engine.SplitDurations {
		d := make(engine.SplitDurations, class+1)
		d[class] = calls
		return d
	}
	stats := func(component, endpoint string, called, errors, inFlight int64, took engine.SplitDurations) engine.SplitEndpointStats {
		return engine.SplitEndpointStats{Component: component, Endpoint: endpoint, Called: called, Errors: errors, InFlight: inFlight, Durations: took}
	}
	return &engine.SplitStatus{Split: "micro", PID: 100 + p.pid,
		Units: []engine.SplitUnit{
			{Name: "main", PID: 101, Entry: true, Ready: true, Components: []string{"carts"}, Stats: []engine.SplitEndpointStats{
				stats("carts", "View", 0, 0, 0, nil),
				stats("pricing", "Quote", 20*n, 2*n, 3, took(22, 19*n).Plus(took(50, n))),
				stats("pricing", "Rules", n, 0, 0, took(26, n)),
				stats("tax", "Compute", 5*n, 0, 0, took(18, 5*n)),
			}},
			{Name: "pricing", PID: 102, Ready: true, Components: []string{"pricing"}, Restarts: 1, Stats: []engine.SplitEndpointStats{stats("pricing", "Quote", 0, 0, 0, nil)}},
			{Name: "tax", PID: 103, Components: []string{"tax"}, Problem: "it doesn't answer"},
		},
		Links: []split.Link{{Component: "pricing", Unit: "pricing", Address: "unix:/run/p"}, {Component: "tax", Unit: "tax", Address: "unix:/run/t"}}}
}

// TestTop: rates and durations are of the last seconds, endpoints add up to links, and what
// is selected is moved.
func TestTop(t *testing.T) {
	m := resize(ready(t, shop(t)), 120, 20)
	p := &played{}
	p.on(m)
	sees := func(what ...string) {
		t.Helper()
		got := strings.Join(strings.Fields(plain(m)), " ")
		for _, w := range what {
			if !strings.Contains(got, w) {
				t.Errorf("%q isn't shown:\n%s", w, got)
			}
		}
	}
	press(m, "6")
	sees("pricing.Quote main pricing 20 0.0 2 - - 3", "carts.View main main in process")
	for range 20 {
		follow(m, m.tick())
	}
	sees("pricing.Quote main pricing 420 20.0 42 53 µs 7.13 ms 3", "tax: not ready, pid 103, hosts tax: it doesn't answer", "pricing: ready, pid 102, 1 restart, hosts pricing")
	press(m, "o")
	sees("pricing main pricing 441 21.0 42", "split micro runs, by link, sorted by calls")
	press(m, "o", "g", "m")
	sees(":move ")
	press(m, "t", "tab")
	sees(":move tax")
	press(m, "enter")
	sees("pricing.Quote is in unit tax now")
	press(m, "M", "n", "e", "w", "enter")
	sees("pricing is in unit new now")
	press(m, "enter")
	sees("pricing", "packages: 1")
	if want := []engine.SplitMove{{Name: "pricing.Quote", Unit: "tax"}, {Name: "pricing", Unit: "new"}}; len(p.moves) != 2 || p.moves[0] != want[0] || p.moves[1] != want[1] {
		t.Errorf("moved %v, want %v", p.moves, want)
	}
}

// TestTopWithoutSplit: where nothing runs, it says how to start something.
func TestTopWithoutSplit(t *testing.T) {
	m := resize(ready(t, shop(t)), 80, 24)
	press(m, "6")
	if got := plain(m); !strings.Contains(got, "no split of this module is running; start one: unweld split run NAME") {
		t.Errorf("the screen is:\n%s", got)
	}
	press(m, "m", "enter", "o", ":", "enter", "j", "y", "e", "a")
	fits(t, m)
}

// TestTopUndo takes moves back, the last first: by u, and by :revert, which leaves the files alone there.
func TestTopUndo(t *testing.T) {
	m := resize(ready(t, shop(t)), 120, 20)
	p := &played{}
	p.on(m)
	m.world.Undo = func(context.Context) (string, error) {
		t.Error("files are changed")
		return "", nil
	}
	says := func(want string) {
		t.Helper()
		if !strings.Contains(m.said, want) {
			t.Errorf("it says %q, not %q", m.said, want)
		}
	}
	command := func(c string) { press(m, append(append([]string{":"}, letters(c)...), "enter")...) }
	press(m, "6", "u")
	says("nothing was moved from this screen")
	press(m, "g", "m", "t", "a", "x", "enter")
	moved := p.moment // the last look was after the move
	command("apply micro")
	p.refusal = errors.New("it stays")
	command("move far")
	says("not moved: it stays")
	press(m, "u")
	says("taken back: split micro")
	command("revert")
	says("taken back: pricing.Quote to unit tax")
	press(m, "u")
	says("nothing was moved from this screen")
	if len(p.restored) != 2 || len(p.moves) != 2 {
		t.Fatalf("restored %d of %d moves", len(p.restored), len(p.moves))
	}
	if before, after := p.restored[1][0], p.restored[1][1]; before == after || after.Units[0].Stats[2].Called != int64(moved) || before.Units[0].Stats[2].Called != int64(moved-1) {
		t.Errorf("the first move is taken back from %+v to %+v", after, before)
	}
	// What is refused for the sake of a state can be insisted on.
	press(m, "m", "t", "a", "x", "enter")
	p.refusal = &component.Refusal{Problems: []component.Problem{{Code: "apply-state", Message: "it has state"}}}
	press(m, "u")
	says("here that is :undo-losing-state")
	command("undo-losing-state")
	says("taken back: ")
	// In another run there is nothing to take back.
	press(m, "m", "t", "a", "x", "enter")
	p.pid = 200
	follow(m, m.tick())
	press(m, "u")
	says("nothing was moved from this screen")
}
