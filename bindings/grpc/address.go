package grpc

import (
	"context"
	"errors"
	"net"
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

// Allocate lets the system choose a port that nobody listens at just now.
func (ports) Allocate(context.Context, split.Placement) (string, error) {
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
