package grpc

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/unweld/unweld/internal/split"
)

const prefix = "grpc://"

var scheme = split.Scheme{
	Name: "grpc", CrossesUnits: true, CrossesHosts: true, HostPort: true, TLS: true,
	Open: func(split.Opening) (split.Allocator, error) { return ports{}, nil },
}

// ports finds free ports on the loopback interface.
type ports struct{}

// Ports are chosen from firstPort up to lastPort: those above are what systems give to
// outgoing connections (from 32768 on Linux, from 49152 elsewhere, by RFC 6335), so that
// one could be taken again before the unit listens there.
const (
	firstPort = 20000
	lastPort  = 32767
)

// Allocate chooses a port that nobody listens at just now.
func (ports) Allocate(context.Context, split.Placement) (string, error) {
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return prefix + l.Addr().String(), l.Close()
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return prefix + l.Addr().String(), l.Close()
}

// Check reports a port that is taken.
func (ports) Check(_ split.Placement, address string) error {
	l, err := net.Listen("tcp", strings.TrimPrefix(address, prefix))
	if errors.Is(err, syscall.EADDRINUSE) {
		return errors.New("another program listens there")
	}
	if err != nil {
		return err
	}
	return l.Close()
}

// Close does nothing: the units hold the ports.
func (ports) Close() error { return nil }
