package http

import (
	"crypto/tls"
	"io"
	"log"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

// quiet is the log of handshakes that fail, and of panics that end a call: the
// caller is told of both.
var quiet = log.New(io.Discard, "", 0)

// transportSecurity returns how one end of a connection is protected; nil: it isn't.
func transportSecurity(a link.Address, server bool) (*tls.Config, error) {
	return mtls.For(a, "http", server, "h2", "http/1.1")
}
