//go:build unix

package unix

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
)

// The benchmarks compare with something else measured in the same run, turn
// by turn, and report the median of the ratios: absolute times of a shared
// machine say little.
const turns = 9

const benchPayload = 32

// pingPong is the bare minimum: a length, a payload, one process each side.
func pingPong(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	nc, err := l.Accept()
	for err == nil {
		go servePingPong(nc)
		nc, err = l.Accept()
	}
	return err
}

func servePingPong(nc net.Conn) {
	b := make([]byte, 4+benchPayload)
	for {
		if _, err := io.ReadFull(nc, b); err != nil {
			return
		}
		if _, err := nc.Write(b); err != nil {
			return
		}
	}
}

// bytesCodec spares gRPC all encoding.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "bytes" }

func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

const grpcMethod = "/bench.Service/Echo"

func serveGRPC(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	echo := grpc.MethodDesc{MethodName: "Echo", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var b []byte
		err := decode(&b)
		return &b, err
	}}
	s := grpc.NewServer(grpc.ForceServerCodecV2(bytesCodec{}))
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "bench.Service", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{echo}}, struct{}{})
	return s.Serve(l)
}

// blocking is pingPong with system calls that block, past Go's netpoller.
func blocking(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		fd, err := blockingFD(nc)
		if err != nil {
			return err
		}
		go func() {
			b := make([]byte, 4+benchPayload)
			for readFD(fd, b) == nil && writeFD(fd, b) == nil {
			}
			_ = syscall.Close(fd)
		}()
	}
}

// blockingFD takes the socket out of the netpoller's hands.
func blockingFD(nc net.Conn) (int, error) {
	f, err := nc.(*net.UnixConn).File()
	if err != nil {
		return 0, err
	}
	defer f.Close()
	_ = nc.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return 0, err
	}
	return fd, syscall.SetNonblock(fd, false)
}

func readFD(fd int, b []byte) error {
	for n := 0; n < len(b); {
		m, err := syscall.Read(fd, b[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil || m == 0 {
			return errors.Join(io.ErrUnexpectedEOF, err)
		}
		n += m
	}
	return nil
}

func writeFD(fd int, b []byte) error {
	_, err := syscall.Write(fd, b)
	return err
}

// withDeadline makes a call as real programs do: each has a deadline, and a
// context, of its own.
func withDeadline(call func(context.Context) error) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return call(ctx)
	}
}

// BenchmarkOneCaller compares the median latency of one caller's calls with two
// floors: a ping-pong of the same bytes over Go's netpoller, which any Go
// program pays, and one of blocking system calls. Each call has a deadline and a
// context of its own, which its caller makes before the clock starts.
func BenchmarkOneCaller(b *testing.B) {
	s := remote(b, start(b, "host").socket)
	dialed := func(role string) net.Conn {
		nc, err := net.Dial("unix", start(b, role).socket)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = nc.Close() })
		return nc
	}
	nc := dialed("pingpong")
	fd, err := blockingFD(dialed("blocking"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = syscall.Close(fd) })
	frame := make([]byte, 4+benchPayload)
	binary.LittleEndian.PutUint32(frame, benchPayload)
	text := string(make([]byte, benchPayload))
	floors := []func(context.Context) error{
		func(context.Context) error {
			if _, err := nc.Write(frame); err != nil {
				return err
			}
			_, err := io.ReadFull(nc, frame)
			return err
		},
		func(context.Context) error { return errors.Join(writeFD(fd, frame), readFD(fd, frame)) },
	}
	echo := func(ctx context.Context) error { _, err := s.Echo(ctx, text); return err }
	free := func(context.Context) error { return echo(context.Background()) }
	var calls, polled, blocked, ofPolled, ofBlocked, without []float64
	for range 4 * turns {
		x, y, z, w := median(b, echo), median(b, floors[0]), median(b, floors[1]), median(b, free)
		calls, polled, blocked, without = append(calls, x), append(polled, y), append(blocked, z), append(without, x/w)
		ofPolled, ofBlocked = append(ofPolled, x/y), append(ofBlocked, x/z)
	}
	for call := withDeadline(echo); b.Loop(); {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(middle(calls), "p50-us")
	b.ReportMetric(middle(polled), "netpoller-us")
	b.ReportMetric(middle(blocked), "blocking-us")
	b.ReportMetric(middle(ofPolled), "of-netpoller")
	b.ReportMetric(middle(ofBlocked), "of-blocking")
	b.ReportMetric(middle(without), "of-no-deadline")
}

// median is the median duration of a call in microseconds.
func median(b *testing.B, call func(context.Context) error) float64 {
	const n = 600
	took := make([]time.Duration, 0, n)
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		began := time.Now()
		if err := call(ctx); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		cancel()
	}
	slices.Sort(took)
	return float64(took[n/2].Nanoseconds()) / 1000
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// Benchmark64Callers compares calls per second with grpc-go on a socket of the
// same kind; on both sides each call has a deadline.
func Benchmark64Callers(b *testing.B) {
	s := remote(b, start(b, "host").socket)
	cc, err := grpc.NewClient("unix://"+start(b, "grpc").socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(bytesCodec{})))
	if err != nil {
		b.Fatal(err)
	}
	defer cc.Close()
	payload := make([]byte, benchPayload)
	text := string(payload)
	stock := withDeadline(func(ctx context.Context) error {
		var reply []byte
		return cc.Invoke(ctx, grpcMethod, &payload, &reply)
	})
	echo := func(ctx context.Context) error { _, err := s.Echo(ctx, text); return err }
	call := withDeadline(echo)
	perSecond(b, stock, 64) // warm both up
	perSecond(b, call, 64)
	var ratios, calls, stocks, without []float64
	for range turns {
		x, y, z := perSecond(b, call, 64), perSecond(b, stock, 64), perSecond(b, func() error { return echo(context.Background()) }, 64)
		calls, stocks, ratios, without = append(calls, x), append(stocks, y), append(ratios, x/y), append(without, z/x)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(middle(calls), "calls/s")
	b.ReportMetric(middle(stocks), "grpc-calls/s")
	b.ReportMetric(middle(ratios), "ratio")
	b.ReportMetric(middle(without), "of-no-deadline")
}

func perSecond(b *testing.B, call func() error, callers int) float64 {
	const span = 300 * time.Millisecond
	var stop atomic.Bool
	var done atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	time.AfterFunc(span, func() { stop.Store(true) })
	for range callers {
		all.Go(func() {
			n := int64(0)
			for ; !stop.Load(); n++ {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
			done.Add(n)
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// benchRole runs what the benchmarks compare with.
func benchRole(role string) (ran bool, err error) {
	path := os.Getenv("UNWELD_LINK_LINKTEST")[len("unix://"):]
	switch role {
	case "pingpong":
		return true, pingPong(path)
	case "blocking":
		return true, blocking(path)
	case "pump":
		return true, pump(path)
	case "grpc":
		return true, serveGRPC(path)
	}
	return false, nil
}
