package change

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"syscall"
)

// Apply applies set to the module at root, completely or not at all. If it is
// interrupted by a crash, a full disk or an error, the changes are reverted at
// once or by the next Apply, Undo or Recover. Undo reverts a completed change.
//
// Errors are *ConflictError if a file isn't the one that the set was computed
// on, *PathError if a path leaves the module, *ReadOnlyError if something can't
// be written; after each of them the tree is unchanged. On Unix
// concurrent calls wait for each other, those of other processes too.
func Apply(root string, set Set) error {
	return locked(root, func(d disk) error { return apply(d, set) })
}

// Recover reverts a change that was interrupted by a crash. It returns the
// change's title, or "" if there was none.
func Recover(root string) (string, error) {
	d, err := openDisk(root)
	if err != nil {
		return "", err
	}
	defer d.Close()
	if _, ok, err := exists(d, applyDir); err != nil || !ok {
		return "", err
	}
	var title string
	err = locked(root, func(d disk) (err error) {
		title, err = recoverChange(d)
		return err
	})
	return title, err
}

// Undo reverts the last change made by Apply and returns its title. It returns
// a *ConflictError if one of the files has changed since.
func Undo(root string) (string, error) {
	var title string
	err := locked(root, func(d disk) (err error) {
		title, err = undo(d)
		return err
	})
	return title, err
}

// ErrNothingToUndo is Undo's error when no change is on record.
var ErrNothingToUndo = errors.New("no applied change set is on record")

// locked runs f on the disk at root, alone among processes, after the folder
// for the applier's state is there.
func locked(root string, f func(disk) error) error {
	d, err := openDisk(root)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := ensureStateDir(d); err != nil {
		return err
	}
	unlock, err := lock(d.Root, stateDir+"/lock")
	if err != nil {
		return readOnly(stateDir, err)
	}
	defer unlock()
	return f(d)
}

func ensureStateDir(d disk) error {
	if err := d.Mkdir(stateDir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return readOnly(".", err)
	}
	err := d.Write(stateDir+"/.gitignore", []byte("*\n"), 0)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return readOnly(stateDir, err)
	}
	return nil
}

func apply(d disk, set Set) error {
	if _, err := recoverChange(d); err != nil {
		return err
	}
	rs, err := results(d, set)
	if err != nil {
		return err
	}
	if err := checkWritable(d, rs); err != nil {
		return err
	}
	j := &journal{Version: 1, Title: set.Title}
	if err := prepare(d, applyDir, j, rs); err != nil {
		return errors.Join(fmt.Errorf("nothing was changed: %w", err), discard(d))
	}
	if err := forward(d, j); err != nil {
		return takenBack(err, backward(d, j))
	}
	if err := record(d, applyDir); err != nil {
		return takenBack(err, backward(d, j))
	}
	return nil
}

func takenBack(err, rollback error) error {
	if rollback != nil {
		return fmt.Errorf("interrupted half-way, and not reverted yet: %w", errors.Join(err, rollback))
	}
	return fmt.Errorf("nothing was changed: %w", err)
}

// recoverChange takes back what a journal in the apply folder says.
func recoverChange(d disk) (string, error) {
	if _, ok, err := exists(d, applyDir); err != nil || !ok {
		return "", err
	}
	j, err := readJournal(d, applyDir)
	if err != nil {
		return "", err
	}
	if j == nil { // the tree wasn't touched yet, or is back already
		return "", d.RemoveAll(applyDir)
	}
	return j.Title, backward(d, j)
}

// discard throws a change away that was never begun.
func discard(d disk) error {
	if _, ok, _ := exists(d, applyDir+"/journal.json"); ok {
		if err := d.Remove(applyDir + "/journal.json"); err != nil {
			return err
		}
	}
	return d.RemoveAll(applyDir)
}

// record makes the finished change in a folder the one that Undo takes back. The
// rename is the commit point: until then a crash takes the change back.
func record(d disk, dir string) error {
	if err := d.Mkdir(undoDir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	names, err := d.List(undoDir)
	if err != nil {
		return err
	}
	next := 1
	if len(names) > 0 {
		last, err := strconv.Atoi(names[len(names)-1])
		if err != nil {
			return &PathError{undoDir + "/" + names[len(names)-1], "doesn't belong here"}
		}
		next = last + 1
	}
	if err := d.Rename(dir, fmt.Sprintf("%s/%06d", undoDir, next)); err != nil {
		return err
	}
	forget(d, names)
	return nil
}

// forget drops the oldest changes on record. What can't be removed stays: the
// change itself is done.
func forget(d disk, names []string) {
	_ = d.SyncDir(undoDir)
	for len(names) >= undoDepth {
		_ = d.RemoveAll(undoDir + "/" + names[0])
		names = names[1:]
	}
}

func undo(d disk) (string, error) {
	if _, err := recoverChange(d); err != nil {
		return "", err
	}
	names, err := d.List(undoDir)
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", ErrNothingToUndo
	}
	dir := undoDir + "/" + names[len(names)-1]
	j, err := readJournal(d, dir)
	if err != nil {
		return "", err
	}
	if j == nil {
		return "", &PathError{dir, "has no journal"}
	}
	if j.Editor {
		if err := offRecord(d, dir, j); err != nil {
			return j.Title, err
		}
	}
	if err := checkUndo(d, j); err != nil {
		return j.Title, err
	}
	// From here on it is a change under way that is being taken back.
	if err := d.Rename(dir, applyDir); err != nil {
		return j.Title, err
	}
	return j.Title, backward(d, j)
}

// checkUndo refuses when a file isn't as the change left it.
func checkUndo(d disk, j *journal) error {
	var rs []Result
	for _, w := range j.Files {
		r, err := current(d, w.Path)
		if err != nil {
			return err
		}
		now, err := hashAt(d, w.Path)
		if err != nil {
			return err
		}
		if now != w.After && j.Editor {
			return &ConflictError{w.Path, fmt.Sprintf("isn't as %q left it; an editor made that change: save all of its files, or take it back there", j.Title)}
		}
		if now != w.After {
			return &ConflictError{w.Path, fmt.Sprintf("changed since %q was applied", j.Title)}
		}
		rs = append(rs, r)
	}
	return checkWritable(d, rs)
}

// checkWritable refuses before anything is written. The modes are asked first,
// since the superuser could write to a file whose owner says no.
func checkWritable(d disk, rs []Result) error {
	for _, r := range rs {
		if r.HadBefore && r.Mode&0o200 == 0 {
			return &ReadOnlyError{Path: r.Path}
		}
	}
	for _, dir := range parents(rs) {
		if err := checkDir(d, dir); err != nil {
			return err
		}
	}
	return nil
}

// checkDir checks dir, or the nearest folder above it that exists.
func checkDir(d disk, dir string) error {
	info, ok, err := exists(d, dir)
	switch {
	case err != nil:
		return &PathError{dir, escapes(err)}
	case !ok:
		return checkDir(d, path.Dir(dir))
	case info.Mode()&fs.ModeSymlink == 0 && !info.IsDir():
		return &ConflictError{dir, "is a file where a folder is needed"}
	case info.IsDir() && info.Mode()&0o200 == 0:
		return &ReadOnlyError{Path: dir}
	}
	return readOnly(dir, d.Writable(dir))
}

// readOnly makes a *ReadOnlyError of err if it is one.
func readOnly(name string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &ReadOnlyError{Path: name, Err: err}
	}
	return err
}
