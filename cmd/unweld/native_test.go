//go:build unweldnative

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestNative runs testdata/native/*.txtar: components as packages of other languages, used
// as people of that language use them. Each begins with a sentence on what it tests.
func TestNative(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/native", RequireExplicitExec: true, Setup: shareCaches, Cmds: commands, Condition: condition})
}
