// Package top is the screen of the split that runs: which unit calls what in which other,
// how often, with which errors, and how long that takes. Components and endpoints are
// moved from here while calls are in flight.
package top

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// window is how far back rates and durations go.
const window = 10 * time.Second

// A sample is what was told at one moment.
type sample struct {
	at     time.Time
	status *engine.SplitStatus
}

// A Screen shows the running split. It asks again whenever Tick is called.
type Screen struct {
	world   *screen.World
	samples []sample // of the window, the latest last; empty: nothing runs, or nobody knows
	err     error    // why that is so
	links   bool     // a row is a link, and not an endpoint
	asking  bool
	rows    map[string]row // by ID of the grid
	grid    *grid.Grid
	moves   []change // that were made here, the latest last
}

// A change is something that was moved from here, with where all things ran before and after it.
type change struct {
	what          string
	before, after *engine.SplitStatus
}

// New returns the screen of the module's running split.
func New(w *screen.World) *Screen {
	s := &Screen{world: w, grid: grid.New(
		grid.Column{Title: "endpoint"},
		grid.Column{Title: "from", Rank: 7},
		grid.Column{Title: "to", Rank: 6},
		grid.Column{Title: "calls", Number: true, Rank: 8},
		grid.Column{Title: "per s", Number: true, Rank: 4},
		grid.Column{Title: "errors", Number: true, Rank: 1},
		grid.Column{Title: "p50", Number: true, Rank: 3},
		grid.Column{Title: "p99", Number: true, Rank: 2},
		grid.Column{Title: "in flight", Number: true, Rank: 5},
	)}
	s.grid.Do("sort", "calls")
	return s
}

// Messages of the screen's work.
type (
	told  struct{ sample }
	moved struct {
		what   string // is so now
		insist string // command that doesn't mind that state is lost
		change
	}
	restored struct{ change }
)

// Start is documented in screen.Starting.
func (s *Screen) Start() screen.Effect { return s.Tick() }

// Tick is documented in screen.Ticking.
func (s *Screen) Tick() screen.Effect {
	if s.asking {
		return nil
	}
	s.asking = true
	running := s.world.Running
	return screen.Work{Of: s, Do: func(ctx context.Context) (any, error) {
		at, status, err := running(ctx)
		return told{sample{at, status}}, err
	}}
}

// Done is documented in screen.Working.
func (s *Screen) Done(value any, err error) screen.Effect {
	switch value := value.(type) {
	case told:
		s.asking = false
		if s.err = err; err != nil {
			s.samples = nil
			return nil
		}
		s.add(value.sample)
	case moved:
		if err != nil {
			return screen.Say("not moved: " + screen.Told(err) + losing(err, value.insist))
		}
		if value.after != nil {
			s.moves = append(s.moves, value.change)
		} else {
			s.moves = nil // nobody knows how things are now
		}
		s.samples = s.samples[max(len(s.samples)-1, 0):] // durations begin again
		return screen.Say(value.what)
	case restored:
		if err != nil {
			return screen.Say("not taken back: " + screen.Told(err) + losing(err, ":undo-losing-state"))
		}
		s.moves = s.moves[:max(len(s.moves)-1, 0)]
		s.samples = s.samples[max(len(s.samples)-1, 0):]
		return screen.Say("taken back: " + value.what)
	}
	return nil
}

// add takes a sample in.
func (s *Screen) add(now sample) {
	if n := len(s.samples); n > 0 && s.samples[n-1].status.PID != now.status.PID {
		s.samples = nil // another run
	}
	if len(s.moves) > 0 && s.moves[0].before.PID != now.status.PID {
		s.moves = nil
	}
	s.samples = append(s.samples, now)
	for len(s.samples) > 2 && now.at.Sub(s.samples[1].at) >= window {
		s.samples = s.samples[1:]
	}
	s.show()
}

func (s *Screen) show() {
	if len(s.samples) == 0 {
		return
	}
	all := rowsOf(s.samples[0], s.samples[len(s.samples)-1])
	if s.links {
		all = linksOf(all)
	}
	s.rows = map[string]row{}
	cells := make([]grid.Row, 0, len(all))
	for _, r := range all {
		s.rows[r.id()] = r
		cells = append(cells, r.cells())
	}
	s.grid.SetRows(cells)
}

// Renew is documented in screen.Screen.
func (s *Screen) Renew(w *screen.World) { s.world = w }

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	if len(s.samples) == 0 {
		return "the running split"
	}
	what := ", by endpoint"
	if s.links {
		what = ", by link"
	}
	return "split " + s.status().Split + " runs" + what + ", sorted by " + s.grid.SortedBy()
}

func (s *Screen) status() *engine.SplitStatus { return s.samples[len(s.samples)-1].status }

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(append(keymap.Table{
		{Name: "move", Arg: "UNIT", Keys: []string{"m"}, Does: "move the endpoint, or the component of the link, to a unit while calls are in flight", Short: "move"},
		{Name: "move-component", Arg: "UNIT", Keys: []string{"M"}, Does: "move the component of the endpoint to a unit"},
		{Name: "lose-state", Arg: "UNIT", Does: "move the component to a unit, although its state in memory is lost"},
		{Name: "apply", Arg: "SPLIT", Does: "change all that runs to a split of unweld.yaml"},
		{Name: "apply-losing-state", Arg: "SPLIT", Does: "change all that runs to a split, although state in memory is lost"},
		{Name: "undo", Keys: []string{"u"}, Does: "take the last move or :apply of this screen back; :revert does so, too", Short: "undo"},
		{Name: "undo-losing-state", Does: "take it back although state in memory is lost"},
		{Name: "by-link", Keys: []string{"o"}, Does: "show links, or the endpoints of each", Short: "links"},
		{Name: "show", Keys: []string{"enter", "right", "l"}, Does: "show the component"},
	}, cursor.Keys...), grid.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, arg string) screen.Effect {
	switch name {
	case "by-link":
		s.links = !s.links
		s.grid.Retitle(0, map[bool]string{true: "link", false: "endpoint"}[s.links])
		s.show()
		return nil
	case "move", "move-component", "lose-state":
		return s.move(name, arg)
	case "apply", "apply-losing-state":
		return s.apply(arg, name == "apply-losing-state")
	case "undo", "undo-losing-state":
		return s.undo(name == "undo-losing-state")
	case "show":
		r, ok := s.selected()
		switch {
		case !ok:
			return nil
		case s.world.Component(r.component) == nil:
			return screen.Say("there is no component " + r.component + " in the code any more")
		}
		return screen.Push{Screen: page.New(s.world, r.component)}
	}
	if !s.grid.Do(name, arg) {
		return screen.Say("no column begins with “" + arg + "”; there are " + strings.Join(s.grid.Columns(), ", "))
	}
	return nil
}

func (s *Screen) selected() (row, bool) {
	r, ok := s.grid.Selected()
	return s.rows[r.ID], ok
}

// move moves what is selected, when it was said where to.
func (s *Screen) move(how, unit string) screen.Effect {
	r, ok := s.selected()
	if !ok {
		return screen.Say("nothing is selected that could be moved")
	}
	if unit == "" {
		return screen.Ask(how + " ")
	}
	what := r.component
	if how == "move" && r.endpoint != "" {
		what += "." + r.endpoint
	}
	move := s.world.MoveRunning
	m := moved{what: what + " is in unit " + unit + " now", insist: ":lose-state UNIT", change: change{what: what + " to unit " + unit}}
	return s.changing("moving "+m.change.what, m, func(ctx context.Context) error {
		return move(ctx, engine.SplitMove{Name: what, Unit: unit}, how == "lose-state")
	})
}

// apply changes everything to a named split.
func (s *Screen) apply(name string, loseState bool) screen.Effect {
	apply := s.world.ApplyRunning
	m := moved{what: "split " + name + " runs now", insist: ":apply-losing-state SPLIT", change: change{what: "split " + name}}
	return s.changing("changing what runs to split "+name, m, func(ctx context.Context) error { return apply(ctx, name, loseState) })
}

// changing changes what runs, and looks before and after, so that it can be taken back.
func (s *Screen) changing(doing string, m moved, do func(context.Context) error) screen.Effect {
	running := s.world.Running
	return screen.Work{Doing: doing, Of: s, Do: func(ctx context.Context) (any, error) {
		var err error
		if _, m.before, err = running(ctx); err != nil {
			return m, err
		}
		if err := do(ctx); err != nil {
			return m, err
		}
		if _, m.after, err = running(ctx); err != nil {
			m.after = nil // it is done all the same
		}
		return m, nil
	}}
}

// Revert is documented in screen.Reverting.
func (s *Screen) Revert() screen.Effect { return s.undo(false) }

// undo takes back what was moved last from here.
func (s *Screen) undo(loseState bool) screen.Effect {
	if len(s.moves) == 0 {
		return screen.Say("nothing was moved from this screen that could be taken back")
	}
	last, restore := s.moves[len(s.moves)-1], s.world.RestoreRunning
	return screen.Work{Doing: "taking back: " + last.what, Of: s, Do: func(ctx context.Context) (any, error) {
		return restored{last}, restore(ctx, last.before, last.after, loseState)
	}}
}

// Values is documented in screen.Completing.
func (s *Screen) Values(arg string) []string {
	var names []string
	switch {
	case arg == "SPLIT":
		return s.world.Splits()
	case arg == "UNIT" && len(s.samples) > 0:
		for _, u := range s.status().Units {
			names = append(names, u.Name)
		}
	}
	return names
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	if s.grid.Click(x, y) {
		return s.Do("show", "")
	}
	return nil
}

// Filter is documented in screen.Filtered.
func (s *Screen) Filter() string { return s.grid.Filter() }

// SetFilter is documented in screen.Filtered.
func (s *Screen) SetFilter(f string) { s.grid.SetFilter(f) }

// Shown is documented in screen.Filtered.
func (s *Screen) Shown() (shown, all int) { return s.grid.Shown() }

// Bookmark is documented in screen.Filtered.
func (s *Screen) Bookmark() (back func()) { return s.grid.Bookmark() }

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string {
	r, _ := s.selected()
	return r.name()
}

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	r, ok := s.selected()
	if !ok {
		return text.Span{}
	}
	return s.world.NamedAt(r.component, r.endpoint)
}

// losing says what can be typed where something is refused for the sake of a state in memory.
func losing(err error, command string) string {
	refused, ok := errors.AsType[*component.Refusal](err)
	if ok && slices.ContainsFunc(refused.Problems, func(p component.Problem) bool { return p.Code == "apply-state" }) {
		return "; here that is " + command
	}
	return ""
}

// reason says why nothing can be shown, without the folder that all of it is about.
func reason(err error) string {
	if usage, ok := errors.AsType[*component.UsageError](err); ok {
		return usage.Reason + "; " + usage.Hint
	}
	return screen.Told(err)
}

// View is documented in screen.Screen. Below the table stand the units.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	switch {
	case s.err != nil:
		return draw.Lines(draw.Wrap(draw.Clean(reason(s.err))+"\n\nThis screen shows it as soon as one runs.", size.Width), size.Height)
	case len(s.samples) == 0:
		return draw.Lines([]string{draw.Cut("asking what runs", size.Width)}, size.Height)
	}
	var below []string
	for i := range s.status().Units {
		u := &s.status().Units[i]
		line := draw.Cut(draw.Clean(unitLine(s.status(), u)), size.Width)
		if !u.Ready {
			line = t.Error.Render(line)
		}
		below = append(below, line)
	}
	if most := size.Height / 3; len(below) > most {
		below = slices.Concat(below[:max(most-1, 0)], []string{draw.Cut(screen.Count(len(below)-max(most-1, 0), "more unit"), size.Width)})
	}
	lines := s.grid.View(draw.Size{Width: size.Width, Height: max(size.Height-len(below), 1)}, t)
	return draw.Lines(append(lines, below...), size.Height)
}
