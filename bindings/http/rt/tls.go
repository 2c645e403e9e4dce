package http

import (
	"crypto/tls"
	"errors"
	"io"
	"log"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

// quiet is the log of handshakes that fail, and of panics that end a call: the
// caller is told of both.
var quiet = log.New(io.Discard, "", 0)

// transportSecurity returns how one end of a connection is protected, and nil for
// plaintext, which is spoken at http:// addresses of the loopback interface only.
func transportSecurity(a link.Address, server bool) (*tls.Config, error) {
	if a.Scheme == "http" && mtls.Loopback(a.Host) {
		return nil, nil
	}
	var cfg *tls.Config
	var err error
	if server {
		cfg, err = mtls.Server("h2", "http/1.1")
	} else {
		cfg, err = mtls.Client()
	}
	if errors.Is(err, mtls.ErrNotConfigured) {
		err = mtls.ErrNeeded(a)
	}
	return cfg, err
}
