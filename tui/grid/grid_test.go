package grid

import (
	"fmt"
	"strings"
	"testing"

	"github.com/unweld/unweld/tui/draw"
)

func table() *Grid {
	g := New(Column{Title: "name"}, Column{Title: "used by", Number: true, Rank: 1}, Column{Title: "uses", Number: true, Rank: 2})
	var rows []Row
	for i, name := range []string{"web", "orders", "store", "a-component-with-a-long-name"} {
		rows = append(rows, Row{ID: name, Cells: []string{name, fmt.Sprint(i % 3), fmt.Sprint(10 - i)}, Numbers: []float64{0, float64(i % 3), float64(10 - i)},
			Text: name, Fields: map[string]string{"pkg": "m/" + name}})
	}
	g.SetRows(append(rows, Row{ID: "", Cells: []string{"(none)", "", ""}, Numbers: []float64{0, 99, 99}, Last: true}))
	return g
}

func names(g *Grid) string {
	var all []string
	for _, i := range g.shown {
		all = append(all, g.rows[i].Cells[0])
	}
	return strings.ReplaceAll(strings.Join(all, " "), "a-component-with-a-long-name", "a")
}

func TestSort(t *testing.T) {
	g := table()
	for _, step := range []struct{ do, arg, want string }{
		{"", "", "a orders store web (none)"},
		{"reverse", "", "web store orders a (none)"},
		{"sort-next", "", "store orders a web (none)"},
		{"sort", "uses", "web orders store a (none)"},
		{"reverse", "", "a store orders web (none)"},
		{"sort-next", "", "a orders store web (none)"},
		{"sort-previous", "", "web orders store a (none)"},
	} {
		if step.do != "" && !g.Do(step.do, step.arg) {
			t.Errorf("%s does nothing", step.do)
		}
		if got := names(g); got != step.want {
			t.Errorf("after %s %s the order is %s, not %s", step.do, step.arg, got, step.want)
		}
	}
	if g.Do("sort", "") || g.Do("sort", "nothing") || g.Do("dance", "") {
		t.Error("what isn't there is done")
	}
}

func TestFilter(t *testing.T) {
	g := table()
	g.Select("store")
	for filter, want := range map[string]string{"": "a orders store web (none)", "OR": "orders store", "or st": "store", "pkg:m/w": "web", "pkg:web pkg:m": "web", "no:such": "", "x": ""} {
		g.SetFilter(filter)
		if got := names(g); got != want {
			t.Errorf("%q finds %s, not %s", filter, got, want)
		}
	}
	g.SetFilter("")
	g.Select("store")
	g.SetFilter("or")
	if r, _ := g.Selected(); r.ID != "store" {
		t.Errorf("%q is selected", r.ID)
	}
}

// TestNarrow: columns of a high rank are left out first, and the name gives way
// last; the column that is sorted by stays.
func TestNarrow(t *testing.T) {
	g := table()
	for _, test := range []struct {
		width int
		sort  string
		want  string
	}{
		{60, "name", "name↑                          used by   uses"},
		{40, "name", "name↑                   used by   uses"},
		{30, "name", "name↑                used by"},
		{30, "uses", "name                   uses↓"},
		{20, "name", "name↑"},
		{3, "name", "…"},
	} {
		g.Do("sort", test.sort)
		lines := g.View(draw.Size{Width: test.width, Height: 5}, draw.Theme{})
		if got := strings.TrimSpace(lines[0]); got != test.want {
			t.Errorf("%d wide, sorted by %s: %q, not %q", test.width, test.sort, got, test.want)
		}
		for _, l := range lines {
			if draw.Width(l) > test.width {
				t.Errorf("%d wide: %q", test.width, l)
			}
		}
	}
}
