package grpc

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

// transportSecurity returns the credentials for one end of a connection at an address.
// On the loopback interface there are none where none are configured.
func transportSecurity(a link.Address, server bool) (credentials.TransportCredentials, error) {
	cfg, err := mtls.For(a, "", server, "h2")
	switch {
	case errors.Is(err, mtls.ErrNotConfigured) && mtls.Loopback(a.Host):
		return insecure.NewCredentials(), nil
	case err != nil:
		return nil, err
	}
	return credentials.NewTLS(cfg), nil
}

// A noting is the credentials of a caller that keeps why a certificate wasn't taken:
// the errors of gRPC have it as text only.
type noting struct {
	credentials.TransportCredentials
	seen *atomic.Pointer[link.CertificateError]
}

func (n noting) note(err error) {
	var e *link.CertificateError
	if err != nil && errors.As(mtls.Explain(err), &e) {
		n.seen.Store(e)
	}
}

// ClientHandshake implements credentials.TransportCredentials.
func (n noting) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := n.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if n.note(err); err != nil {
		return nil, nil, err
	}
	return notingConn{mtls.Conn(conn), n}, info, nil
}

// Clone implements credentials.TransportCredentials.
func (n noting) Clone() credentials.TransportCredentials {
	return noting{n.TransportCredentials.Clone(), n.seen}
}

type notingConn struct {
	net.Conn
	noting
}

// Read implements net.Conn.
func (c notingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.note(err); err == nil && c.seen.Load() != nil {
		c.seen.Store(nil)
	}
	return n, err
}

// Write implements net.Conn.
func (c notingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.note(err)
	return n, err
}
