// Package lock reads and writes unweld.lock: what bind and state made for each
// component, so that it can be made again, compared, and taken back.
//
// It remembers hashes of generated files, the numbers of messages on the wire,
// and what was changed in files that people wrote, as hunks of lines that are
// found again after those files were edited.
package lock
