package change

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
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
		hunks := udiff.Unified(from, to, old, string(r.After))
		if hunks == "" && r.HadBefore != r.HasAfter && r.From == "" {
			hunks = emptyFile(r)
		}
		b.WriteString(hunks)
	}
	return b.String(), nil
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
