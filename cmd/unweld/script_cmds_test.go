package main

import (
	"errors"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs "exits CODE PROGRAM ARGS..." and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// listen runs "listen unix PATH" or "listen tcp 127.0.0.1:0 VAR": something
// listens there until the script ends, and VAR is the address.
func listen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: listen NETWORK ADDRESS [VAR]")
	}
	l, err := net.Listen(args[0], args[1])
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	if len(args) > 2 {
		ts.Setenv(args[2], l.Addr().String())
	}
}

var goEnvOnce = sync.OnceValue(func() map[string]string {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GONOSUMDB", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil
	}
	env := map[string]string{}
	for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		env[names[i]] = line
	}
	return env
})

func goEnv(name string) string { return goEnvOnce()[name] }
