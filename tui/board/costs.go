package board

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/screen"
)

// A costKey is what the text of costs depends on.
type costKey struct {
	now, last   *engine.Preview
	err         error
	asked, told int
	gone, width int
	styled      string // as the theme draws it
}

// costs is what the split costs and breaks. In a large program that is many lines, so they
// are kept until something else is to be said.
func (s *Screen) costs(width int, t draw.Theme) []string {
	key := costKey{s.now, s.last, s.err, s.asked, s.told, len(s.gone), width, t.Error.Render("x")}
	if key != s.drawn || s.text == nil {
		s.drawn, s.text = key, s.draw(width, t)
	}
	return s.text
}

// draw is costs, with what the last move changed.
func (s *Screen) draw(width int, t draw.Theme) []string {
	var lines []string
	say := func(what string) { lines = append(lines, draw.Wrap(draw.Clean(what), width)...) }
	head := func(what string) { lines = append(lines, t.Title.Render(draw.Cut(what, width))) }
	switch {
	case s.err != nil:
		lines = append(lines, t.Error.Render("this split can't be:"))
		say(screen.Told(s.err))
		return lines
	case s.now == nil:
		return []string{"…"}
	case s.told != s.asked:
		lines = append(lines, t.Faint.Render("… of before the move:"))
	}
	if len(s.gone) > 0 {
		lines = append(lines, t.Error.Render(draw.Cut("no longer there, and in no unit:", width)))
		say(strings.Join(s.gone, ", "))
	}
	p := s.now
	say(s.summary())
	lines = append(lines, s.entries(width, t)...)
	for _, q := range p.Quiet {
		say("nothing crosses to " + q.Unit + ": " + q.Reason)
	}
	lines = append(lines, "")
	for _, d := range p.Down {
		say(fmt.Sprintf("if %s is down: %s; %s", d.Unit, some(d.Fails, "fails", "fail"), some(d.Stays, "stays", "stay")))
	}
	if n := len(p.Hazards); n > 0 {
		head(screen.Count(n, "hazard") + s.more(n, func(p *engine.Preview) int { return len(p.Hazards) }))
		for _, h := range p.Hazards {
			say("  " + h.Pos + ": " + h.Name + ": " + h.Message)
		}
	}
	if p.ByExtract > 0 {
		say(screen.Count(p.ByExtract, "hazard") + " of calls without a context or an error result: unweld extract adds both")
	}
	if n := len(p.Local); n > 0 {
		head(screen.Count(n, "endpoint") + " can't cross a process" + s.more(n, func(p *engine.Preview) int { return len(p.Local) }))
		for _, l := range p.Local {
			say("  " + l.Endpoint + ": " + l.Reason)
		}
	}
	for _, u := range p.Unbound {
		say(u.Component + " has no bindings yet, so all that others call counts as an endpoint: unweld extract, then unweld bind")
	}
	for _, f := range p.Targets {
		if f.Problem != "" {
			head("target " + f.Name + " can't take it")
			for line := range strings.Lines(f.Problem) {
				say("  " + strings.TrimSpace(line))
			}
		}
	}
	if n := len(p.Unknown); n > 0 {
		head(screen.Count(n, "call") + " could not be followed, and may cross as well")
		for _, u := range p.Unknown {
			say("  " + u.Pos + ": " + u.Reason)
		}
	}
	return lines
}

// summary is all of it in one line.
func (s *Screen) summary() string {
	crossing := func(p *engine.Preview) int {
		n := 0
		for _, e := range p.Entries {
			if e.Crossings.Calls+e.PerItem.Calls > 0 {
				n++
			}
		}
		return n
	}
	hazards := func(p *engine.Preview) int { return len(p.Hazards) }
	local := func(p *engine.Preview) int { return len(p.Local) }
	p := s.now
	return fmt.Sprintf("crossings at %d of %s%s; %s%s; %s can't cross%s; %s unknown", crossing(p), screen.Count(len(p.Entries), "entry point"), s.more(crossing(p), crossing),
		screen.Count(hazards(p), "hazard"), s.more(hazards(p), hazards), screen.Count(local(p), "endpoint"), s.more(local(p), local), screen.Count(len(p.Unknown), "call"))
}

// some names the first of a list, with a verb.
func some(list []string, one, many string) string {
	const few = 3
	switch {
	case len(list) == 0:
		return "nothing " + one
	case len(list) == 1:
		return list[0] + " " + one
	case len(list) > few:
		return fmt.Sprintf("%s and %d more %s", strings.Join(list[:few], ", "), len(list)-few, many)
	}
	return strings.Join(list, ", ") + " " + many
}

// more says by how much a number changed with the last move: " (+2)".
func (s *Screen) more(now int, of func(*engine.Preview) int) string {
	if s.last == nil {
		return ""
	}
	return difference(now - of(s.last))
}

func difference(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%+d)", n)
}

// entries is the table of the entry points from which something crosses, or did
// before the last move.
func (s *Screen) entries(width int, t draw.Theme) []string {
	before := map[string]split.PreviewEntry{}
	if s.last != nil {
		for _, e := range s.last.Entries {
			before[e.Name+e.Pos] = e
		}
	}
	crossing := func(e split.PreviewEntry) bool { return e.Crossings.Calls+e.PerItem.Calls > 0 }
	var shown []split.PreviewEntry
	stay, computed := 0, 0
	for _, e := range s.now.Entries {
		switch {
		case crossing(e) || crossing(before[e.Name+e.Pos]):
			shown = append(shown, e)
		case e.Followed:
			stay++
		default:
			computed++
		}
	}
	var rest []string
	if computed > 0 {
		rest = []string{draw.Cut(screen.Count(computed, "entry point")+" could not be followed: the handler is computed", width)}
	}
	slices.SortStableFunc(shown, func(a, b split.PreviewEntry) int {
		return cmp.Or(cmp.Compare(b.PerItem.Calls, a.PerItem.Calls), cmp.Compare(b.Crossings.Calls, a.Crossings.Calls))
	})
	if len(shown) == 0 {
		return append([]string{draw.Cut(fmt.Sprintf("nothing crosses: all of %s stay in one process", screen.Count(stay, "entry point")), width)}, rest...)
	}
	const calls, bytes, narrow = 10, 10, 60
	row := func(a, b, c, d string) string {
		numbers := " " + draw.FitRight(b, calls) + " " + draw.FitRight(c, calls)
		if width >= narrow {
			numbers += " " + draw.FitRight(d, bytes)
		}
		return draw.Cut(draw.Fit(a, max(width-draw.Width(numbers), 1))+numbers, width)
	}
	lines := []string{t.Faint.Render(row("entry point", "once", "per item", "bytes"))}
	for _, e := range shown {
		b := before[e.Name+e.Pos]
		onceDiff, itemDiff := "", ""
		if s.last != nil {
			onceDiff, itemDiff = difference(e.Crossings.Calls-b.Crossings.Calls), difference(e.PerItem.Calls-b.PerItem.Calls)
		}
		lines = append(lines, row(draw.Clean(e.Name), number(e.Crossings.Calls)+onceDiff, number(e.PerItem.Calls)+itemDiff, size(e.Crossings.Bytes+e.PerItem.Bytes)))
	}
	if stay > 0 {
		lines = append(lines, draw.Cut(screen.Count(stay, "other entry point")+" stay in one process", width))
	}
	return append(lines, rest...)
}

// number ends where counting the ways through the code says nothing any more.
func number(calls int) string {
	switch {
	case calls == 0:
		return "-"
	case calls > 100:
		return ">100"
	}
	return fmt.Sprint(calls)
}

func size(bytes int) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("~%.1f kB", max(float64(bytes)/1000, 0.1))
}
