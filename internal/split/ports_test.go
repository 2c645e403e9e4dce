package split

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

// TestAllocate: a unit can listen at the address that it is given, and the system
// gives that to no outgoing connection in between.
func TestAllocate(t *testing.T) {
	const ports = Ports("tcp")
	for range 20 {
		address, err := ports.Allocate(t.Context(), Placement{})
		if err != nil {
			t.Fatal(err)
		}
		host, port, err := net.SplitHostPort(strings.TrimPrefix(address, "tcp://"))
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || host != "127.0.0.1" || n < firstPort || n > lastPort {
			t.Fatal(address, err)
		}
		if err := ports.Check(Placement{}, address+"/prefix"); err != nil {
			t.Error(address, err)
		}
	}
}
