//go:build !unix

package subprocess

import "os/exec"

// EndsWithAll is for systems with process groups.
func EndsWithAll(*exec.Cmd) {}
