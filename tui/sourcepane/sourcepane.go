// Package sourcepane shows a place in a file: the lines around it, with the line
// itself and what is meant on it marked.
package sourcepane

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/draw"
)

// View draws the lines around a place.
func View(content func(rel string) ([]byte, error), at text.Span, size draw.Size, t draw.Theme) []string {
	if size.Height <= 0 {
		return nil
	}
	title := t.Title.Render(draw.CutLeft(at.String(), size.Width))
	if !at.IsValid() {
		return draw.Lines([]string{t.Faint.Render(draw.Cut("no place in a file is known", size.Width))}, size.Height)
	}
	data, err := content(at.File)
	if err != nil {
		return draw.Lines(append([]string{title}, draw.Wrap("the file can't be read: "+draw.Clean(err.Error()), size.Width)...), size.Height)
	}
	lines := strings.Split(string(data), "\n")
	n := size.Height - 1
	first := max(min(at.Line-1-n/2, len(lines)-n), 0)
	digits := len(strconv.Itoa(first + n))
	all := []string{title}
	for i := first; i < min(first+n, len(lines)); i++ {
		gutter := fmt.Sprintf("  %*d ", digits, i+1)
		if i+1 != at.Line {
			all = append(all, t.Faint.Render(gutter)+draw.Cut(draw.Clean(strings.TrimRight(lines[i], "\r")), size.Width-len(gutter)))
			continue
		}
		gutter = fmt.Sprintf("> %*d ", digits, i+1)
		all = append(all, t.Selected.Render(gutter)+marked(strings.TrimRight(lines[i], "\r"), at, size.Width-len(gutter), t))
	}
	return draw.Lines(all, size.Height)
}

// marked is the line of a place, with what is meant reversed. Where that is too far
// to the right, the beginning of the line is left out.
func marked(line string, at text.Span, width int, t draw.Theme) string {
	from := max(min(at.Col-1, len(line)), 0)
	to := len(line)
	if at.End > at.Start {
		to = min(from+at.End-at.Start, len(line))
	} else if end := strings.IndexFunc(line[from:], func(r rune) bool { return !isName(r) }); end > 0 {
		to = from + end
	}
	before, what, after := draw.Clean(line[:from]), draw.Clean(line[from:to]), draw.Clean(line[to:])
	if over := draw.Width(before) + draw.Width(what) - width; over > 0 {
		before = draw.CutLeft(before, max(draw.Width(before)-over, 0))
	}
	what = draw.Cut(what, width-draw.Width(before))
	after = draw.Cut(after, width-draw.Width(before)-draw.Width(what))
	return before + t.Current.Render(what) + after
}

func isName(r rune) bool {
	return r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80
}
