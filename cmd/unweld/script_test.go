package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(withEnd{m}, map[string]func(){"unweld": main})
}

// withEnd ends what scripts share when all tests have run.
type withEnd struct{ *testing.M }

func (m withEnd) Run() int {
	code := m.M.Run()
	if err := atEnd(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

var atEnd = func() error { return nil }

// commands are those of the scripts beside the usual ones.
var commands = map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "listen": listen, "tmpfs": tmpfs}

// TestScripts runs testdata/script/*.txtar, each of which begins with a
// sentence on what it tests.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup:               shareCaches,
		Cmds:                commands,
		Condition:           condition,
	})
}

// shareCaches lets the scripts use the build and module caches of this
// machine: each script has an empty HOME otherwise.
func shareCaches(env *testscript.Env) error {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GONOSUMDB", "GOTOOLCHAIN"} {
		if v := goEnv(name); v != "" {
			env.Setenv(name, v)
		}
	}
	bin, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
	env.Setenv("BIN", bin) // holds this program and nothing else
	return nil
}
