// Package draw has what all screens are drawn with: styles for light and dark
// terminals, and text that is cut, filled up and wrapped to a width.
package draw

import (
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/unweld/unweld/internal/component"
)

// A Size is that of a terminal, or of a part of it.
type Size struct{ Width, Height int }

// A Theme has the styles of everything. None of them says something that isn't
// also said by words or by a mark.
type Theme struct {
	Title, Faint, Selected, Current lipgloss.Style
	Error, Warning, Info            lipgloss.Style
}

// NewTheme returns styles for a terminal with a dark or a light background.
func NewTheme(dark bool) Theme {
	pick := lipgloss.LightDark(dark)
	colour := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	return Theme{
		Title:    lipgloss.NewStyle().Bold(true),
		Faint:    colour("241", "245"),
		Selected: colour("25", "117").Bold(true),
		Current:  lipgloss.NewStyle().Reverse(true),
		Error:    colour("124", "210"),
		Warning:  colour("94", "222"),
		Info:     colour("24", "152"),
	}
}

// Severity returns the style of a severity.
func (t Theme) Severity(s component.Severity) lipgloss.Style {
	switch s {
	case component.Error:
		return t.Error
	case component.Warn:
		return t.Warning
	}
	return t.Info
}

// Width is how many cells s takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == 0x1b {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Clean returns s without what a terminal would take for a command, and with
// spaces for tabs.
func Clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == '\n':
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			b.WriteRune('�')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Cut returns s in no more than width cells. What is left out is told by "…".
func Cut(s string, width int) string {
	switch {
	case Width(s) <= width:
		return s
	case width <= 0:
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// CutLeft is Cut for text of which the end matters more, such as paths.
func CutLeft(s string, width int) string {
	w := Width(s)
	switch {
	case w <= width:
		return s
	case width <= 0:
		return ""
	}
	return ansi.TruncateLeft(s, w-width+1, "…")
}

// Fit is Cut, filled up with spaces to exactly width cells.
func Fit(s string, width int) string {
	s = Cut(s, width)
	return s + strings.Repeat(" ", max(width-Width(s), 0))
}

// FitRight is Fit for numbers: the spaces are on the left.
func FitRight(s string, width int) string {
	s = Cut(s, width)
	return strings.Repeat(" ", max(width-Width(s), 0)) + s
}

// Wrap breaks s, which has no styles, into lines of no more than width cells: between
// words, and a word that is longer than a line after a slash, a dot or a comma.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		line := strings.Repeat(" ", min(len(paragraph)-len(strings.TrimLeft(paragraph, " ")), width/2)) // as it is indented
		empty := true
		for word := range strings.FieldsSeq(paragraph) {
			if !empty && Width(line)+1+Width(word) > width {
				lines, line, empty = append(lines, line), "", true
			}
			if !empty {
				line += " "
			}
			for Width(line)+Width(word) > width {
				piece := breakWord(word, width-Width(line))
				lines, word, line = append(lines, line+piece), word[len(piece):], ""
			}
			line, empty = line+word, false
		}
		lines = append(lines, line)
	}
	return lines
}

// breakWord is the beginning of a word that fits into the width, at least one
// character.
func breakWord(word string, width int) string {
	fits := ansi.Truncate(word, max(width, 1), "")
	if at := strings.LastIndexAny(fits, "/.,"); at > 0 {
		return fits[:at+1]
	}
	if fits == "" { // a character of two cells on a line of one
		for i := range word {
			if i > 0 {
				return word[:i]
			}
		}
		return word
	}
	return fits
}

// Lines returns exactly height lines: what is missing is empty.
func Lines(lines []string, height int) []string {
	height = max(height, 0)
	if len(lines) > height {
		return lines[:height]
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	return lines
}

// Beside puts two blocks next to each other, with a line between them.
func Beside(left, right []string, width int) []string {
	all := make([]string, max(len(left), len(right)))
	for i := range all {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		all[i] = strings.TrimRight(Fit(l, width)+" │ "+r, " ")
	}
	return all
}
