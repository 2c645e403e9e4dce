// Package thread carries contexts and errors from the functions that gain them
// through their callers, until each call has a context to pass and each error
// someone who can report it. In come the functions that change; out come edits
// of the files of a code.World, notes about what behaves otherwise, and problems
// where a place can't be rewritten.
//
// It decides nothing about which functions should change, and writes nothing.
package thread
