//go:build !unix

package verify

import "os/exec"

// endsWithAll is for systems with process groups.
func endsWithAll(*exec.Cmd) {}
