package engine

import (
	"context"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// Prepare finds out what Find needs after an edit of one of the files (absolute paths),
// so that the first edit takes no longer than later ones: of a package whose summary
// came from the disk, what was found in each function, and of a module whose components
// came from there, what they were found with. It is for the background of an
// editor, changes no answer, and does nothing the second time.
func (s *Session) Prepare(ctx context.Context, files []string) error {
	scan, err := s.snap.Scan(ctx)
	if err != nil {
		return err
	}
	var unknown []*source.Package
	for _, p := range scan.Packages {
		edited := slices.ContainsFunc(files, func(abs string) bool { return slices.Contains(p.GoFiles, s.Rel(abs)) })
		if edited && !s.living.knows(p.ID) {
			unknown = append(unknown, p)
		}
	}
	m := s.summarizer(ctx, scan, openCache(s.options.NoCache))
	if err := scan.Check(ctx, unknown, source.Visitor{Known: m.known, Keeps: m.keeps, Bodies: m.bodies, Done: m.done}); err != nil {
		return err
	}
	return s.recall(ctx)
}
