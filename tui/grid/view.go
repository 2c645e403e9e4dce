package grid

import (
	"strings"

	"github.com/unweld/unweld/tui/draw"
)

const (
	marker = "> " // before the selected row
	gap    = "  " // between columns
)

// layout returns the width of each column, 0 for one that is left out.
func (g *Grid) layout(width int) []int {
	widths := append([]int(nil), g.widths...)
	need := func() int {
		n := len(marker) - len(gap)
		for _, w := range widths {
			if w > 0 {
				n += w + len(gap)
			}
		}
		return n
	}
	least := min(leastFirst, widths[0])
	for need()-widths[0]+least > width {
		last := -1
		for i := 1; i < len(widths); i++ {
			if widths[i] > 0 && i != g.by && (last < 0 || g.columns[i].Rank >= g.columns[last].Rank) {
				last = i
			}
		}
		if last < 0 {
			break
		}
		widths[last] = 0
	}
	widths[0] = max(widths[0]-max(need()-width, 0), 1)
	return widths
}

// View draws the titles and as many rows as fit.
func (g *Grid) View(size draw.Size, t draw.Theme) []string {
	if len(g.widths) == 0 {
		g.SetRows(nil)
	}
	g.height = max(size.Height-1, 1)
	g.cursor.Keep(len(g.shown), g.height)
	widths := g.layout(size.Width)
	titles := make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i] = c.Title
		if i == g.by {
			titles[i] += g.direction()
		}
	}
	g.setEdges(widths)
	lines := []string{t.Faint.Render(draw.Cut(strings.Repeat(" ", len(marker))+g.line(titles, widths), size.Width))}
	for at := g.cursor.Top; at < len(g.shown) && len(lines) < size.Height; at++ {
		line := g.line(g.rows[g.shown[at]].Cells, widths)
		if at == g.cursor.At {
			lines = append(lines, t.Selected.Render(draw.Cut(marker+line, size.Width)))
		} else {
			lines = append(lines, draw.Cut("  "+line, size.Width))
		}
	}
	return draw.Lines(lines, size.Height)
}

// direction is the mark of the column that is sorted by.
func (g *Grid) direction() string {
	if g.columns[g.by].Number != g.reversed {
		return "↓"
	}
	return "↑"
}

func (g *Grid) setEdges(widths []int) {
	g.edges = g.edges[:0]
	x := len(marker)
	for _, w := range widths {
		if w > 0 {
			x += w + len(gap)
		}
		g.edges = append(g.edges, x)
	}
}

func (g *Grid) line(cells []string, widths []int) string {
	var b strings.Builder
	for i, w := range widths {
		if w == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(gap)
		}
		if g.columns[i].Number {
			b.WriteString(draw.FitRight(cells[i], w))
		} else {
			b.WriteString(draw.Fit(cells[i], w))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
