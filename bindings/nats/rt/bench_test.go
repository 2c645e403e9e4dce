package nats

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// bareVariable is the URL of the server by which the unit of a test serves bareSubject.
const bareVariable = "NATS_TEST_BARE"

const bareSubject = "bare.echo"

// serveBare is a service of nats.go alone, with messages of protobuf.
func serveBare(url string) error {
	nc, err := nats.Connect(url)
	if err != nil {
		return err
	}
	s, err := micro.AddService(nc, micro.Config{Name: "bare", Version: "1.0.0"})
	if err != nil {
		return err
	}
	err = s.AddEndpoint("echo", micro.HandlerFunc(func(r micro.Request) {
		in := new(wrapperspb.StringValue)
		err := proto.Unmarshal(r.Data(), in)
		if err != nil {
			_ = r.Error("400", err.Error(), nil)
			return
		}
		out, err := proto.Marshal(wrapperspb.String(in.GetValue()))
		if err != nil {
			_ = r.Error("500", err.Error(), nil)
			return
		}
		_ = r.Respond(out)
	}), micro.WithEndpointSubject(bareSubject))
	if err != nil {
		return err
	}
	select {}
}

// BenchmarkBare compares with nats.go alone, by the same server.
func BenchmarkBare(b *testing.B) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), bareVariable+"="+url)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	nc, err := nats.Connect(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	echo := func(ctx context.Context, text string) (string, error) {
		in, err := proto.Marshal(wrapperspb.String(text))
		if err != nil {
			return "", err
		}
		m, err := nc.RequestWithContext(ctx, bareSubject, in)
		if err != nil {
			return "", err
		}
		if code := m.Header.Get(micro.ErrorCodeHeader); code != "" {
			return "", fmt.Errorf("%s: %s", code, m.Header.Get(micro.ErrorHeader))
		}
		out := new(wrapperspb.StringValue)
		err = proto.Unmarshal(m.Data, out)
		return out.GetValue(), err
	}
	for until := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := echo(b.Context(), "up"); err == nil {
			break
		} else if time.Now().After(until) {
			b.Fatal(err)
		}
	}
	linktest.Compare(b, linktest.Peer{Echo: client(b).Echo, PID: hostPID}, linktest.Peer{Echo: echo, PID: cmd.Process.Pid})
}
