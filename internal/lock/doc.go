// Package lock reads and writes unweld.lock: what bind and state generated for
// each component, so that it can be generated again, compared, and removed.
//
// It records hashes of generated files, the numbers of messages on the wire,
// and the changes made in users' files, as hunks of lines that can be found
// again after those files were edited.
package lock
