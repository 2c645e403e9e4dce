//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package unix

import "syscall"

// duplicate makes a descriptor another name for what one refers to.
func duplicate(from, to int) error { return syscall.Dup2(from, to) }
