//go:build !unix

package unix

// benchRole is what a child process does in a benchmark; there are none on this system.
func benchRole(string) (bool, error) { return false, nil }
