package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// The applier's own folder below the module root. It ignores itself in git.
//
//	.unweld/apply/journal.json  a change under way: from here on it can be taken back
//	.unweld/apply/old-N, new-N  the content of its files before and after
//	.unweld/undo/NNNN/          the same, of changes that were finished
//	.unweld/record/             the same, of one that an editor carries out, until it is complete
const (
	stateDir  = ".unweld"
	applyDir  = stateDir + "/apply"
	undoDir   = stateDir + "/undo"
	recordDir = stateDir + "/record"
	undoDepth = 20 // changes that can be taken back
)

// A journal says what a change does, so that it can be taken back after a
// crash at any point of it.
type journal struct {
	Version int          `json:"version"`
	Title   string       `json:"title"`
	Files   []transition `json:"files"`
	Editor  bool         `json:"editor,omitempty"` // it was carried out by an editor, which may not have saved it
}

// A transition is one file from its old to its new state.
type transition struct {
	Path   string `json:"path"`
	Before Hash   `json:"before,omitempty"` // empty: the file didn't exist
	After  Hash   `json:"after,omitempty"`  // empty: the file is gone
}

func oldName(dir string, i int) string { return fmt.Sprintf("%s/old-%d", dir, i) }
func newName(dir string, i int) string { return fmt.Sprintf("%s/new-%d", dir, i) }

// prepare writes everything a change needs into a folder, and its journal last. Up to then
// the tree is untouched and a failure leaves only files to throw away.
func prepare(d disk, dir string, j *journal, rs []Result) error {
	if err := d.Mkdir(dir, 0o777); err != nil {
		return err
	}
	for i, r := range rs {
		w := transition{Path: r.Path}
		if r.HadBefore {
			w.Before = HashOf(r.Before)
			if err := d.Write(oldName(dir, i), r.Before, r.Mode); err != nil {
				return err
			}
		}
		if r.HasAfter {
			w.After = HashOf(r.After)
			if err := d.Write(newName(dir, i), r.After, r.Mode); err != nil {
				return err
			}
		}
		j.Files = append(j.Files, w)
	}
	return writeJournal(d, dir, j)
}

func writeJournal(d disk, dir string, j *journal) error {
	data, err := json.MarshalIndent(j, "", "\t")
	if err != nil {
		return err
	}
	if err := d.Write(dir+"/journal.tmp", data, 0); err != nil {
		return err
	}
	if err := d.SyncDir(dir); err != nil {
		return err
	}
	if err := d.Rename(dir+"/journal.tmp", dir+"/journal.json"); err != nil {
		return err
	}
	return d.SyncDir(dir)
}

// readJournal returns nil when dir has none.
func readJournal(d disk, dir string) (*journal, error) {
	data, err := d.ReadFile(dir + "/journal.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j := new(journal)
	if err := json.Unmarshal(data, j); err != nil {
		return nil, fmt.Errorf("%s/journal.json: %w", dir, err)
	}
	return j, nil
}

// forward carries a prepared change out.
func forward(d disk, j *journal) error {
	for i, w := range j.Files {
		if w.After == "" {
			if err := d.Remove(w.Path); err != nil {
				return err
			}
			continue
		}
		if err := mkdirs(d, w.Path); err != nil {
			return err
		}
		if err := d.Rename(newName(applyDir, i), w.Path); err != nil {
			return err
		}
	}
	return settle(d, j)
}

// settle removes folders left empty and puts the names on the disk.
func settle(d disk, j *journal) error {
	for _, w := range j.Files {
		if err := prune(d, w.Path); err != nil {
			return err
		}
	}
	var dirs []string
	for _, w := range j.Files {
		dirs = append(dirs, path.Dir(w.Path))
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		if _, ok, err := exists(d, dir); err != nil || !ok {
			continue
		}
		if err := d.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// backward takes a change back, from wherever it stands. It can be repeated:
// a file that is back already is left alone.
func backward(d disk, j *journal) error {
	for i, w := range slices.Backward(j.Files) {
		now, err := hashAt(d, w.Path)
		if err != nil {
			return err
		}
		switch {
		case now == w.Before:
			continue
		case now != w.After:
			return unfinished(j, w, i)
		case w.Before == "":
			err = d.Remove(w.Path)
		default:
			if err = mkdirs(d, w.Path); err == nil {
				err = d.Rename(oldName(applyDir, i), w.Path)
			}
		}
		if err != nil {
			return err
		}
	}
	if err := settle(d, j); err != nil {
		return err
	}
	if err := d.Remove(applyDir + "/journal.json"); err != nil {
		return err
	}
	return d.RemoveAll(applyDir)
}

func unfinished(j *journal, w transition, i int) error {
	e := &UnfinishedError{Title: j.Title, Path: w.Path}
	if w.Before != "" {
		e.Saved = oldName(applyDir, i)
	}
	return e
}

func hashAt(d disk, name string) (Hash, error) {
	content, err := d.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return HashOf(content), nil
}
