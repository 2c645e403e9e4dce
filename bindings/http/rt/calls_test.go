package http

import (
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
)

func TestCalls(t *testing.T)               { transport.Calls(t) }
func TestEnds(t *testing.T)                { transport.Ends(t) }
func TestRefusals(t *testing.T)            { transport.Refusals(t) }
func TestCloseLeavesCalls(t *testing.T)    { transport.CloseLeavesCalls(t) }
func TestOutcomeBroken(t *testing.T)       { transport.BrokenConnections(t) }
func TestOutcomeStopped(t *testing.T)      { transport.StoppedUnit(t) }
func TestOutcomeWithoutAUnit(t *testing.T) { transport.WithoutAUnit(t) }

// TestWithoutDescription: what generated code would have described can't be called.
func TestWithoutDescription(t *testing.T) {
	a := link.Address{Scheme: "http", Host: transport.Address(), Path: "/below"}
	Describe(&Component{Name: "nobody"})
	for _, name := range []string{"nobody", "undescribed"} {
		if _, err := dial(t.Context(), a, link.Hello{Component: name, Fingerprint: "1"}); err == nil {
			t.Errorf("%s was reached", name)
		}
	}
}

func TestPlaintextOnLoopbackOnly(t *testing.T) {
	for at, want := range map[string]bool{"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://localhost:1/x": true, "https://127.0.0.1:1": false,
		"http://10.0.0.1:1": false, "http://:1": false, "http://0.0.0.0:1": false, "http://example.com:1": false} {
		a, err := link.ParseAddress(at)
		if err != nil {
			t.Fatal(err)
		}
		security, err := transportSecurity(a, true)
		if (err == nil) != want || security != nil {
			t.Errorf("%s: %v %v", at, security, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	if _, err := transport.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(link.Address{Scheme: "http", Host: transport.Address()}, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}
