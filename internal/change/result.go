package change

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

// A Result is one file before and after a change set.
type Result struct {
	Path          string
	Before, After []byte
	HadBefore     bool        // the file existed
	HasAfter      bool        // the file will exist
	Mode          fs.FileMode // of a file that existed; 0 for a new one
	From          string      // of a file that was renamed: its path before
}

// Results computes what applying set to the module at root would give, and
// writes nothing. A renamed file is two results. It returns the errors that
// Apply would return for a set that doesn't fit the tree.
func Results(root string, set Set) ([]Result, error) {
	d, err := openDisk(root)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return results(d, set)
}

func results(d disk, set Set) ([]Result, error) {
	var rs []Result
	for _, f := range set.Files {
		before, err := current(d, f.Path)
		if err != nil {
			return nil, err
		}
		if err := matches(f, before); err != nil {
			return nil, err
		}
		after, err := f.Result(before.Before)
		if err != nil {
			return nil, err
		}
		if f.Op != Rename {
			before.After, before.HasAfter = after, f.Op != Delete
			rs = append(rs, before)
			continue
		}
		rs = append(rs, before)
		to, err := current(d, f.To)
		if err != nil {
			return nil, err
		}
		if to.HadBefore {
			return nil, &ConflictError{f.To, "exists already"}
		}
		to.After, to.HasAfter, to.Mode, to.From = after, true, before.Mode, f.Path
		rs = append(rs, to)
	}
	slices.SortFunc(rs, func(a, b Result) int { return cmp.Compare(a.Path, b.Path) })
	for i := 1; i < len(rs); i++ {
		if rs[i].Path == rs[i-1].Path {
			return nil, &SetError{rs[i].Path, "occurs twice in one change set"}
		}
	}
	return rs, nil
}

// current reads the file at name, which needn't exist.
func current(d disk, name string) (Result, error) {
	r := Result{Path: name}
	if err := checkPath(name); err != nil {
		return r, err
	}
	info, ok, err := exists(d, name)
	if err != nil {
		return r, &PathError{name, escapes(err)}
	}
	if !ok {
		return r, nil
	}
	if !info.Mode().IsRegular() {
		return r, &PathError{name, "is not a regular file"}
	}
	r.HadBefore, r.Mode = true, info.Mode().Perm()
	r.Before, err = d.ReadFile(name)
	return r, err
}

// checkPath refuses names that can't be a file of the module.
func checkPath(name string) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") {
		return &PathError{name, "is not a path inside the module"}
	}
	if top, _, _ := strings.Cut(name, "/"); top == stateDir || slices.Contains(strings.Split(name, "/"), ".git") {
		return &PathError{name, "belongs to a tool and is never edited"}
	}
	return nil
}

func escapes(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EIO) {
		return "leaves the module: " + pe.Err.Error()
	}
	return err.Error()
}

// matches reports a conflict between the base of f and the file found.
func matches(f File, found Result) error {
	switch {
	case f.Op == Create && found.HadBefore:
		return &ConflictError{f.Path, "exists already"}
	case f.Op == Create:
		return nil
	case !found.HadBefore:
		return &ConflictError{f.Path, "doesn't exist any more"}
	case f.Base != HashOf(found.Before):
		return &ConflictError{f.Path, "changed since the edit was computed"}
	}
	return nil
}

// Result returns the content that f makes of before; nil for a deletion.
func (f File) Result(before []byte) ([]byte, error) {
	switch f.Op {
	case Create:
		return f.Content, nil
	case Delete:
		return nil, nil
	case Edit, Rename:
		return edited(f.Path, before, f.Edits)
	}
	return nil, &SetError{f.Path, fmt.Sprintf("unknown operation %q", f.Op)}
}

func edited(name string, before []byte, edits []TextEdit) ([]byte, error) {
	var out []byte
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(before) {
			return nil, &SetError{name, fmt.Sprintf("edit of bytes %d to %d overlaps another or lies outside the file", e.Start, e.End)}
		}
		out = append(append(out, before[at:e.Start]...), e.New...)
		at = e.End
	}
	return append(out, before[at:]...), nil
}

// parents returns the folder of each result, each once.
func parents(rs []Result) []string {
	var dirs []string
	for _, r := range rs {
		dirs = append(dirs, path.Dir(r.Path))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
