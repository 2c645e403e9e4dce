//go:build !unix

package process

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"github.com/unweld/unweld/internal/component"
)

// supported reports why a split can't run on this system: process groups and
// signals, by which units are ended without leaving an orphan, are missing.
func supported() error {
	return &component.UsageError{
		Object: "split", Reason: "a split can't run on " + runtime.GOOS + ": it has no process groups and no signals to end the units by",
		Hint: "use Linux or macOS; on Windows, WSL",
	}
}

const stopSignal = syscall.Signal(-1) // there is none

func stopSelf() {}

func forwarded() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

func sysProcAttr() *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) { _ = p.Kill() }

func tryLock(*os.File, bool) error { return errors.ErrUnsupported }

func ownedByUser(fs.FileInfo) bool { return false }
