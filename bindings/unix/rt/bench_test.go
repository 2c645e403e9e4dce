//go:build unix

package unix

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

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
		if string(b) == sleepText {
			time.Sleep(5 * time.Millisecond)
		}
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
	for range 4 * linktest.Turns {
		x, y, z, w := linktest.Median(b, echo), linktest.Median(b, floors[0]), linktest.Median(b, floors[1]), linktest.Median(b, free)
		calls, polled, blocked, without = append(calls, x), append(polled, y), append(blocked, z), append(without, x/w)
		ofPolled, ofBlocked = append(ofPolled, x/y), append(ofBlocked, x/z)
	}
	for call := linktest.WithDeadline(echo); b.Loop(); {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(linktest.Middle(calls), "p50-us")
	b.ReportMetric(linktest.Middle(polled), "netpoller-us")
	b.ReportMetric(linktest.Middle(blocked), "blocking-us")
	b.ReportMetric(linktest.Middle(ofPolled), "of-netpoller")
	b.ReportMetric(linktest.Middle(ofBlocked), "of-blocking")
	b.ReportMetric(linktest.Middle(without), "of-no-deadline")
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
	stock := linktest.WithDeadline(func(ctx context.Context) error {
		var reply []byte
		return cc.Invoke(ctx, grpcMethod, &payload, &reply)
	})
	echo := func(ctx context.Context) error { _, err := s.Echo(ctx, text); return err }
	call := linktest.WithDeadline(echo)
	linktest.PerSecond(b, stock, 64) // warm both up
	linktest.PerSecond(b, call, 64)
	var ratios, calls, stocks, without []float64
	for range linktest.Turns {
		x, y, z := linktest.PerSecond(b, call, 64), linktest.PerSecond(b, stock, 64), linktest.PerSecond(b, func() error { return echo(context.Background()) }, 64)
		calls, stocks, ratios, without = append(calls, x), append(stocks, y), append(ratios, x/y), append(without, z/x)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(linktest.Middle(calls), "calls/s")
	b.ReportMetric(linktest.Middle(stocks), "grpc-calls/s")
	b.ReportMetric(linktest.Middle(ratios), "ratio")
	b.ReportMetric(linktest.Middle(without), "of-no-deadline")
}

// benchRole runs what the benchmarks compare with.
func benchRole(role string) (ran bool, err error) {
	path := strings.TrimPrefix(os.Getenv("UNWELD_LINK_LINKTEST"), "unix://")
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
