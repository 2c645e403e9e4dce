package tui

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"
)

// pictures are screens of the explorer that the documentation shows, each with the keys
// that lead to it.
var pictures = []struct {
	name string
	keys []string
}{
	{"matrix", []string{"2", "G", "0", "l", "l"}},
	{"split", []string{"4", "G", "n", "h", "G", "k", "L"}},
	{"actions", []string{"3", "Z", "Z", "j", "j", "a"}},
	{"top", []string{"6"}},
}

// TestPictures holds the pictures in docs/images to what the explorer shows. With
// -update it draws them.
func TestPictures(t *testing.T) {
	const width, height = 100, 26
	m := resize(ready(t, shop(t)), width, height)
	(&played{moment: 41}).on(m)
	for _, p := range pictures {
		press(m, p.keys...)
		for range 5 { // seconds, for what changes by itself
			follow(m, m.tick())
		}
		got := picture(m.View().Content, width, height)
		file := filepath.Join("..", "docs", "images", "explorer-"+p.name+".svg")
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != got {
			t.Errorf("%s is stale: go test ./tui -run TestPictures -update (%v)", file, err)
		}
	}
}

// picture draws what a terminal shows as SVG.
func picture(content string, width, height int) string {
	const cell, line, margin = 8.4, 18, 12
	terminal := vt.NewEmulator(width, height)
	defer terminal.Close()
	terminal.WriteString(strings.ReplaceAll(content, "\n", "\r\n"))
	var b strings.Builder
	w, h := margin*2+int(cell*float64(width)), margin*2+line*height
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`+"\n", w, h)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", w, h, background)
	for y := range height {
		for x := 0; x < width; {
			from, look, text := x, lookAt(terminal, x, y), ""
			for ; x < width && lookAt(terminal, x, y) == look; x++ {
				text += glyph(terminal, x, y)
			}
			top := margin + line*y
			if look.reverse {
				fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", margin+cell*float64(from), top, cell*float64(x-from), line, look.colour)
				look.colour = background
			}
			if strings.Trim(text, hardSpace) == "" {
				continue
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"`, margin+cell*float64(from), top+14, cell*float64(x-from), look.colour)
			if look.bold {
				b.WriteString(` font-weight="bold"`)
			}
			b.WriteString(">")
			_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
			b.WriteString("</text>\n")
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

const (
	background = "#16181d"
	hardSpace  = "\u00a0" // one that SVG keeps
)

// A look is how a cell is drawn.
type look struct {
	colour        string
	bold, reverse bool
}

func lookAt(terminal *vt.Emulator, x, y int) look {
	l := look{colour: "#d7dae0"}
	c := terminal.CellAt(x, y)
	if c == nil {
		return l
	}
	const bold, reverse = 1, 1 << 5 // as the emulator has them
	l.bold, l.reverse = c.Style.Attrs&bold != 0, c.Style.Attrs&reverse != 0
	if c.Style.Fg != nil {
		r, g, b, _ := color.NRGBAModel.Convert(c.Style.Fg).RGBA()
		l.colour = fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
	return l
}

func glyph(terminal *vt.Emulator, x, y int) string {
	if c := terminal.CellAt(x, y); c != nil && c.Content != "" {
		return strings.ReplaceAll(c.Content, " ", hardSpace)
	}
	return hardSpace
}
