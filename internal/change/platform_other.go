//go:build !unix

package change

import "os"

// lock does nothing where advisory locks aren't available: two commands that
// write at the same moment are then told apart by their base hashes alone.
func lock(*os.Root, string) (unlock func(), err error) { return func() {}, nil }

// Writable can't be known beforehand here; the first write tells, and is taken
// back with the rest.
func (d rooted) Writable(string) error { return nil }
