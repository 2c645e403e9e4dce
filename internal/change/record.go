package change

import (
	"cmp"
	"fmt"
	"slices"
)

// Record puts a change on the record that an editor carries out in its buffers, so that
// Undo takes it back once it is saved. Content gives what the set was computed on.
// Nothing outside of the record is written, whatever happens.
//
// As long as none of its files is saved, Undo takes the change off the record and
// returns a *ConflictError that says so.
func Record(root string, set Set, content func(name string) ([]byte, error)) error {
	return locked(root, func(d disk) error { return recordSet(d, set, content) })
}

func recordSet(d disk, set Set, content func(name string) ([]byte, error)) error {
	rs, err := editedResults(d, set, content)
	if err != nil || len(rs) == 0 {
		return err
	}
	if err := d.RemoveAll(recordDir); err != nil { // of a crash
		return err
	}
	if err := prepare(d, recordDir, &journal{Version: 1, Title: set.Title, Editor: true}, rs); err != nil {
		return err
	}
	return record(d, recordDir)
}

// editedResults are the files of a set before and after it. What is on the disk doesn't
// count: an editor has saved some of it by now, or will.
func editedResults(d disk, set Set, content func(name string) ([]byte, error)) ([]Result, error) {
	var rs []Result
	for _, f := range set.Files {
		r, err := current(d, f.Path) // for its mode
		if err != nil {
			return nil, err
		}
		r.Before, r.HadBefore = nil, f.Op != Create
		if r.HadBefore {
			if r.Before, err = content(f.Path); err != nil {
				return nil, err
			}
		}
		if err := matches(f, r); err != nil {
			return nil, err
		}
		after, err := f.Result(r.Before)
		if err != nil {
			return nil, err
		}
		if f.Op != Rename {
			r.After, r.HasAfter = after, f.Op != Delete
			rs = append(rs, r)
			continue
		}
		to, err := current(d, f.To)
		if err != nil {
			return nil, err
		}
		mode := max(r.Mode, to.Mode) // it has moved on the disk, or not yet
		r.Mode = mode
		rs = append(rs, r, Result{Path: f.To, After: after, HasAfter: true, Mode: mode, From: f.Path})
	}
	slices.SortFunc(rs, func(a, b Result) int { return cmp.Compare(a.Path, b.Path) })
	return rs, nil
}

// offRecord drops a change of an editor of which nothing is on the disk: it was taken
// back in the editor, or never saved. The change before it stays: nobody asked for that.
func offRecord(d disk, dir string, j *journal) error {
	for _, w := range j.Files {
		now, err := hashAt(d, w.Path)
		if err != nil {
			return err
		}
		if now != w.Before {
			return nil
		}
	}
	if err := d.Remove(dir + "/journal.json"); err != nil {
		return err
	}
	if err := d.RemoveAll(dir); err != nil {
		return err
	}
	return &ConflictError{j.Files[0].Path, fmt.Sprintf("is as it was before %q, which an editor made: it was taken back there, or isn't saved, and is off the record now", j.Title)}
}
