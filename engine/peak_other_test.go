//go:build !unix

package engine

import "os"

// peak is the most memory that a process had; this system doesn't say.
func peak(*os.ProcessState) int64 { return 0 }
