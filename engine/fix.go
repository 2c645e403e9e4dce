package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// A Fix is a change that takes care of a hazard.
type Fix = component.Fix

// An Edit is one place of a Fix.
type Edit = component.Edit

// Fixes returns the change set of the first fix of every hazard that find
// reports and that has one. Where two touch the same lines, the first by
// position counts, and a note says so.
func (s *Session) Fixes(ctx context.Context, patterns []string) (change.Set, error) {
	found, err := s.Find(ctx, FindOptions{Patterns: patterns})
	if err != nil {
		return change.Set{}, err
	}
	var fixes []Fix
	for _, h := range found.Hazards {
		if len(h.Problem.Fixes) > 0 {
			fixes = append(fixes, h.Problem.Fixes[0])
		}
	}
	return s.Fix(fmt.Sprintf("fix %d hazards", len(fixes)), fixes...)
}

// Fix returns the change set of fixes, on the content that this session sees.
func (s *Session) Fix(title string, fixes ...Fix) (change.Set, error) {
	set := change.Set{Title: title}
	byFile := map[string][]change.TextEdit{}
	for _, f := range fixes {
		if taken(byFile, f) {
			set.Notes = append(set.Notes, change.Note{Span: f.Edits[0].Span, Message: "left for another time, because another fix changes the same lines: " + f.Title})
			continue
		}
		for _, e := range f.Edits {
			byFile[e.Span.File] = append(byFile[e.Span.File], change.TextEdit{Start: e.Span.Start, End: e.Span.End, New: e.New})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		content, hash, err := s.Content(name)
		if err != nil {
			return change.Set{}, err
		}
		edits := byFile[name]
		slices.SortFunc(edits, func(a, b change.TextEdit) int { return cmp.Compare(a.Start, b.Start) })
		if last := edits[len(edits)-1]; edits[0].Start < 0 || last.End > len(content) {
			return change.Set{}, &change.ConflictError{Path: name, Reason: "changed since the fix was found"}
		}
		set.Files = append(set.Files, change.File{Path: name, Op: change.Edit, Base: hash, Edits: edits})
	}
	return set, nil
}

// taken reports whether an edit of f meets one that is there.
func taken(byFile map[string][]change.TextEdit, f Fix) bool {
	for _, e := range f.Edits {
		for _, o := range byFile[e.Span.File] {
			if e.Span.Start < o.End && o.Start < e.Span.End || e.Span.Start == o.Start {
				return true
			}
		}
	}
	return false
}
