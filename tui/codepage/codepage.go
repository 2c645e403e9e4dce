// Package codepage is the screen of what is to be known of a code.
package codepage

import (
	"strings"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/pager"
	"github.com/unweld/unweld/tui/reading"
	"github.com/unweld/unweld/tui/screen"
)

// Open shows the page of a code.
func Open(w *screen.World, name string) screen.Effect {
	code, ok := w.Code(name)
	if !ok {
		return screen.Say("no code “" + name + "” is known")
	}
	return screen.Push{Screen: pager.New("about "+code.Name, code.Name, func(width int, t draw.Theme) []reading.Block { return blocks(code, width, t) })}
}

func blocks(code codes.Code, width int, t draw.Theme) []reading.Block {
	all := []reading.Block{{Heading: true, Lines: []string{t.Title.Render(draw.Cut(code.Title, width)), t.Severity(code.Severity).Render("usually: " + string(code.Severity)), ""}}}
	for paragraph := range strings.SplitSeq(code.Why, "\n\n") {
		all = append(all, reading.Block{Lines: append(draw.Wrap(strings.Join(strings.Fields(paragraph), " "), width), "")})
	}
	for _, example := range []struct{ title, text string }{{"before", code.Before}, {"after", code.After}} {
		if example.text == "" {
			continue
		}
		all = append(all, reading.Block{Heading: true, Lines: []string{t.Title.Render(example.title), ""}})
		for line := range strings.SplitSeq(strings.TrimSpace(example.text), "\n") {
			lines := draw.Wrap(draw.Clean(line), max(width-2, 1))
			for i := range lines {
				lines[i] = "  " + lines[i]
			}
			all = append(all, reading.Block{Lines: lines})
		}
		all = append(all, reading.Block{Lines: []string{""}})
	}
	return all
}
