// Package help is the screen of all keys and commands. It is made from the tables
// that say what keys do.
package help

import (
	"strings"

	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/pager"
	"github.com/unweld/unweld/tui/reading"
)

// A Part is a table with a heading.
type Part struct {
	Title string
	Table keymap.Table
}

// A Screen is the help.
type Screen struct{ *pager.Screen }

// New returns the help for these tables.
func New(parts ...Part) *Screen {
	return &Screen{pager.New("help", "", func(width int, t draw.Theme) []reading.Block {
		var blocks []reading.Block
		head := func(title string) {
			blocks = append(blocks, reading.Block{Lines: []string{t.Title.Render(draw.Cut(title, width))}, Heading: true})
		}
		for _, p := range parts {
			head(draw.Clean(p.Title))
			for _, e := range p.Table {
				blocks = append(blocks, reading.Block{Lines: entry(e, width)})
			}
			blocks = append(blocks, reading.Block{Lines: []string{""}})
		}
		head("filters")
		for _, text := range filters {
			blocks = append(blocks, reading.Block{Lines: draw.Wrap(text, width)})
		}
		return blocks
	})}
}

var filters = []string{
	"Each word of a filter has to be found. A word key:value is looked for in one thing alone:",
	"components: name: pkg: hazard: endpoint:",
	"hazards: severity: code: component: file:",
	"references: to: how: file:",
	"matrix: column: (other words are looked for in rows)",
	"top: from: to:",
}

// entry is keys, command and meaning; below each other where the terminal is narrow.
func entry(e keymap.Entry, width int) []string {
	const keys, usage = 18, 18
	if width < 72 {
		lines := draw.Wrap("  "+strings.TrimSpace(e.Labels()+"  "+e.Usage()), width)
		for _, l := range draw.Wrap(e.Does, max(width-6, 1)) {
			lines = append(lines, "      "+l)
		}
		return lines
	}
	var lines []string
	for i, l := range draw.Wrap(e.Does, width-keys-usage-4) {
		left := strings.Repeat(" ", keys+usage+4)
		if i == 0 {
			left = "  " + draw.Fit(e.Labels(), keys) + " " + draw.Fit(e.Usage(), usage) + " "
		}
		lines = append(lines, left+l)
	}
	return lines
}
