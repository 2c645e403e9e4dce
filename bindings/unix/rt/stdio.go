package unix

import (
	"errors"
	"fmt"
	"os"

	"github.com/unweld/unweld/bindings/rt/link"
)

// envStdio=1 says that standard input and output are the link of a caller, who has started
// this program. What it prints goes to standard error then, and it reads nothing.
const envStdio = "UNWELD_STDIO"

// stdio are the two ends of the link; nil where there is none.
var stdio struct {
	in, out *os.File
	err     error
	gone    chan struct{} // closed when the caller is, or has no use for this program
}

// takeStdio takes them before the program has begun to print.
func takeStdio() {
	if os.Getenv(envStdio) == "" {
		return
	}
	_ = os.Unsetenv(envStdio) // programs that this one starts have a standard output of their own
	stdio.gone = make(chan struct{})
	stdio.in, stdio.out, stdio.err = redirect()
	link.StartedBy(stdio.gone)
}

func listenStdio(a link.Address, accept link.Accept) (link.Listener, error) {
	switch {
	case a.Path != "":
		return nil, fmt.Errorf("%s is an address for callers, who start that program; a unit serves at stdio: alone", a)
	case stdio.err != nil:
		return nil, fmt.Errorf("standard input and output: %w", stdio.err)
	case stdio.in == nil:
		return nil, errors.New("a unit that serves at stdio: is started by its caller, with " + envStdio + "=1")
	}
	m := newMux(false).start(stdio.in, stdio.out)
	go func() {
		<-m.unused
		close(stdio.gone)
	}()
	return newListener(m, a, accept), nil
}
