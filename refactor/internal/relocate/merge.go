package relocate

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Merge plans to move everything in the package to another one that there is, with
// its tests.
func (s *Source) Merge(what string, to *Place) (*Plan, error) {
	at := map[*Unit]*Place{}
	for _, u := range s.Units {
		at[u] = to
	}
	home := placeOf(s.Pkg)
	p := newPlan(s, s.draw(home, at, allTests))
	p.merge, p.bySource = true, true
	notes, err := s.besides(to)
	if err != nil {
		return nil, err
	}
	p.Notes = notes
	switch {
	case p.d.cycle != nil:
		p.refuseCycle()
	case len(p.d.stuck) > 0:
		p.refuseStuck()
	}
	if err := p.check(what); err != nil {
		return nil, err
	}
	p.noteSize()
	p.noteBehavior()
	for _, o := range s.sorted() {
		if p.renames[o] != "" && !o.member {
			p.note(s.World.Span(o.ID), fmt.Sprintf("%s is called %s now: %s has a %s already", o.Name, p.renames[o], to.Path, o.Name))
		}
	}
	return p, nil
}

// besides looks at what else is in the folder of the package: what would be left
// alone and broken is refused, the rest noted.
func (s *Source) besides(to *Place) ([]change.Note, error) {
	dir := path.Clean(s.Pkg.Pkg.Dir)
	entries, err := os.ReadDir(s.World.Snapshot.Abs(dir))
	if err != nil {
		return nil, err
	}
	var tests []*Unit
	for _, t := range s.tests {
		tests = append(tests, t.all...)
	}
	read := s.reads(tests)
	isRead := func(name string) bool {
		return slices.ContainsFunc(read, func(p string) bool { return path.Clean(p) == name || strings.HasPrefix(path.Clean(p), name+"/") })
	}
	var notes []change.Note
	for _, e := range entries {
		rel := path.Join(dir, e.Name())
		known := slices.ContainsFunc(s.Files, func(f *code.File) bool { return f.Rel == rel })
		reason := ""
		switch ext := path.Ext(rel); {
		case known:
		case e.IsDir():
			if isRead(e.Name()) || e.Name() == "testdata" && slices.ContainsFunc(read, func(p string) bool { return strings.Contains(p, "testdata") }) {
				reason = "tests read " + rel
			}
		case ext == ".go" && slices.Contains(s.Pkg.GoFiles, rel):
			reason = rel + " uses cgo"
		case ext == ".go":
			reason = "this build leaves " + rel + " out"
		case isRead(e.Name()):
			reason = "tests read " + rel
		case slices.Contains([]string{".s", ".S", ".c", ".h", ".cc", ".cpp", ".m", ".syso", ".swig"}, ext):
			reason = rel + " is no Go code"
		default:
			notes = append(notes, change.Note{Span: text.Span{File: rel, Line: 1, Col: 1}, Message: "this file stays where it is"})
		}
		if reason != "" {
			return nil, &component.UsageError{Object: s.Pkg.Pkg.Path, Reason: "can't be merged: " + reason, Hint: "move that to " + to.Dir + " by hand first"}
		}
	}
	return notes, nil
}
