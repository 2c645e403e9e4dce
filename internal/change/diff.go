package change

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff returns set as a unified diff against the tree at root, sorted by path.
// New files are shown against /dev/null, as git shows them.
func Diff(root string, set Set) (string, error) {
	rs, err := Results(root, set)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range rs {
		from, to := "a/"+r.Path, "b/"+r.Path
		if !r.HadBefore {
			from = "/dev/null"
		}
		if !r.HasAfter {
			to = "/dev/null"
		}
		b.WriteString(udiff.Unified(from, to, string(r.Before), string(r.After)))
	}
	return b.String(), nil
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
