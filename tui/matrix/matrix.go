// Package matrix is the screen of the design structure matrix: which component
// uses which, with cycles, and the references behind each cell.
package matrix

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/matrix"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/cursor"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/evidence"
	"github.com/unweld/unweld/tui/keymap"
	"github.com/unweld/unweld/tui/page"
	"github.com/unweld/unweld/tui/screen"
)

// A Screen shows a matrix. The cursor is on a cell.
type Screen struct {
	world         *screen.World
	m             *matrix.Matrix
	program       *screen.World // whose components are shown, or whose packages
	packages      bool          // world is of its packages, not of its components
	stale         bool          // those are as they were read before
	byFolder      bool
	tree          *matrix.Tree   // nil as long as it wasn't shown by folder
	rows          *matrix.Rows   // by folder: what the rows are; else nil
	flat          *matrix.Matrix // of all components; nil as long as it wasn't shown
	open          map[string]bool
	labels        []string
	filter        string
	down, across  []int         // the rows and columns that the filter lets through
	row, column   cursor.Cursor // in these
	height, width int           // in cells, when it was drawn
	longest       int           // of the names
	label         int           // width of the names as they are drawn
}

// many is how many components are too many to begin with all of them.
const many = 60

// New returns the matrix of a module; of a large one by folders.
func New(w *screen.World) *Screen {
	s := &Screen{height: 1, width: 1, byFolder: len(w.Found.Components) > many, open: map[string]bool{}}
	s.Renew(w)
	return s
}

// Renew is documented in screen.Screen. Packages are looked at again when the matrix is
// shown; meanwhile they are as they were.
func (s *Screen) Renew(w *screen.World) {
	s.program = w
	if s.packages {
		s.stale = true
		return
	}
	s.see(w)
}

// see shows what was found in a world.
func (s *Screen) see(w *screen.World) {
	s.world, s.tree, s.flat = w, nil, nil
	s.lay()
}

// Start is documented in screen.Starting.
func (s *Screen) Start() screen.Effect {
	if !s.stale {
		return nil
	}
	s.stale = false
	return s.look()
}

// look looks at the packages.
func (s *Screen) look() screen.Effect {
	packages := s.program.Packages
	return screen.Work{Doing: "looking at the packages", Of: s, Do: func(ctx context.Context) (any, error) { return packages(ctx) }}
}

// Done is documented in screen.Working.
func (s *Screen) Done(value any, err error) screen.Effect {
	if err != nil {
		return screen.Say(screen.Told(err))
	}
	found, _ := value.(*component.Result)
	if first := !s.packages; first {
		s.packages, s.byFolder = true, len(found.Components) > many
	}
	s.see(s.program.With(found))
	return nil
}

// change shows packages in place of components, or the other way round.
func (s *Screen) change() screen.Effect {
	if !s.packages {
		return s.look()
	}
	s.packages, s.stale, s.byFolder = false, false, len(s.program.Found.Components) > many
	s.see(s.program)
	return nil
}

// lay makes the rows, as they are to be shown now. The selected cell stays, or that of the
// folder that it is in or that has given way.
func (s *Screen) lay() {
	i, j := s.selected()
	row, column := s.place(i), s.place(j)
	s.labels = s.labels[:0]
	if s.byFolder {
		if s.tree == nil {
			s.tree = matrix.NewTree(s.world.Found)
		}
		s.m, s.rows = s.tree.Matrix(func(folder string) bool { return s.open[folder] })
		for _, r := range s.rows.List {
			s.labels = append(s.labels, draw.Clean(label(r)))
		}
	} else {
		if s.flat == nil {
			s.flat = matrix.Of(s.world.Found)
		}
		s.m, s.rows = s.flat, nil
		for _, name := range s.m.Names {
			s.labels = append(s.labels, draw.Clean(name))
		}
	}
	s.longest = 0
	for _, l := range s.labels {
		s.longest = max(s.longest, draw.Width(l))
	}
	s.sift()
	s.put(s.find(row), s.find(column))
}

// label is how a row is called: by the folders that lead to it.
func label(r matrix.Row) string {
	switch {
	case r.Folder:
		return fmt.Sprintf("▸ %s/ (%d)", r.Name, r.Size)
	case r.Parent == "" || strings.HasPrefix(r.Name, r.Parent+"/"):
		return r.Name
	}
	return r.Parent + "/" + r.Name
}

// A place is what a row stood for before the rows were made again.
type place struct {
	row    int
	name   string
	folder bool
}

func (s *Screen) place(row int) place {
	if s.m == nil || row < 0 || row >= len(s.m.Names) {
		return place{}
	}
	return place{row, s.m.Names[row], s.folder(row)}
}

// find is the row of a place now: of the folder that it is in, or of the first thing in it, if
// it has no row any more.
func (s *Screen) find(p place) int {
	at := -1
	switch {
	case s.rows != nil && p.folder:
		at = s.rows.Folder(p.name)
	case s.rows != nil:
		at = s.rows.Component(p.name)
	case !p.folder:
		at = slices.Index(s.m.Names, p.name)
	}
	if at < 0 {
		return p.row
	}
	return at
}

func (s *Screen) keep() {
	s.row.Keep(len(s.down), s.height)
	s.column.Keep(len(s.across), s.width)
}

// Title is documented in screen.Screen.
func (s *Screen) Title() string {
	what := "a row uses columns; "
	if s.packages {
		what += "packages; "
	}
	if s.byFolder {
		what += "by folder; "
	}
	if n := s.m.Cycles(); n > 0 {
		return what + "x: " + screen.Count(n, "cycle")
	}
	return what + "no cycles"
}

// Keys is documented in screen.Screen.
func (s *Screen) Keys() keymap.Table {
	return append(keymap.Table{
		{Name: "show", Keys: []string{"enter"}, Does: "show the references of the cell; on the diagonal, the component, or what is in the folder", Short: "references"},
		{Name: "packages", Keys: []string{"p"}, Does: "show packages, or components", Short: "packages"},
		{Name: "by-folder", Keys: []string{"f"}, Does: "show folders, or all that is in them", Short: "folders"},
		{Name: "fold", Keys: []string{"z"}, Does: "show what is in the folder, or the folder in its place"},
		{Name: "fold-up", Keys: []string{"-"}, Does: "show the folder that it is in, in place of all that is in there"},
		{Name: "fold-all", Keys: []string{"Z"}, Does: "fold or unfold all folders"},
		{Name: "go", Arg: "COMPONENT", Does: "go to the row of a component"},
		{Name: "left", Keys: []string{"h", "left"}, Does: "go a cell to the left"},
		{Name: "right", Keys: []string{"l", "right"}, Does: "go a cell to the right"},
		{Name: "first-column", Keys: []string{"0"}, Does: "go to the first column"},
		{Name: "last-column", Keys: []string{"$"}, Does: "go to the last column"},
		{Name: "transpose", Keys: []string{"t"}, Does: "go to the cell of the other direction", Short: "other direction"},
		{Name: "next-cycle", Keys: []string{"n"}, Does: "go to the next reference of a cycle", Short: "next cycle"},
	}, cursor.Keys...)
}

// Do is documented in screen.Screen.
func (s *Screen) Do(name, arg string) screen.Effect {
	switch name {
	case "show":
		return s.show()
	case "packages":
		return s.change()
	case "by-folder":
		s.byFolder = !s.byFolder
		s.lay()
		return nil
	case "fold", "fold-up", "fold-all":
		return s.fold(name)
	case "go":
		return s.goTo(arg)
	case "left":
		s.column.At--
	case "right":
		s.column.At++
	case "first-column":
		s.column.At = 0
	case "last-column":
		s.column.At = len(s.across) - 1
	case "transpose":
		row, column := s.selected()
		if was := [2]int{s.row.At, s.column.At}; !s.put(column, row) {
			s.row.At, s.column.At = was[0], was[1]
			return screen.Say("the filter hides the cell of the other direction")
		}
	case "next-cycle":
		if !s.nextCycle() {
			return screen.Say("there are no cycles")
		}
	default:
		s.row.Do(name, len(s.down), s.height)
	}
	s.keep()
	return nil
}

// nextCycle goes to the next of the references that close a cycle.
func (s *Screen) nextCycle() bool {
	row, column := s.selected()
	here := [2]int{row, column}
	shown := func(list []int, i int) bool {
		_, there := slices.BinarySearch(list, i)
		return there
	}
	next, found := here, false
	for _, at := range s.m.Closing {
		if !shown(s.down, at[0]) || !shown(s.across, at[1]) {
			continue
		}
		if after := slices.Compare(at[:], here[:]) > 0; !found || after {
			next, found = at, true
			if after {
				break
			}
		}
	}
	s.put(next[0], next[1])
	return found
}

// fold shows what is in the selected folder, or a folder in place of what is in it.
func (s *Screen) fold(how string) screen.Effect {
	row, _ := s.selected()
	if !s.byFolder || row < 0 {
		return screen.Say("f shows folders, which can be folded")
	}
	r := s.rows.List[row]
	switch {
	case how == "fold-all":
		unfold := !slices.ContainsFunc(s.rows.List, func(r matrix.Row) bool { return s.open[r.Parent] })
		for _, folder := range s.tree.Folders() {
			s.open[folder] = unfold
		}
	case r.Folder && how == "fold":
		s.open[r.Name] = true
	case r.Parent == "":
		return screen.Say(r.Name + " is in no folder but that of the module")
	default:
		s.open[r.Parent] = false
	}
	s.lay()
	return nil
}

// goTo goes to the row of a component, and unfolds the folders that it is in.
func (s *Screen) goTo(name string) screen.Effect {
	if s.world.Component(name) == nil {
		return screen.Say("there is no " + s.thing() + " “" + name + "”")
	}
	row := slices.Index(s.m.Names, name)
	if s.rows != nil {
		for row = s.rows.Component(name); s.folder(row); row = s.rows.Component(name) {
			s.open[s.rows.List[row].Name] = true
			s.lay()
		}
	}
	if !s.put(row, row) {
		s.SetFilter("") // it hides what is asked for
		s.put(row, row)
	}
	return nil
}

func (s *Screen) show() screen.Effect {
	row, column := s.selected()
	switch {
	case row < 0 || column < 0:
		return nil
	case row == column && s.folder(row):
		return s.fold("fold")
	case row == column:
		return screen.Push{Screen: page.New(s.world, s.m.Names[row])}
	case s.m.At(row, column).References == 0:
		return screen.Say(s.name(row) + " doesn't use " + s.name(column))
	case s.folder(row) || s.folder(column):
		return screen.Push{Screen: evidence.Between(s.world, s.name(row), s.name(column), s.in(row), s.in(column))}
	}
	return screen.Push{Screen: evidence.New(s.world, s.m.Names[row], s.m.Names[column])}
}

func (s *Screen) folder(row int) bool { return s.rows != nil && s.rows.List[row].Folder }

// thing is what the matrix is of.
func (s *Screen) thing() string {
	if s.packages {
		return "package"
	}
	return "component"
}

// in are the components of a row.
func (s *Screen) in(row int) []string { return s.tree.In(s.rows.List[row]) }

// name is a row in a sentence.
func (s *Screen) name(row int) string {
	if s.folder(row) {
		return s.m.Names[row] + "/"
	}
	return s.m.Names[row]
}

// Values is documented in screen.Completing: those of :go can be packages.
func (s *Screen) Values(arg string) []string {
	if arg != "COMPONENT" || !s.packages {
		return nil
	}
	var names []string
	for _, c := range s.world.Found.Components {
		names = append(names, c.Name)
	}
	return names
}

// Click is documented in screen.Screen.
func (s *Screen) Click(x, y int) screen.Effect {
	row, column := s.row.Top+y-1, s.column.Top+(x-s.left())/cell
	if y < 1 || x < s.left() || row >= len(s.down) || column >= len(s.across) {
		return nil
	}
	again := row == s.row.At && column == s.column.At
	s.row.At, s.column.At = row, column
	if again {
		return s.show()
	}
	return nil
}

// Copied is documented in screen.Screen.
func (s *Screen) Copied() string { return s.said() }

// Place is documented in screen.Screen: of a cell, the first reference; on the diagonal, the
// component's first package.
func (s *Screen) Place() text.Span {
	row, column := s.selected()
	if row < 0 || column < 0 || s.folder(row) || s.folder(column) {
		return text.Span{}
	}
	if row == column {
		return s.world.ComponentAt(s.world.Component(s.m.Names[row]))
	}
	if c := s.world.Coupling(s.m.Names[row], s.m.Names[column]); c != nil && len(c.Evidence) > 0 {
		return screen.PlaceOf(c.Evidence[0])
	}
	return text.Span{}
}

// said is the selected cell in words.
func (s *Screen) said() string {
	if len(s.m.Names) == 0 {
		return "no components were found"
	}
	row, column := s.selected()
	if row < 0 || column < 0 {
		return "no " + s.thing() + " has these words"
	}
	from, to := s.name(row), s.name(column)
	c := s.m.At(row, column)
	switch {
	case row == column && s.folder(row):
		return from + " has " + screen.Count(s.rows.List[row].Size, s.thing()) + "; Enter shows what is in it"
	case row == column:
		return from
	case c.References == 0:
		return from + " doesn't use " + to
	}
	what := fmt.Sprintf("%s uses %s: %s, weight %.1f", from, to, screen.Count(c.References, "reference"), c.Weight)
	if c.Cyclic {
		what += "; part of a cycle"
	}
	return what
}

const cell = 5 // width of one, with the space before it

// left is where the cells begin: after the marker, the number and the name.
func (s *Screen) left() int { return 2 + s.digits() + 1 + s.label }

func (s *Screen) digits() int { return len(strconv.Itoa(len(s.m.Names))) }

// View is documented in screen.Screen.
func (s *Screen) View(size draw.Size, t draw.Theme) []string {
	s.label = min(s.longest, max(size.Width-3-s.digits()-1-4*cell, 4), size.Width/2)
	below := draw.Wrap(draw.Clean(s.said()), size.Width)
	s.height = max(size.Height-1-len(below), 1)
	s.width = max((size.Width-s.left()-1)/cell, 1)
	s.keep()
	to := min(s.column.Top+s.width, len(s.across))
	head := strings.Repeat(" ", s.left())
	for j := s.column.Top; j < to; j++ {
		mark := " "
		if j == s.column.At {
			mark = "↓"
		}
		head += " " + draw.FitRight(mark+strconv.Itoa(s.across[j]+1), cell-1)
	}
	lines := []string{t.Faint.Render(draw.Cut(strings.TrimRight(head, " "), size.Width))}
	for i := s.row.Top; i < min(s.row.Top+s.height, len(s.down)); i++ {
		lines = append(lines, s.line(i, to, size.Width, t))
	}
	return append(draw.Lines(lines, size.Height-len(below)), below...)
}

// line draws the i-th row that is shown, up to a column.
func (s *Screen) line(i, to, width int, t draw.Theme) string {
	row := s.down[i]
	label := draw.FitRight(strconv.Itoa(row+1), s.digits()) + " " + draw.Fit(draw.CutLeft(s.labels[row], s.label), s.label)
	var b strings.Builder
	if i == s.row.At {
		b.WriteString(t.Selected.Render("> " + label))
	} else {
		b.WriteString("  " + label)
	}
	before := " "
	for j := s.column.Top; j < to; j++ {
		text := s.cellText(row, s.across[j])
		switch {
		case i == s.row.At && j == s.column.At:
			b.WriteString(t.Current.Render("[" + text + "]"))
			before = ""
			continue
		case s.m.At(row, s.across[j]).Cyclic:
			text = t.Error.Render(text)
		}
		b.WriteString(before + text)
		before = " "
	}
	return draw.Cut(strings.TrimRight(b.String(), " "), width)
}

// cellText is what stands in a cell, in four places.
func (s *Screen) cellText(row, column int) string {
	c := s.m.At(row, column)
	switch n := c.References; {
	case row == column:
		return draw.FitRight("—", cell-1)
	case n == 0:
		return draw.FitRight("·", cell-1)
	default:
		number := strconv.Itoa(n)
		if n >= 1000 {
			number = strconv.Itoa(n/1000) + "k"
		}
		if c.Cyclic {
			number = "x" + number
		}
		return draw.FitRight(number, cell-1)
	}
}
