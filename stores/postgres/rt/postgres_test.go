//go:build unix

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/stores/calllog/calllogtest"
	"github.com/unweld/unweld/stores/calllog/rt"
	"github.com/unweld/unweld/stores/postgres/pgtest"
)

var harness = calllogtest.Harness{
	Open: Open,
	New:  fresh,
	Execute: func(t testing.TB, address, query string) {
		t.Helper()
		execute(t, address, "SET search_path TO unweld_counters; "+query)
	},
	Cut:   `substr(data,1,6) || '\x58'::bytea || substr(data,8)`,
	Owner: func(pid int) string { return fmt.Sprintf("in use by process %d on ", pid) },
}

func TestMain(m *testing.M) {
	harness.Child()
	code := m.Run()
	if s, err := pgtest.Start(); err == nil {
		if err := s.End(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// fresh returns the address of a new database.
func fresh(t testing.TB) string {
	t.Helper()
	s, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	address, err := s.Fresh(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func execute(t testing.TB, address, query string) {
	t.Helper()
	if err := pgtest.Execute(context.Background(), address, query); err != nil {
		t.Fatal(err)
	}
}

func TestStorage(t *testing.T) { harness.Run(t) }

// TestLostConnection ends the owner's connection on the server, lets another
// process take the log, and checks that the first one writes nothing more.
func TestLostConnection(t *testing.T) {
	at := fresh(t)
	var first calllogtest.Counters
	l := harness.Log(t, at, &first)
	calllogtest.Load(t, l, &first, 1, 3)
	execute(t, at, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'unweld counters%'")
	var second calllogtest.Counters
	taken := harness.Log(t, at, &second)
	for i, want := range []calllog.Outcome{calllog.Unknown, calllog.NotExecuted} {
		err := l.Do(context.Background(), 0, calllogtest.Request(0, 3), func() error { t.Error("ran"); return nil })
		if e, ok := errors.AsType[*calllog.Error](err); !ok || e.Outcome != want {
			t.Errorf("call %d after the connection was lost: %v", i, err)
		}
	}
	calllogtest.Load(t, taken, &second, 1, 3)
	if second.N[0] != 6 {
		t.Errorf("%d calls, want 6", second.N[0])
	}
}

// TestStaleOwner: a process whose lock is gone although its connection lives
// writes nothing once another has taken the log.
func TestStaleOwner(t *testing.T) {
	at := fresh(t)
	var first calllogtest.Counters
	d, err := Open(context.Background(), "counters", at)
	if err != nil {
		t.Fatal(err)
	}
	cfg := harness.Config(at, &first)
	cfg.Storage = func(context.Context, string, string) (calllog.Storage, error) { return d, nil }
	l, err := calllog.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	calllogtest.Load(t, l, &first, 1, 2)
	if _, err := d.(*database).conn.Exec(context.Background(), "SELECT pg_advisory_unlock_all()"); err != nil {
		t.Fatal(err)
	}
	var second calllogtest.Counters
	taken := harness.Log(t, at, &second)
	calllogtest.Load(t, taken, &second, 1, 1)
	err = l.Do(context.Background(), 0, calllogtest.Request(0, 2), func() error { t.Error("ran"); return nil })
	if !errors.Is(err, errLost) {
		t.Errorf("the first owner: %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	var third calllogtest.Counters
	harness.Log(t, at, &third)
	if third.N[0] != 3 {
		t.Errorf("%d calls replayed, want 3", third.N[0])
	}
}

// TestServerCrash crashes the server under a log: what was acknowledged is there
// when it comes back.
func TestServerCrash(t *testing.T) {
	at := fresh(t)
	s, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	var c calllogtest.Counters
	l := harness.Log(t, at, &c)
	stop := make(chan struct{})
	acked := make(chan uint64)
	go func() {
		var n uint64
		for {
			r := calllogtest.Request(0, int(n))
			if err := l.Do(context.Background(), 0, r, func() error { return c.Add(r) }); err != nil {
				acked <- n
				return
			}
			if n++; n == 50 {
				close(stop)
			}
		}
	}()
	<-stop
	if err := s.Stop("immediate"); err != nil {
		t.Fatal(err)
	}
	n := <-acked
	if err := s.Up(); err != nil {
		t.Fatal(err)
	}
	var again calllogtest.Counters
	harness.Log(t, at, &again)
	if again.N[0] < n || again.N[0] > n+1 {
		t.Errorf("%d calls acknowledged, %d replayed", n, again.N[0])
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"":                                  "UNWELD_STATE_COUNTERS",
		"a secret":                          "no address of a PostgreSQL database",
		"postgres:/u:secret/d":              "no address of a PostgreSQL database",
		"stock.db":                          "no address of a PostgreSQL database",
		"mysql://u:secret@h/d":              "no address of a PostgreSQL database",
		"postgres://u:secret@127.0.0.1:1/d": "unweld_counters at 127.0.0.1:1/d",
		"postgres://u:secret@[/d":           "counters",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err := Open(ctx, "counters", address)
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q and no password", address, err, want)
		}
	}
}
