package screen

import (
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/draw"
)

// ParsePlace is the inverse of text.Span.String.
func ParsePlace(pos string) text.Span {
	file, col, ok := cutNumber(pos)
	if !ok {
		return text.Span{File: pos}
	}
	file, line, ok := cutNumber(file)
	if !ok {
		return text.Span{File: file, Line: col, Col: 1}
	}
	return text.Span{File: file, Line: line, Col: col}
}

// PlaceOf is where a reference stands. The cache has it as text alone.
func PlaceOf(ev component.Evidence) text.Span {
	if ev.Span.IsValid() {
		return ev.Span
	}
	return ParsePlace(ev.Pos)
}

func cutNumber(pos string) (before string, n int, ok bool) {
	at := strings.LastIndexByte(pos, ':')
	if at < 0 {
		return pos, 0, false
	}
	n, err := strconv.Atoi(pos[at+1:])
	if err != nil {
		return pos, 0, false
	}
	return pos[:at], n, true
}

// Halves divides a screen into a list and what is shown of the line that is
// selected: beside each other where that is wide enough, otherwise below each
// other. The second may be empty.
func Halves(size draw.Size) (list, rest draw.Size, beside bool) {
	const wide, low = 140, 10
	switch {
	case size.Width >= wide:
		w := size.Width / 2
		return draw.Size{Width: w, Height: size.Height}, draw.Size{Width: size.Width - w - 3, Height: size.Height}, true
	case size.Height < low:
		return size, draw.Size{Width: size.Width}, false
	}
	h := size.Height / 2
	return draw.Size{Width: size.Width, Height: h}, draw.Size{Width: size.Width, Height: size.Height - h}, false
}
