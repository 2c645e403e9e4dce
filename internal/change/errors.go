package change

import "fmt"

// A ConflictError reports that a file isn't the one that the change set was
// computed on: it changed, appeared or was removed since. Nothing was written.
type ConflictError struct {
	Path   string
	Reason string
}

func (e *ConflictError) Error() string { return e.Path + ": " + e.Reason }

// Hint is the next step for the user.
func (e *ConflictError) Hint() string {
	return "nothing was written; run the command again on the files as they are now"
}

// A PathError says that a change set names a path it must not touch: outside
// the module, through a symbolic link, or in a folder of a tool.
type PathError struct {
	Path   string
	Reason string
}

func (e *PathError) Error() string { return e.Path + ": " + e.Reason }

// A ReadOnlyError says that a file or folder can't be written to. It is found
// before anything is written.
type ReadOnlyError struct {
	Path string
	Err  error // may be nil: the mode says so
}

func (e *ReadOnlyError) Error() string {
	if e.Err == nil {
		return e.Path + ": is read-only"
	}
	return fmt.Sprintf("%s: is read-only: %v", e.Path, e.Err)
}

func (e *ReadOnlyError) Unwrap() error { return e.Err }

// Hint is the next step for the user.
func (e *ReadOnlyError) Hint() string {
	return "nothing was written; make it writable, or print the diff and apply it elsewhere"
}

// A SetError says that a change set contradicts itself: overlapping edits, a
// path that occurs twice. It is a bug of whoever made the set, or two sets that
// can't be merged.
type SetError struct {
	Path   string
	Reason string
}

func (e *SetError) Error() string { return e.Path + ": " + e.Reason }

// An UnfinishedError reports that an interrupted change can't be reverted,
// because a file was edited afterwards.
type UnfinishedError struct {
	Title string
	Path  string
	Saved string // where the file's former content is kept; empty if it didn't exist
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("%s: edited after %q was interrupted half-way", e.Path, e.Title)
}

// Hint is the next step for the user.
func (e *UnfinishedError) Hint() string {
	if e.Saved == "" {
		return "the file did not exist before; delete it, and run the command again"
	}
	return "its former content is in " + e.Saved + "; restore it, and run the command again"
}
