package unix

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
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

// BenchmarkOneCaller compares the median latency of one caller with a bare
// ping-pong of frames.
func BenchmarkOneCaller(b *testing.B) {
	ctx := context.Background()
	s := remote(b, start(b, "host").socket)
	nc, err := net.Dial("unix", start(b, "pingpong").socket)
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	frame := make([]byte, 4+benchPayload)
	binary.LittleEndian.PutUint32(frame, benchPayload)
	text := string(make([]byte, benchPayload))
	bare := func() error {
		if _, err := nc.Write(frame); err != nil {
			return err
		}
		_, err := io.ReadFull(nc, frame)
		return err
	}
	call := func() error {
		_, err := s.Echo(ctx, text)
		return err
	}
	var ratios, calls, bares []float64
	for range turns {
		x, y := median(b, call), median(b, bare)
		calls, bares, ratios = append(calls, x), append(bares, y), append(ratios, x/y)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(middle(calls), "p50-us")
	b.ReportMetric(middle(bares), "pingpong-us")
	b.ReportMetric(middle(ratios), "ratio")
}

// median is the median duration of a call in microseconds.
func median(b *testing.B, call func() error) float64 {
	const n = 3000
	took := make([]time.Duration, 0, n)
	for range n {
		began := time.Now()
		if err := call(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return float64(took[n/2].Nanoseconds()) / 1000
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// Benchmark64Callers compares calls per second with grpc-go on a socket of the
// same kind.
func Benchmark64Callers(b *testing.B) {
	ctx := context.Background()
	s := remote(b, start(b, "host").socket)
	cc, err := grpc.NewClient("unix://"+start(b, "grpc").socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(bytesCodec{})))
	if err != nil {
		b.Fatal(err)
	}
	defer cc.Close()
	payload := make([]byte, benchPayload)
	text := string(payload)
	stock := func() error {
		var reply []byte
		return cc.Invoke(ctx, grpcMethod, &payload, &reply)
	}
	call := func() error {
		_, err := s.Echo(ctx, text)
		return err
	}
	perSecond(b, stock, 64) // warm both up
	perSecond(b, call, 64)
	var ratios, calls, stocks []float64
	for range turns {
		x, y := perSecond(b, call, 64), perSecond(b, stock, 64)
		calls, stocks, ratios = append(calls, x), append(stocks, y), append(ratios, x/y)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(middle(calls), "calls/s")
	b.ReportMetric(middle(stocks), "grpc-calls/s")
	b.ReportMetric(middle(ratios), "ratio")
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
	case "grpc":
		return true, serveGRPC(path)
	}
	return false, nil
}

// BenchmarkDeadline tells what a deadline adds to a call: a context of its own
// on both sides, and a reader that can be interrupted.
func BenchmarkDeadline(b *testing.B) {
	s := remote(b, start(b, "host").socket)
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	with := func() error { _, err := s.Add(ctx, 1, 2); return err }
	without := func() error { _, err := s.Add(context.Background(), 1, 2); return err }
	var ratios, many []float64
	for range turns {
		ratios = append(ratios, median(b, with)/median(b, without))
		many = append(many, perSecond(b, without, 64)/perSecond(b, with, 64))
	}
	for b.Loop() {
		if err := with(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(middle(many), "ratio-at-64")
	b.ReportMetric(middle(ratios), "ratio")
}
