package commandlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/stores/calllog/calllogtest"
	"github.com/unweld/unweld/stores/calllog/rt"
)

var harness = calllogtest.Harness{
	Open: Open,
	New:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "state ä%?#", "c.db") },
	Execute: func(t testing.TB, path, query string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+escaped(path))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	},
	Cut:   "CAST(substr(data,1,6) || 'X' || substr(data,8) AS BLOB)",
	Owner: func(pid int) string { return fmt.Sprintf("in use by process %d", pid) },
}

func TestMain(m *testing.M) {
	harness.Child()
	os.Exit(m.Run())
}

func TestStorage(t *testing.T) { harness.Run(t) }

// opened opens the log in a file, and gives the file too.
func opened(t testing.TB, path string, c *calllogtest.Counters) (*calllog.Log, *database) {
	t.Helper()
	d, err := open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	cfg := harness.Config(path, c)
	cfg.Storage = func(context.Context, string, string) (calllog.Storage, error) { return d, nil }
	l, err := calllog.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, d
}

func TestCloseLeavesOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var c calllogtest.Counters
	l := harness.Log(t, path, &c)
	calllogtest.Load(t, l, &c, 1, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("write-ahead log left after Close: %v", err)
	}
}

func TestNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	var c calllogtest.Counters
	_, err := calllog.Open(context.Background(), harness.Config(path, &c))
	if _, ok := errors.AsType[*calllog.CorruptError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestFullDiskRunsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var c calllogtest.Counters
	l, d := opened(t, path, &c)
	calllogtest.Load(t, l, &c, 1, 1)
	limit := func(n int) {
		if _, err := d.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count=%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	big := make([]byte, 1<<20)
	err := l.Do(context.Background(), 0, big, func() error { t.Error("ran"); return nil })
	if e, ok := errors.AsType[*calllog.Error](err); !ok || e.Outcome != calllog.NotExecuted {
		t.Fatalf("got %v", err)
	}
	limit(1 << 20)
	calllogtest.Load(t, l, &c, 1, 1) // the log goes on when there is room again
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var again calllogtest.Counters
	harness.Log(t, path, &again)
	if again != c {
		t.Errorf("replayed %v, want %v", again.N, c.N)
	}
}

// TestOutcomes: the write that fails for a reason that doesn't exclude it from
// the disk is unknown; what is refused after it is not.
func TestOutcomes(t *testing.T) {
	var c calllogtest.Counters
	l, d := opened(t, filepath.Join(t.TempDir(), "c.db"), &c)
	calllogtest.Load(t, l, &c, 1, 1)
	if err := d.conn.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []calllog.Outcome{calllog.Unknown, calllog.NotExecuted, calllog.NotExecuted} {
		err := l.Do(context.Background(), 0, calllogtest.Request(0, 0), func() error { t.Error("ran"); return nil })
		if e, ok := errors.AsType[*calllog.Error](err); !ok || e.Outcome != want {
			t.Errorf("call %d got %v, want %v", i, err, want)
		}
	}
}
