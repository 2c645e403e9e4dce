package split

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// Ports finds free ports on the loopback interface, for a scheme whose addresses
// have the form NAME://host:port. Its value is the name.
type Ports string

// Ports are chosen from firstPort up to lastPort: those above are what systems give to
// outgoing connections (from 32768 on Linux, from 49152 elsewhere, by RFC 6335), so that
// one could be taken again before the unit listens there.
const (
	firstPort = 20000
	lastPort  = 32767
)

// Allocate chooses a port that nobody listens at just now.
func (p Ports) Allocate(context.Context, Placement) (string, error) {
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return string(p) + "://" + l.Addr().String(), l.Close()
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return string(p) + "://" + l.Addr().String(), l.Close()
}

// Check reports a port that is taken.
func (p Ports) Check(_ Placement, address string) error {
	host, _, _ := strings.Cut(strings.TrimPrefix(address, string(p)+"://"), "/")
	l, err := net.Listen("tcp", host)
	if errors.Is(err, syscall.EADDRINUSE) {
		return errors.New("another program listens there")
	}
	if err != nil {
		return err
	}
	return l.Close()
}

// Close does nothing: the units hold the ports.
func (Ports) Close() error { return nil }
