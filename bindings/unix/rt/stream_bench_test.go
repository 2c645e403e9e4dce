package unix

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// pumped is how much the benchmark moves.
const pumped = 1 << 30

// pump serves a plain socket: as many bytes to each who connects.
func pump(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(nc, struct{ io.Reader }{io.LimitReader(endless{}, pumped)})
			_ = nc.Close()
		}()
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// BenchmarkReaders compares 1 GiB by readers and writers in each direction with
// io.Copy over a plain socket, in turns.
func BenchmarkReaders(b *testing.B) {
	_, s := streams(b)
	plain := filepath.Join(b.TempDir(), "plain")
	startAt(b, "pump", plain)
	ways := []struct {
		name string
		move func() (int64, error)
	}{
		{"plain", func() (int64, error) {
			nc, err := net.Dial("unix", plain)
			if err != nil {
				return 0, err
			}
			defer nc.Close()
			return io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{nc})
		}},
		{"result", func() (int64, error) {
			r, err := s.Open(context.Background(), pumped)
			if err != nil {
				return 0, err
			}
			defer r.Close()
			return io.Copy(struct{ io.Writer }{io.Discard}, r)
		}},
		{"reads", func() (int64, error) { // by Read alone
			r, err := s.Open(context.Background(), pumped)
			if err != nil {
				return 0, err
			}
			defer r.Close()
			return io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r})
		}},
		{"param", func() (int64, error) {
			return s.Import(context.Background(), io.LimitReader(endless{}, pumped))
		}},
		{"writer", func() (int64, error) {
			return pumped, s.Export(context.Background(), pumped, struct{ io.Writer }{io.Discard})
		}},
	}
	best := map[string]time.Duration{}
	for range 5 {
		for _, w := range ways {
			began := time.Now()
			n, err := w.move()
			if took := time.Since(began); n != pumped || err != nil {
				b.Fatal(w.name, n, err)
			} else if best[w.name] == 0 || took < best[w.name] {
				best[w.name] = took
			}
		}
	}
	for _, w := range ways {
		b.ReportMetric(float64(pumped)/(1<<20)/best[w.name].Seconds(), w.name+"-MiB/s")
		if w.name != "plain" {
			b.ReportMetric(float64(best["plain"])/float64(best[w.name]), fmt.Sprint(w.name, "/plain"))
		}
	}
	b.ReportMetric(0, "ns/op")
}
