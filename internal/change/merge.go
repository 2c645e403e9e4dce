package change

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// Merge joins sets that were computed on the same tree into one. Edits of the
// same file are put together; edits that overlap, or operations that exclude
// each other, are a *SetError. Equal edits and equal new files count once.
func Merge(title string, sets ...Set) (Set, error) {
	out := Set{Title: title}
	at := map[string]int{}
	for _, s := range sets {
		out.Notes = append(out.Notes, s.Notes...)
		for _, f := range s.Files {
			i, ok := at[f.Path]
			if !ok {
				at[f.Path] = len(out.Files)
				out.Files = append(out.Files, f)
				continue
			}
			merged, err := mergeFile(out.Files[i], f)
			if err != nil {
				return Set{}, err
			}
			out.Files[i] = merged
		}
	}
	slices.SortFunc(out.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return out, nil
}

func mergeFile(a, b File) (File, error) {
	if a.Op == Rename && b.Op == Edit {
		b.Op, b.To = Rename, a.To
	}
	if b.Op == Rename && a.Op == Edit {
		a.Op, a.To = Rename, b.To
	}
	switch {
	case a.Op != b.Op:
		return a, &SetError{a.Path, fmt.Sprintf("one change wants to %s it, another to %s it", a.Op, b.Op)}
	case a.Base != b.Base:
		return a, &SetError{a.Path, "two changes were computed on different contents"}
	case a.To != b.To:
		return a, &SetError{a.Path, fmt.Sprintf("renamed both to %s and to %s", a.To, b.To)}
	case a.Op == Create && !bytes.Equal(a.Content, b.Content):
		return a, &SetError{a.Path, "two changes create it with different content"}
	}
	edits, err := mergeEdits(a.Path, a.Edits, b.Edits)
	a.Edits = edits
	return a, err
}

func mergeEdits(name string, a, b []TextEdit) ([]TextEdit, error) {
	edits := slices.Concat(a, b)
	slices.SortStableFunc(edits, func(x, y TextEdit) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End))
	})
	edits = slices.Compact(edits)
	for i := 1; i < len(edits); i++ {
		if edits[i].Start < edits[i-1].End {
			return nil, &SetError{name, fmt.Sprintf("two changes overlap at byte %d", edits[i].Start)}
		}
	}
	return edits, nil
}
