// Package codepage is the screen of what is to be known of a code.
package codepage

import (
	"strings"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/pager"
	"github.com/unweld/unweld/tui/screen"
)

// Open shows the page of a code.
func Open(w *screen.World, name string) screen.Effect {
	code, ok := w.Code(name)
	if !ok {
		return screen.Say("no code “" + name + "” is known")
	}
	return screen.Push{Screen: pager.New("about "+code.Name, code.Name, func(width int, t draw.Theme) []string { return lines(code, width, t) })}
}

func lines(code codes.Code, width int, t draw.Theme) []string {
	all := []string{t.Title.Render(draw.Cut(code.Title, width)), t.Severity(code.Severity).Render("usually: " + string(code.Severity)), ""}
	for paragraph := range strings.SplitSeq(code.Why, "\n\n") {
		all = append(all, draw.Wrap(strings.Join(strings.Fields(paragraph), " "), width)...)
		all = append(all, "")
	}
	for _, example := range []struct{ title, text string }{{"before", code.Before}, {"after", code.After}} {
		if example.text == "" {
			continue
		}
		all = append(all, t.Title.Render(example.title), "")
		for line := range strings.SplitSeq(strings.TrimSpace(example.text), "\n") {
			for _, l := range draw.Wrap(draw.Clean(line), max(width-2, 1)) {
				all = append(all, "  "+l)
			}
		}
		all = append(all, "")
	}
	return all
}
