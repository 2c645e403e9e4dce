// Package source loads Go code into immutable snapshots: files from disk with
// unsaved buffers laid over them, roots from syntax, dependencies from export
// data. It is the only user of go/packages.
package source

// Snapshot is the immutable state of the source at one moment.
type Snapshot struct {
	ID   uint64
	Root string // absolute path of the module (or workspace) root
}
