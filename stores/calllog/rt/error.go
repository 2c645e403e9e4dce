package calllog

import "fmt"

// Outcome says whether a call that failed in the log has run.
type Outcome int

const (
	// Unknown: the record may have reached the disk. The call has not run here,
	// and may be replayed at the next start. It is the zero value, as in package
	// link: an error that nobody has classified promises nothing.
	Unknown Outcome = iota
	// NotExecuted: the call isn't in the log and has not run.
	NotExecuted
)

func (o Outcome) String() string {
	if o == NotExecuted {
		return "not executed"
	}
	return "outcome unknown"
}

// An Error is a call that failed in the log, not in the component.
type Error struct {
	Component string
	Method    string
	Outcome   Outcome
	Err       error
}

func (e *Error) Error() string {
	return fmt.Sprintf("command log of %s: %s: %s: %v", e.Component, e.Method, e.Outcome, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// A LockedError is a log that another process, or another Open, owns.
type LockedError struct {
	Path  string // or the address, without a password
	PID   int    // of the owner; 0 if it is not known
	Owner string // what else is known of it, for people
}

func (e *LockedError) Error() string {
	if e.Owner != "" {
		return fmt.Sprintf("command log %s: in use by %s", e.Path, e.Owner)
	}
	if e.PID == 0 {
		return fmt.Sprintf("command log %s: in use by another process", e.Path)
	}
	return fmt.Sprintf("command log %s: in use by process %d", e.Path, e.PID)
}

// A CorruptError is a log that can't be replayed as a whole. Nothing of it was
// dropped or changed.
type CorruptError struct {
	Path string
	Seq  int64 // number of the first record that can't be read; 0 if the file as a whole
	Err  error
	Hint string // how to go on; empty: a backup, or an empty log
}

func (e *CorruptError) Error() string {
	where, hint := "damaged", e.Hint
	if e.Seq > 0 {
		where = fmt.Sprintf("damaged at record %d", e.Seq)
	}
	if hint == "" {
		hint = "restore it from a backup, or move it away to start empty"
	}
	return fmt.Sprintf("command log %s: %s: %v; %s", e.Path, where, e.Err, hint)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// A SchemaError is a log that this version of the program can't replay.
type SchemaError struct {
	Path   string
	Reason string
}

func (e *SchemaError) Error() string { return fmt.Sprintf("command log %s: %s", e.Path, e.Reason) }
