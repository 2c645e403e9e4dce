// Package calllog keeps the state of a component that holds it in memory:
// every call that changes the state is written to a log, with its arguments in
// the wire format, before it runs; at start the log is replayed into a new
// instance.
//
// The order of the log is the order of execution: changing calls run one after
// the other. A call is acknowledged when its record is on the disk and it has
// run. Callers that arrive
// together share one write. A record is written first and the call runs
// afterwards, so a call that could not be written has not run, readers never
// see a change that a crash could take back, and memory never is ahead of the
// disk. Calls that return an error or panic are replayed like any other: they
// may have changed something before.
//
// A changing call gets a context without deadline, cancellation and values,
// both when it is made and when it is replayed, so that it does the same both
// times. Whether the caller still waits is looked at before the call is logged.
//
// Nothing acknowledged is dropped in silence. A log that ends in a write that was
// cut off is opened: that call was never acknowledged. Damage before the end, a
// record that is missing or fails its checksum, and an end that lies before what
// was acknowledged are errors that leave the files as they are, or keep a copy,
// and say how to go on.
//
// Where a log is kept is a Storage: a SQLite file, a PostgreSQL database. One
// process owns a log at a time; that of a process that died is free.
package calllog
