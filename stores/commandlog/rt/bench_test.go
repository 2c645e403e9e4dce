//go:build linux

package commandlog

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/unweld/unweld/stores/calllog/calllogtest"
	"github.com/unweld/unweld/stores/calllog/rt"
)

// shared spreads b.N calls over callers goroutines.
func shared(b *testing.B, callers int, call func(caller int)) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for caller := range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				call(caller)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkThroughput compares the log with a bare preallocated file under the
// same group commit (the upper bound), and with one row for each call in one
// transaction for each batch.
func BenchmarkThroughput(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("log/%d", callers), func(b *testing.B) {
			var c calllogtest.Counters
			l := harness.Log(b, filepath.Join(b.TempDir(), "c.db"), &c)
			shared(b, callers, func(caller int) {
				r := calllogtest.Request(caller, int(c.N[caller]))
				if err := l.Do(context.Background(), 0, r, func() error { return c.Add(r) }); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run(fmt.Sprintf("file/%d", callers), func(b *testing.B) {
			shared(b, callers, groupCommit(bareFile(b)))
		})
		b.Run(fmt.Sprintf("rows/%d", callers), func(b *testing.B) {
			shared(b, callers, groupCommit(rowInserts(b)))
		})
	}
}

// groupCommit is the leader and follower scheme alone, over any way to write a
// batch of n records.
func groupCommit(write func(n int)) func(int) {
	var mu sync.Mutex
	var queue []chan bool
	leading := false
	chans := make([]chan bool, 64)
	for i := range chans {
		chans[i] = make(chan bool, 1)
	}
	return func(caller int) {
		mu.Lock()
		queue = append(queue, chans[caller])
		lead := !leading
		leading = true
		mu.Unlock()
		if !lead && !<-chans[caller] {
			return
		}
		mu.Lock()
		batch := queue
		queue = nil
		mu.Unlock()
		write(len(batch))
		for _, c := range batch[1:] {
			c <- false
		}
		mu.Lock()
		defer mu.Unlock()
		leading = len(queue) > 0
		if leading {
			queue[0] <- true
		}
	}
}

func bareFile(b *testing.B) func(int) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	const size = 256 << 20
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
		b.Fatal(err)
	}
	var offset int64
	buf := make([]byte, 64*20)
	return func(n int) {
		if _, err := f.WriteAt(buf[:n*20], offset); err != nil {
			b.Error(err)
		}
		offset = (offset + int64(n*20)) % (size - int64(len(buf)))
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Error(err)
		}
	}
}

func rowInserts(b *testing.B) func(int) {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "rows.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, q := range []string{"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
		"CREATE TABLE rows (seq INTEGER PRIMARY KEY, method INTEGER, data BLOB)"} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	data := make([]byte, 16)
	return func(n int) {
		tx, err := db.Begin()
		if err != nil {
			b.Error(err)
			return
		}
		for range n {
			if _, err := tx.Exec("INSERT INTO rows (method, data) VALUES (?, ?)", 1, data); err != nil {
				b.Error(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Error(err)
		}
	}
}

func BenchmarkReplay(b *testing.B) {
	path := filepath.Join(b.TempDir(), "c.db")
	var c calllogtest.Counters
	l := harness.Log(b, path, &c)
	calllogtest.Load(b, l, &c, 64, 2000)
	records := l.Records()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var again calllogtest.Counters
		l, err := calllog.Open(context.Background(), harness.Config(path, &again))
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
