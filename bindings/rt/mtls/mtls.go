// Package mtls makes the TLS configurations of transports. Both sides of a
// connection show a certificate, and each checks the other's against one authority:
// UNWELD_TLS_CERT and UNWELD_TLS_KEY name the files of this unit's certificate,
// UNWELD_TLS_CA those of the authority. Files that change are read again, so that
// certificates are replaced while the program runs.
package mtls

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// Loopback reports whether a host with a port is an address of the loopback
// interface, on which nobody else listens.
func Loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// ErrNotConfigured: none of the variables is set.
var ErrNotConfigured = errors.New("set UNWELD_TLS_CERT, UNWELD_TLS_KEY and UNWELD_TLS_CA")

// Server returns the configuration of a side that accepts connections. Callers need
// a certificate of the authority. protocols are those for ALPN, as the server would
// set them: each handshake gets a configuration of its own.
func Server(protocols ...string) (*tls.Config, error) {
	f, err := named()
	if err != nil {
		return nil, err
	}
	if f.cert == "" {
		return nil, errors.New("a server needs a certificate: set UNWELD_TLS_CERT and UNWELD_TLS_KEY beside UNWELD_TLS_CA")
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: protocols,
		// That there is one is what servers look for before they listen.
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.now().pair, nil },
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			now := f.now()
			return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: protocols, Certificates: []tls.Certificate{*now.pair},
				ClientCAs: now.pool, ClientAuth: tls.RequireAndVerifyClientCert}, nil
		},
	}, nil
}

// Client returns the configuration of a side that connects, for one connection or
// for several to the same peer: it has the authority of now, and shows the
// certificate of the time of each handshake.
func Client() (*tls.Config, error) {
	f, err := named()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: f.now().pool,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if pair := f.now().pair; pair != nil {
				return pair, nil
			}
			return new(tls.Certificate), nil // none
		},
	}, nil
}

// A Dialer makes protected connections for transports that don't make their own.
type Dialer struct{ Config *tls.Config }

// DialContext connects to an address and shakes hands. The error of a certificate is
// a *link.CertificateError.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&tls.Dialer{Config: d.Config}).DialContext(ctx, network, address)
	if err != nil {
		return nil, Explain(err)
	}
	return Conn(conn), nil
}

// Conn returns a connection after its handshake as one whose errors are explained:
// of TLS 1.3 a client learns by its first read that its certificate isn't taken.
func Conn(c net.Conn) net.Conn { return &explained{Conn: c} }

// patience is how long a failed Write waits for what the peer has said before.
const patience = 100 * time.Millisecond

type explained struct {
	net.Conn
	heard atomic.Bool // something was read: the peer has taken the certificate
}

func (c *explained) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	if err != nil {
		err = Explain(err)
	}
	return n, err
}

// Write implements net.Conn. A peer that doesn't take the certificate says so and closes
// the connection: a Write may fail before anybody has read that.
func (c *explained) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil || c.heard.Load() {
		return n, err
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(patience))
	var known *link.CertificateError
	if _, why := c.Read(make([]byte, 1)); errors.As(why, &known) {
		err = known
	}
	return n, err
}

// For returns the configuration of one side of a connection at an address, and nil for
// plaintext: that is spoken at addresses of the scheme plain on the loopback interface.
func For(a link.Address, plain string, server bool, protocols ...string) (cfg *tls.Config, err error) {
	if a.Scheme == plain && Loopback(a.Host) {
		return nil, nil
	}
	if server {
		cfg, err = Server(protocols...)
	} else {
		cfg, err = Client()
	}
	if errors.Is(err, ErrNotConfigured) {
		err = fmt.Errorf("%s needs TLS: %w", a, err)
	}
	return cfg, err
}
