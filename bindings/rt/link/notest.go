//go:build !unweldtest

package link

import (
	"context"
	"errors"
	"os"
)

// This build can't spread tests over processes: testsplit.go, which does, is
// only part of the test binaries that `unweld test` builds. startedTest says
// so where a split is asked for all the same.
var startedTest = func() error {
	if os.Getenv(envTestSplit) == "" || !isTestBinary() {
		return nil
	}
	return errors.New(envTestSplit + " is set, but this test binary can't run in several processes: run the tests with unweld test")
}()

func openInTest(context.Context, *instance) error { return startedTest }

func openVarInTest(*instance, any) error { return startedTest }

func startInTest(*unit, string) error { return startedTest }
