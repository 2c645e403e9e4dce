package nats

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/internal/split"
)

// TestBroker starts a server for the first address, and says what is served there.
func TestBroker(t *testing.T) {
	b := &broker{}
	p := split.Placement{Component: "orders", Unit: "orders"}
	first, err := b.Allocate(p)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Allocate(p)
	if err != nil || first == second {
		t.Fatalf("got %s twice: %v", second, err)
	}
	if err := b.Check(p, first); err != nil {
		t.Errorf("nobody serves there: %v", err)
	}
	nc, err := nats.Connect(b.server.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Subscribe("unweld.1.orders.-hello", func(m *nats.Msg) { _ = m.Respond(nil) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := b.Check(p, first); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("somebody serves there: %v", err)
	}
	if err := b.Check(p, second); err != nil {
		t.Errorf("nobody serves at the second: %v", err)
	}
	nc.Close()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Check(p, first); err == nil || !strings.Contains(err.Error(), "no NATS server answers") {
		t.Errorf("the server has ended: %v", err)
	}
}
