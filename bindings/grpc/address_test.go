package grpc

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/split"
)

// TestAllocate: a unit can listen at the address that it is given, and the system
// gives that to no outgoing connection in between.
func TestAllocate(t *testing.T) {
	for range 20 {
		address, err := ports{}.Allocate(t.Context(), split.Placement{})
		if err != nil {
			t.Fatal(err)
		}
		host, port, err := net.SplitHostPort(strings.TrimPrefix(address, prefix))
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || host != "127.0.0.1" || n < firstPort || n > lastPort {
			t.Fatal(address, err)
		}
		if err := (ports{}).Check(split.Placement{}, address); err != nil {
			t.Error(address, err)
		}
	}
}
