package actions

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/screen"
)

// A Form shows the parameters of an offer, which the user may change before the change
// is computed.
type Form struct {
	world  *screen.World
	offer  engine.Offer
	asked  bool // what it works on was asked for
	filter string
	shown  []int // parameters that the filter lets through
	cursor cursor.Cursor
	height int
}

func newForm(w *screen.World, o engine.Offer) *Form {
	o.Request.Params = maps.Clone(o.Request.Params)
	if o.Request.Params == nil {
		o.Request.Params = map[string]string{}
	}
	f := &Form{world: w, offer: o, height: 1}
	f.SetFilter("")
	return f
}

// Filter is documented in screen.Filtered.
func (f *Form) Filter() string { return f.filter }

// SetFilter is documented in screen.Filtered. Words are looked for in names and in what they mean.
func (f *Form) SetFilter(filter string) {
	was := f.at()
	f.filter, f.shown = filter, nil
	match := grid.Matcher(filter)
	for i, p := range f.offer.Form {
		if match(strings.ToLower(p.Name+" "+p.Doc), nil) {
			f.shown = append(f.shown, i)
		}
	}
	f.cursor.At, _ = slices.BinarySearch(f.shown, was)
	f.cursor.Keep(len(f.shown), f.height)
}

// Shown is documented in screen.Filtered.
func (f *Form) Shown() (shown, all int) { return len(f.shown), len(f.offer.Form) }

// Bookmark is documented in screen.Filtered.
func (f *Form) Bookmark() (back func()) {
	was := f.cursor
	return func() { f.cursor = was }
}

// at is the number of the selected parameter; -1 where there is none.
func (f *Form) at() int {
	if f.cursor.At >= len(f.shown) {
		return -1
	}
	return f.shown[f.cursor.At]
}

// Start is documented in screen.Starting: what it works on is asked for, once.
func (f *Form) Start() screen.Effect {
	if f.asked || len(f.offer.Form) == 0 || f.offer.Form[0].Name != engine.ParamTarget || f.given(&f.offer.Form[0]) {
		return nil
	}
	f.asked = true
	return screen.Ask("set ")
}

// Values is documented in screen.Completing.
func (f *Form) Values(arg string) []string {
	if arg != "VALUE" || f.at() < 0 {
		return nil
	}
	p := &f.offer.Form[f.at()]
	switch {
	case p.Type == "declaration":
		return f.world.Targets()
	case p.Type == "component" || p.Name == engine.ParamTarget: // the latter of bind, state or eject
		var names []string
		for _, c := range f.world.Found.Components {
			names = append(names, c.Name)
		}
		return names
	}
	return f.values(p)
}

// Named returns the form of a refactoring, or of bind, state or eject, that was asked for by name.
// What it works on is the first of the parameters.
func Named(w *screen.World, name string) (*Form, error) {
	o, err := engine.OfferNamed(name)
	if err != nil {
		return nil, err
	}
	return newForm(w, o), nil
}

// Renew is documented in screen.Screen.
func (f *Form) Renew(w *screen.World) { f.world = w }

// Title is documented in screen.Screen.
func (f *Form) Title() string {
	if f.offer.Request.Target == "" {
		return f.offer.Title
	}
	return f.offer.Title + ", of " + f.offer.Request.Target
}

// Keys is documented in screen.Screen.
func (f *Form) Keys() keymap.Table {
	return append(keymap.Table{
		{Name: "compute", Keys: []string{"w"}, Does: "compute the change, and show it", Short: "show the change"},
		{Name: "change", Keys: []string{"enter"}, Does: "change the parameter: to the next of its values, or type one", Short: "change"},
		{Name: "set", Arg: "VALUE", Does: "give the parameter a value"},
		{Name: "unset", Keys: []string{"x"}, Does: "take the value of the parameter away"},
	}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (f *Form) Do(name, arg string) screen.Effect {
	if name == "compute" {
		return f.compute()
	}
	if f.at() < 0 {
		return screen.Say("no parameter is selected")
	}
	p := &f.offer.Form[f.at()]
	switch name {
	case "set":
		f.set(p, arg)
	case "unset":
		if delete(f.offer.Request.Params, p.Name); p.Name == engine.ParamTarget {
			f.offer.Request.Target = ""
		}
	case "change":
		values := f.values(p)
		if len(values) == 0 {
			return screen.Ask("set " + f.value(p))
		}
		f.set(p, values[(slices.Index(values, f.value(p))+1)%len(values)])
	default:
		f.cursor.Do(name, len(f.shown), f.height)
	}
	return nil
}

func (f *Form) set(p *engine.RefactorParam, value string) {
	if p.Name == engine.ParamTarget {
		f.offer.Request.Target = value
		return
	}
	f.offer.Request.Params[p.Name] = value
}

// given reports whether the user, or the offer, has given a parameter a value.
func (f *Form) given(p *engine.RefactorParam) bool {
	if p.Name == engine.ParamTarget {
		return f.offer.Request.Target != ""
	}
	_, given := f.offer.Request.Params[p.Name]
	return given
}

func boolean(p *engine.RefactorParam) bool { return p.Type == "bool" }

// values are those that a parameter can have, if they can be counted.
func (f *Form) values(p *engine.RefactorParam) []string {
	switch {
	case boolean(p):
		return []string{"false", "true"}
	case len(p.Values) > 0:
		return p.Values
	}
	return p.Suggestions
}

// value is the one that a parameter has, or gets by itself.
func (f *Form) value(p *engine.RefactorParam) string {
	switch {
	case p.Name == engine.ParamTarget:
		return f.offer.Request.Target
	case f.given(p):
		return f.offer.Request.Params[p.Name]
	}
	if p.Default == "" && boolean(p) {
		return "false"
	}
	return p.Default
}

// byItself says where the value of a parameter comes from that nobody gave.
func byItself(p *engine.RefactorParam) string {
	switch {
	case p.Required:
		return "(must be given)"
	case p.Derive != nil:
		return "(made of the target)"
	case p.Default == "" && !boolean(p):
		return "(none)"
	}
	return " (default)"
}

// compute computes the change.
func (f *Form) compute() screen.Effect {
	for i := range f.offer.Form {
		if p := &f.offer.Form[i]; p.Name == engine.ParamTarget && !f.given(p) {
			return screen.Say("it must be given what it works on: " + p.Doc)
		}
	}
	return work(f, f.world, f.offer)
}

// Done is documented in screen.Working.
func (f *Form) Done(value any, err error) screen.Effect {
	if err != nil {
		return refusal(f.world, f.offer.Title, err)
	}
	set := value.(computed).set
	if len(set.Files) == 0 {
		return screen.Say("nothing has to change")
	}
	return screen.Apply{Set: set}
}

// Click is documented in screen.Screen: a second click changes the parameter.
func (f *Form) Click(_, y int) screen.Effect {
	at := f.cursor.Top + y
	if y >= f.height || at >= len(f.shown) {
		return nil
	}
	if at == f.cursor.At {
		return f.Do("change", "")
	}
	f.cursor.At = at
	f.cursor.Keep(len(f.shown), f.height)
	return nil
}

// Copied is documented in screen.Screen: the value of the selected parameter, or its name.
func (f *Form) Copied() string {
	if f.at() < 0 {
		return f.offer.Request.Target
	}
	p := &f.offer.Form[f.at()]
	return cmp.Or(f.value(p), p.Name)
}

// Place is documented in screen.Screen.
func (f *Form) Place() text.Span { return text.Span{} }

// View is documented in screen.Screen. Below the parameters stands what the selected
// one means.
func (f *Form) View(size draw.Size, t draw.Theme) []string {
	wide := 0
	for _, p := range f.offer.Form {
		wide = max(wide, draw.Width(p.Name))
	}
	about := "no parameter has these words"
	p := &engine.RefactorParam{}
	if f.at() >= 0 {
		p = &f.offer.Form[f.at()]
		about = p.Doc
	}
	if values := f.values(p); len(values) > 0 && !boolean(p) {
		about += ": " + strings.Join(values, ", ")
	} else if p.Example != "" {
		about += ", such as " + p.Example
	}
	below := append([]string{""}, draw.Wrap(draw.Clean(about), size.Width)...)
	below = below[:min(len(below), size.Height/2)]
	f.height = max(size.Height-len(below), 1)
	f.cursor.Keep(len(f.shown), f.height)
	var lines []string
	for i := f.cursor.Top; i < min(f.cursor.Top+f.height, len(f.shown)); i++ {
		p := &f.offer.Form[f.shown[i]]
		line := fmt.Sprintf("  %s  %s", draw.Fit(p.Name, wide), draw.Clean(f.value(p)))
		if !f.given(p) {
			line += byItself(p)
		}
		if line = draw.Cut(line, size.Width); i == f.cursor.At {
			line = t.Selected.Render(draw.Fit(">"+line[1:], size.Width))
		}
		lines = append(lines, line)
	}
	return draw.Lines(append(lines, below...), size.Height)
}
