package commandlog

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// counters is a component whose state is one counter per caller.
type counters struct{ n [64]uint64 }

func (c *counters) add(request []byte) error {
	if len(request) != 16 {
		return errors.New("request of another size")
	}
	caller, i := binary.LittleEndian.Uint64(request), binary.LittleEndian.Uint64(request[8:])
	if c.n[caller] != i {
		return fmt.Errorf("caller %d: %d follows %d", caller, i, c.n[caller])
	}
	c.n[caller]++
	return nil
}

func request(caller, i int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(caller))
	return binary.LittleEndian.AppendUint64(b, uint64(i))
}

func configFor(path string, c *counters) Config {
	return Config{Component: "counters", Path: path, Methods: []Method{{Name: "Add", Schemas: []string{"s1"}}},
		Replay: func(_ int, r []byte) error { return c.add(r) }}
}

func openLog(t testing.TB, path string, c *counters) *Log {
	t.Helper()
	l, err := Open(context.Background(), configFor(path, c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// load calls Do n times from each of callers goroutines.
func load(t testing.TB, l *Log, c *counters, callers, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for range n {
				i := int(c.n[caller])
				var err error
				r := request(caller, i)
				if logErr := l.Do(context.Background(), 0, r, func() { err = c.add(r) }); logErr != nil || err != nil {
					t.Errorf("caller %d: %v, %v", caller, logErr, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state ä%?#", "c.db")
	var live counters
	l := openLog(t, path, &live)
	load(t, l, &live, 16, 20)
	if got := l.Records(); got != 320 {
		t.Errorf("%d records, want 320", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("write-ahead log left after Close: %v", err)
	}
	var again counters
	l = openLog(t, path, &again)
	if again != live {
		t.Errorf("replayed %v, want %v", again.n, live.n)
	}
	load(t, l, &again, 2, 1)
	if got := l.Records(); got != 322 {
		t.Errorf("%d records, want 322", got)
	}
}

func TestPanicGoesOnInItsCaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var c counters
	l := openLog(t, path, &c)
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = l.Do(context.Background(), 0, request(0, 0), func() { panic("boom") })
		t.Error("Do returned")
	}()
	if l.Records() != 1 {
		t.Errorf("%d records: a call that panicked must be logged", l.Records())
	}
}

func TestGoexitEndsTheLog(t *testing.T) {
	var c counters
	l := openLog(t, filepath.Join(t.TempDir(), "c.db"), &c)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Do(context.Background(), 0, request(0, 0), func() { t.Helper(); exit() })
	}()
	<-done
	err := l.Do(context.Background(), 0, request(0, 0), func() { t.Error("ran") })
	if !errors.Is(err, errExited) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledCallIsNotLogged(t *testing.T) {
	var c counters
	l := openLog(t, filepath.Join(t.TempDir(), "c.db"), &c)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := l.Do(ctx, 0, request(0, 0), func() { t.Error("ran") })
	if e, ok := errors.AsType[*Error](err); !ok || e.Outcome != NotExecuted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if l.Records() != 0 {
		t.Error("logged")
	}
}

func TestClosedLogRefuses(t *testing.T) {
	var c counters
	l := openLog(t, filepath.Join(t.TempDir(), "c.db"), &c)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Do(context.Background(), 0, request(0, 0), func() { t.Error("ran") }); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var c counters
	openLog(t, path, &c)
	_, err := Open(context.Background(), configFor(path, &c))
	locked, ok := errors.AsType[*LockedError](err)
	if !ok || locked.PID != os.Getpid() {
		t.Errorf("got %v", err)
	}
}

func TestFullDiskRunsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var c counters
	l := openLog(t, path, &c)
	load(t, l, &c, 1, 1)
	limit := func(n int) {
		if _, err := l.db.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count=%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	big := make([]byte, 1<<20)
	err := l.Do(context.Background(), 0, big, func() { t.Error("ran") })
	if e, ok := errors.AsType[*Error](err); !ok || e.Outcome != NotExecuted {
		t.Fatalf("got %v", err)
	}
	limit(1 << 20)
	load(t, l, &c, 1, 1) // the log goes on when there is room again
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var again counters
	openLog(t, path, &again)
	if again != c {
		t.Errorf("replayed %v, want %v", again.n, c.n)
	}
}

func TestForeignAndDamagedLogs(t *testing.T) {
	damage := func(query string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := []struct {
		name   string
		change func(*testing.T, string)
		want   string
	}{
		{"flipped byte", damage("UPDATE batches SET data = CAST(substr(data,1,6) || 'X' || substr(data,8) AS BLOB) WHERE seq = 2"), "damaged at record 2: checksum"},
		{"empty row", damage("UPDATE batches SET data = x'' WHERE seq = 2"), "damaged at record 2"},
		{"missing row", damage("DELETE FROM batches WHERE seq = 2"), "records 2 to 2 are missing"},
		{"rows swapped", damage("UPDATE batches SET data = (SELECT data FROM batches WHERE seq = 1) WHERE seq = 2"), "damaged at record 2"},
		{"other component", damage("UPDATE meta SET value = 'orders' WHERE key = 'component'"), `belongs to component "orders"`},
		{"other format", damage("UPDATE meta SET value = '9' WHERE key = 'format'"), `has format "9"`},
		{"other request", damage("UPDATE methods SET schema = 's0'"), "holds calls of Add with another request"},
		{"method gone", damage("UPDATE methods SET name = 'Sub'"), "holds calls of Sub"},
		{"no database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.db")
			var c counters
			l := openLog(t, path, &c)
			load(t, l, &c, 1, 3)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			tc.change(t, path)
			var again counters
			_, err := Open(context.Background(), configFor(path, &again))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// A log that was written with an earlier form of a request is read by a version
// that knows it, and goes on with the new form, which the earlier version
// refuses as soon as there is a record of it.
func TestEarlierForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	open := func(c *counters, schemas ...string) (*Log, error) {
		cfg := configFor(path, c)
		cfg.Methods[0].Schemas = schemas
		return Open(context.Background(), cfg)
	}
	var c counters
	write := func(n int, schemas ...string) {
		t.Helper()
		c = counters{}
		l, err := open(&c, schemas...)
		if err != nil {
			t.Fatal(err)
		}
		load(t, l, &c, 1, n)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(3, "s1")
	write(0, "s1", "s2")
	write(2, "s1") // nothing was written with s2: the earlier version may go on
	write(4, "s1", "s2")
	if c.n[0] != 9 {
		t.Errorf("%d calls replayed, want 9", c.n[0])
	}
	for _, schemas := range [][]string{{"s1"}, {"s2"}, {"s3"}} {
		var again counters
		_, err := open(&again, schemas...)
		if e, ok := errors.AsType[*SchemaError](err); !ok || !strings.Contains(e.Reason, "another request") {
			t.Errorf("%v: got %v", schemas, err)
		}
	}
	write(0, "s1", "s2", "s3")
	if c.n[0] != 9 {
		t.Errorf("%d calls replayed after the refusals, want 9", c.n[0])
	}
}

func TestBatchRoundTrip(t *testing.T) {
	want := []record{{1, []byte("a")}, {300, nil}, {0, []byte(strings.Repeat("x", 300))}}
	buf := beginBatch(nil, len(want))
	for _, r := range want {
		buf = appendRecord(buf, r)
	}
	buf = endBatch(buf, 7)
	var got []record
	n, err := decodeBatch(buf, 7, func(r record) error { got = append(got, r); return nil })
	if err != nil || n != len(want) {
		t.Fatalf("%d, %v", n, err)
	}
	same := func(a, b record) bool { return a.method == b.method && string(a.request) == string(b.request) }
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("got %v", got)
	}
	if _, err := decodeBatch(buf, 8, func(record) error { return nil }); err == nil {
		t.Error("a batch under another number was accepted")
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add(appendRecord(beginBatch(nil, 1), record{1, []byte("abc")})[crcSize:])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		data := endBatch(append(make([]byte, crcSize), body...), 1)
		total := 0
		n, err := decodeBatch(data, 1, func(r record) error { total += len(r.request); return nil })
		if total > len(body) {
			t.Errorf("requests of %d bytes out of %d", total, len(body))
		}
		if err == nil && n == 0 {
			t.Error("an empty batch was accepted")
		}
	})
}

// TestOutcomes: the write that fails for a reason that doesn't exclude it from
// the disk is unknown; what is refused after it is not, and neither is an error
// that nobody has classified.
func TestOutcomes(t *testing.T) {
	if unclassified := (&Error{}); unclassified.Outcome != Unknown {
		t.Errorf("an unclassified error says %v", unclassified.Outcome)
	}
	var c counters
	l := openLog(t, filepath.Join(t.TempDir(), "c.db"), &c)
	load(t, l, &c, 1, 1)
	if err := l.db.conn.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []Outcome{Unknown, NotExecuted, NotExecuted} {
		err := l.Do(context.Background(), 0, request(0, 0), func() { t.Error("ran") })
		if e, ok := errors.AsType[*Error](err); !ok || e.Outcome != want {
			t.Errorf("call %d got %v, want %v", i, err, want)
		}
	}
}
