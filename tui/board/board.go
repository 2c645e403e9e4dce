// Package board is the screen of a split that is tried out: units as columns, with
// components and their endpoints as cards that are moved between them, and below that what
// the split would cost and break.
package board

import (
	"context"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen is the state of a board. The cursor is on a card.
type Screen struct {
	world *screen.World
	draft *engine.Draft
	err   error         // why there is no draft, or what was wrong with the last preview
	kept  *engine.Draft // of the module as it was read before; the next goes on with it
	at    card          // that was selected then
	gone  []string      // what was moved then, and is no more

	units       []engine.DraftUnit
	columns     [][]card // of each unit
	all         int      // cards, with those that the filter hides
	filter      string
	unfolded    map[string]bool // components of which the endpoints are shown
	unit        cursor.Cursor   // column
	card        cursor.Cursor   // in the column
	last, now   *engine.Preview
	asked, told int // previews that were asked for, and the one that now is

	drawn costKey  // what the text below was made of
	text  []string // that text

	said   cursor.Cursor // of it
	lines  int           // of that text
	height int           // of it, when it was drawn
	wide   int           // width of a column
	cards  int           // height of one
	shown  int           // columns that were drawn
}

// New returns a board, which begins with the calls of the module when it is shown
// first.
func New(w *screen.World) *Screen {
	return &Screen{world: w, cards: 1, height: 1, shown: 1, wide: 1, unfolded: map[string]bool{}}
}

// Messages of the board's work.
type (
	drafted   struct{ draft *engine.Draft }
	previewed struct {
		number  int
		preview *engine.Preview
	}
)

// Start is documented in screen.Starting.
func (s *Screen) Start() screen.Effect {
	if s.draft != nil || s.err != nil {
		return nil
	}
	return s.begin("")
}

// begin begins with a split of unweld.yaml; with none if name is empty.
func (s *Screen) begin(name string) screen.Effect {
	s.err = nil
	if name != "" {
		s.kept = nil
	}
	draft := s.world.Draft
	return screen.Work{Doing: "following the calls of the module", Of: s, Do: func(ctx context.Context) (any, error) {
		d, err := draft(ctx, name)
		return drafted{d}, err
	}}
}

// Done is documented in screen.Working.
func (s *Screen) Done(value any, err error) screen.Effect {
	switch value := value.(type) {
	case drafted:
		if s.err = err; err != nil {
			return nil
		}
		s.draft, s.last, s.now, s.gone = value.draft, nil, nil, nil
		if s.kept == nil {
			return s.changed()
		}
		s.gone, s.kept = s.draft.Carry(s.kept), nil
		asked := s.changed()
		s.find(s.at)
		return asked
	case previewed:
		if value.number != s.asked {
			return nil // there was another move meanwhile
		}
		if s.err, s.told = err, value.number; err == nil {
			s.last, s.now = s.now, value.preview
		}
	}
	return nil
}

// changed shows the units as they are now, and asks what they cost.
func (s *Screen) changed() screen.Effect {
	selected := s.selected()
	s.units = s.draft.Units()
	s.lay()
	s.find(selected)
	s.asked++
	number, preview := s.asked, s.draft.Preview()
	return screen.Work{Of: s, Do: func(context.Context) (any, error) {
		p, err := preview()
		return previewed{number, p}, err
	}}
}

// Renew is documented in screen.Screen. The calls are followed again when the board
// is shown, and the draft goes on as it was.
func (s *Screen) Renew(w *screen.World) {
	kept, at, unfolded, filter := s.kept, s.at, s.unfolded, s.filter
	if s.draft != nil {
		kept, at = s.draft, s.selected()
	}
	*s = *New(w)
	s.kept, s.at, s.unfolded, s.filter = kept, at, unfolded, filter
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	switch {
	case s.draft == nil:
		return "a split that is tried out"
	case s.draft.Name != "":
		return "begun with split " + s.draft.Name
	}
	return "a draft; nothing is written"
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return keymap.Table{
		{Name: "move-right", Keys: []string{"L", "shift+right"}, Does: "move the component or endpoint to the next unit", Short: "move →"},
		{Name: "move-left", Keys: []string{"H", "shift+left"}, Does: "move it to the unit before", Short: "move ←"},
		{Name: "new-unit", Keys: []string{"n"}, Does: "move it into a unit of its own", Short: "new unit"},
		{Name: "fold", Keys: []string{"z"}, Does: "show or hide the endpoints of the component", Short: "endpoints"},
		{Name: "fold-all", Keys: []string{"Z"}, Does: "show or hide all endpoints"},
		{Name: "undo", Keys: []string{"u"}, Does: "take the last move back", Short: "undo"},
		{Name: "redo", Keys: []string{"ctrl+r", "U"}, Does: "make the move again that was taken back"},
		{Name: "move", Arg: "UNIT", Does: "move it into a unit, which is made if there is none of that name"},
		{Name: "name", Keys: []string{"w"}, Does: "name the split, to add it to unweld.yaml", Short: "write"},
		{Name: "write", Arg: "NAME", Does: "add the split to unweld.yaml under that name"},
		{Name: "begin", Arg: "SPLIT", Does: "begin with a split of unweld.yaml"},
		{Name: "show", Keys: []string{"enter"}, Does: "show the component"},
		{Name: "left", Keys: []string{"h", "left"}, Does: "go to the unit before"},
		{Name: "right", Keys: []string{"l", "right"}, Does: "go to the next unit"},
		{Name: "down", Keys: []string{"j", "down"}, Does: "go down a card"},
		{Name: "up", Keys: []string{"k", "up"}, Does: "go up a card"},
		{Name: "first", Keys: []string{"g", "home"}, Does: "go to the first card"},
		{Name: "last", Keys: []string{"G", "end"}, Does: "go to the last card"},
		{Name: "page-down", Keys: []string{"pgdown", "ctrl+f", "space"}, Does: "scroll down what the split costs"},
		{Name: "page-up", Keys: []string{"pgup", "ctrl+b"}, Does: "scroll up what the split costs"},
	}
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, arg string) screen.Effect {
	if name == "begin" {
		return s.begin(arg)
	}
	if s.draft == nil || len(s.units) == 0 {
		return screen.Say("the calls of the module aren't followed yet")
	}
	switch name {
	case "left":
		s.unit.At--
	case "right":
		s.unit.At++
	case "page-down", "page-up":
		s.said.Scroll(name, s.lines, s.height)
	case "show":
		if c := s.selected().component(); c != "" {
			return screen.Push{Screen: page.New(s.world, c)}
		}
	case "fold":
		s.fold()
	case "fold-all":
		s.foldAll()
	case "undo":
		if s.draft.Undo() {
			return s.changed()
		}
		return screen.Say("there is nothing to take back")
	case "redo":
		if s.draft.Redo() {
			return s.changed()
		}
		return screen.Say("nothing was taken back")
	case "name":
		return screen.Ask("write ")
	case "write":
		return s.write(arg)
	case "move-left", "move-right", "new-unit", "move":
		return s.move(name, arg)
	default:
		s.card.Do(name, len(s.columns[s.unit.At]), s.cards)
	}
	s.keep()
	return nil
}

// move moves the selected card.
func (s *Screen) move(how, unit string) screen.Effect {
	c := s.selected().name
	if c == "" {
		return screen.Say("no component is selected")
	}
	at := s.unit.At
	switch how {
	case "move-left":
		at--
	case "move-right":
		at++
	case "new-unit":
		unit = strings.ToLower(strings.ReplaceAll(c, ".", "-"))
		for slices.ContainsFunc(s.units, func(u engine.DraftUnit) bool { return u.Name == unit }) {
			unit += "2"
		}
	}
	if unit == "" {
		if at < 0 || at >= len(s.units) {
			return screen.Say("there is no unit there; n moves it into one of its own")
		}
		unit = s.units[at].Name
	}
	if err := s.draft.Move(c, unit); err != nil {
		return screen.Say(err.Error())
	}
	s.gone = nil
	return s.changed()
}

// write adds the split to unweld.yaml.
func (s *Screen) write(name string) screen.Effect {
	set, err := s.draft.Write(name)
	if err != nil {
		return screen.Say(screen.Told(err))
	}
	return screen.Apply{Set: set}
}

// Values is documented in screen.Completing.
func (s *Screen) Values(arg string) []string {
	var names []string
	switch {
	case s.draft == nil:
	case arg == "UNIT":
		for _, u := range s.units {
			names = append(names, u.Name)
		}
	case arg == "SPLIT":
		names = s.draft.Splits()
	}
	return names
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	at, card := s.unit.Top+x/(s.wide+1), y-1
	if y > s.cards || at >= len(s.units) {
		return nil
	}
	if at != s.unit.At {
		s.unit.At, s.card = at, cursor.Cursor{}
	}
	if card >= 0 {
		s.card.At = s.card.Top + card
	}
	s.keep()
	return nil
}

// Drop is documented in screen.Dropping: the selected card is moved to the unit at
// which the button is let go.
func (s *Screen) Drop(x, y int) screen.Effect {
	at := s.unit.Top + x/(s.wide+1)
	if y > s.cards || at >= len(s.units) || at == s.unit.At {
		return nil
	}
	return s.move("", s.units[at].Name)
}

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.selected().name }

// Place is documented in screen.Screen.
func (s *Screen) Place() text.Span {
	c := s.selected()
	_, endpoint, _ := strings.Cut(strings.TrimPrefix(c.name, c.component()), ".")
	return s.world.NamedAt(c.component(), endpoint)
}

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	if s.draft == nil {
		lines := draw.Wrap("To say what a split costs, the calls of the module have to be followed. That is done once.", size.Width)
		if s.err != nil {
			lines = append(append(lines, ""), draw.Wrap(draw.Clean(screen.Told(s.err)), size.Width)...)
		}
		return draw.Lines(lines, size.Height)
	}
	most := 0
	for _, cards := range s.columns {
		most = max(most, len(cards))
	}
	s.cards = max(min(most, size.Height/2-1), 1)
	lines := s.drawUnits(size, t)
	text := s.costs(size.Width, t)
	s.lines, s.height = len(text), max(size.Height-len(lines)-1, 1)
	s.said.Top = max(min(s.said.Top, s.lines-s.height), 0)
	lines = append(lines, t.Faint.Render(strings.Repeat("─", size.Width)))
	return draw.Lines(append(lines, text[min(s.said.Top, len(text)):]...), size.Height)
}
