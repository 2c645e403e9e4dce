package grpc

import (
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

var transport = linktest.Transport{Link: func(host string) string { return "grpc://" + host }, Dial: dial, MaxMessage: MaxMessage, NotExecuted: 20}

func TestMain(m *testing.M) { transport.Run(m) }

func TestCalls(t *testing.T)               { transport.Calls(t) }
func TestEnds(t *testing.T)                { transport.Ends(t) }
func TestRefusals(t *testing.T)            { transport.Refusals(t) }
func TestCloseLeavesCalls(t *testing.T)    { transport.CloseLeavesCalls(t) }
func TestOutcomeBroken(t *testing.T)       { transport.BrokenConnections(t) }
func TestOutcomeStopped(t *testing.T)      { transport.StoppedUnit(t) }
func TestOutcomeWithoutAUnit(t *testing.T) { transport.WithoutAUnit(t) }

// up returns when the unit serves.
func up(t *testing.T) {
	t.Helper()
	if _, err := transport.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
}

// TestCloseEndsTheConnection: it ends when it has no calls any more.
func TestCloseEndsTheConnection(t *testing.T) {
	up(t)
	c, err := transport.DialTo(t, transport.Address())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if got := c.(*conn).cc.GetState(); got != connectivity.Shutdown {
		t.Errorf("the connection is %v", got)
	}
}

// A stock client knows neither schemas nor trees.
func TestStockClient(t *testing.T) {
	up(t)
	cc, err := grpc.NewClient(transport.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	var out string
	call := func(method, in string) error {
		return cc.Invoke(t.Context(), method, []byte(in), &out, grpc.ForceCodecV2(rawCodec{}), grpc.WaitForReady(true))
	}
	if err := call("/linktest.Service/Echo", "hello"); err != nil || out != "hello" {
		t.Errorf("got %q, %v", out, err)
	}
	if err := call("/linktest.Service/Echo", "panic"); status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	if err := call("/linktest.Service/Nothing", ""); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}

func TestPlaintextOnLoopbackOnly(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "localhost:1": true, "10.0.0.1:1": false, ":1": false, "0.0.0.0:1": false, "example.com:1": false} {
		_, err := transportSecurity(link.Address{Scheme: "grpc", Host: host}, true)
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	up(t)
	a, err := link.ParseAddress("grpc://" + transport.Address())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen(a, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}
