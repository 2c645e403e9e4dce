package change

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff returns set as a unified diff against the tree at root, sorted by path.
// New files are shown against /dev/null and renames as git shows them, so that
// git apply and patch take it.
func Diff(root string, set Set) (string, error) {
	rs, err := Results(root, set)
	if err != nil {
		return "", err
	}
	before, renamed := map[string]string{}, map[string]bool{} // by path
	for _, r := range rs {
		before[r.Path] = string(r.Before)
		if r.From != "" {
			renamed[r.From] = true
		}
	}
	var b strings.Builder
	for _, r := range rs {
		from, to, old := "a/"+r.Path, "b/"+r.Path, string(r.Before)
		switch {
		case renamed[r.Path]:
			continue
		case r.From != "":
			from, old = "a/"+r.From, before[r.From]
			fmt.Fprintf(&b, "diff --git %s %s\nrename from %s\nrename to %s\n", from, to, r.From, r.Path)
		case !r.HadBefore:
			from = "/dev/null"
		case !r.HasAfter:
			to = "/dev/null"
		}
		hunks := renumber(udiff.Unified(from, to, old, string(r.After)))
		if hunks == "" && r.HadBefore != r.HasAfter && r.From == "" {
			hunks = emptyFile(r)
		}
		b.WriteString(hunks)
	}
	return b.String(), nil
}

// renumber gives each hunk the line where it starts in the new file. udiff counts
// only the lines that are added before it and not those that stay between two
// changes of one hunk.
func renumber(diff string) string {
	var b strings.Builder
	grown := 0 // lines that the hunks so far add
	for line := range strings.Lines(diff) {
		var old, now extent
		if _, err := fmt.Sscanf(line, "@@ -%v +%v @@", &old, &now); err != nil {
			b.WriteString(line) // a line of the file: it begins with a blank, - or +
			continue
		}
		if old.lines > 0 && now.lines > 0 {
			now.start = old.start + grown
		}
		grown += now.lines - old.lines
		fmt.Fprintf(&b, "@@ -%v +%v @@\n", old, now)
	}
	return b.String()
}

// An extent is the lines of one file that a hunk shows: 12,5, or 12 for one line.
type extent struct{ start, lines int }

// Scan implements [fmt.Scanner].
func (e *extent) Scan(state fmt.ScanState, _ rune) error {
	token, err := state.Token(true, func(r rune) bool { return r == ',' || '0' <= r && r <= '9' })
	if err != nil {
		return err
	}
	start, lines, ok := strings.Cut(string(token), ",")
	if !ok {
		lines = "1"
	}
	if e.start, err = strconv.Atoi(start); err != nil {
		return err
	}
	e.lines, err = strconv.Atoi(lines)
	return err
}

// String returns the extent as a unified diff has it.
func (e extent) String() string {
	if e.lines == 1 {
		return strconv.Itoa(e.start)
	}
	return strconv.Itoa(e.start) + "," + strconv.Itoa(e.lines)
}

// emptyFile says that an empty file comes or goes, for which there are no lines.
func emptyFile(r Result) string {
	what := "deleted"
	if r.HasAfter {
		what = "new"
	}
	return fmt.Sprintf("diff --git a/%[1]s b/%[1]s\n%s file mode 100644\n", r.Path, what)
}

// Between returns the set that turns the files of before into those of after,
// by path; a path that is in one map only is created or deleted. Edits cover
// whole lines.
func Between(title string, before, after map[string][]byte) Set {
	s := Set{Title: title}
	for name, old := range before {
		now, ok := after[name]
		switch {
		case !ok:
			s.Files = append(s.Files, File{Path: name, Op: Delete, Base: HashOf(old)})
		case !bytes.Equal(old, now):
			s.Files = append(s.Files, File{Path: name, Op: Edit, Base: HashOf(old), Edits: lineEdits(old, now)})
		}
	}
	for name, now := range after {
		if _, ok := before[name]; !ok {
			s.Files = append(s.Files, File{Path: name, Op: Create, Content: now})
		}
	}
	slices.SortFunc(s.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return s
}

func lineEdits(before, after []byte) []TextEdit {
	var edits []TextEdit
	for _, e := range udiff.Lines(string(before), string(after)) {
		edits = append(edits, TextEdit{Start: e.Start, End: e.End, New: e.New})
	}
	return edits
}
