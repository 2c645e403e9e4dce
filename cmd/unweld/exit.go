package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// Exit codes, as documented for scripts.
const (
	exitDone        = 0
	exitFindings    = 1
	exitUsage       = 2 // wrong use or configuration, and all that fits nowhere else
	exitLoad        = 3 // the code could not be loaded
	exitRefused     = 4 // a hazard, or a file that isn't as it was
	exitInterrupted = 130
)

// findings ends a verb that did its work and found something to complain of,
// which it has printed.
type findings struct{ summary string }

func (f findings) Error() string { return f.summary }

// answered ends a verb that was interrupted and knows what came of that: err,
// or nil where it was done all the same.
type answered struct {
	err  error
	code int
}

func (a answered) Error() string { return fmt.Sprint("interrupted: ", a.err) }

func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case is[findings](err):
		return exitFindings
	case is[*engine.ExitError](err):
		e, _ := errors.AsType[*engine.ExitError](err)
		return max(e.Code, exitFindings)
	case is[*component.LoadError](err):
		return exitLoad
	case is[*component.Refusal](err), is[*change.ConflictError](err), is[*change.PathError](err),
		is[*change.ReadOnlyError](err), is[*change.UnfinishedError](err):
		return exitRefused
	}
	return exitUsage
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// hintOf returns the next step that err offers, or "".
func hintOf(err error) string {
	if hint := component.HintOf(err); hint != "" {
		return hint
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took longer than allowed"
	}
	if errors.Is(err, syscall.ENOSPC) {
		return "make room on the disk and run it again"
	}
	return ""
}
