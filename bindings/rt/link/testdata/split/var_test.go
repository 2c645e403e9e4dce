package split

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link/testdata/split/mail"
	"github.com/unweld/unweld/bindings/rt/link/testdata/split/stamp"
)

// TestFunctions: mail calls stamp, and so does the test; there is one of each.
func TestFunctions(t *testing.T) {
	for i, f := range []func(context.Context, int64) (int64, error){mail.Add, mail.Add, stamp.Add, mail.Add, stamp.Add} {
		got, err := f(t.Context(), 1)
		if want := [...]int64{1, 2, 3, 3, 5}[i]; err != nil || got != want {
			t.Errorf("call %d = %d, %v, want %d", i, got, err, want)
		}
	}
	for letter, process := range map[string]func(context.Context) (string, error){"m": mail.Process, "s": stamp.Process} {
		pid, err := process(t.Context())
		away := strings.Contains(os.Getenv("SPLIT_AWAY"), letter)
		if err != nil || away == (pid == strconv.Itoa(os.Getpid())) {
			t.Errorf("%s runs in process %s, %v, and the test in %d; elsewhere: %v", letter, pid, err, os.Getpid(), away)
		}
	}
}

// A poster calls the package of functions mail from another component.
type poster struct{ Ledger }

func (p *poster) Add(ctx context.Context, a, b int64) (int64, error) { return mail.Add(ctx, a+b) }

// TestFunctionsFromComponent: what prices calls is the mail that the test calls.
func TestFunctionsFromComponent(t *testing.T) {
	n, err := mail.Add(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenPrices(t.Context(), func(context.Context) (Service, error) { return &poster{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, 10, n+10)
	if got, err := mail.Add(t.Context(), 1); err != nil || got != n+11 {
		t.Errorf("mail.Add = %d, %v, want %d", got, err, n+11)
	}
}
