package grpc

import (
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

var transport = linktest.Transport{
	Link: func(host string) string { return "grpc://" + host }, Dial: dial, Listen: listen, Secure: "grpc", MaxMessage: MaxMessage, Bare: bare, NotExecuted: 20,
}

func TestMain(m *testing.M) { transport.Run(m) }

func TestTransport(t *testing.T) { transport.All(t) }

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
