package http

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/unweld/unweld/bindings/rt/link"
)

// quiet is the log of handshakes that fail, and of panics that end a call: the
// caller is told of both.
var quiet = log.New(io.Discard, "", 0)

func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// transportSecurity returns how one end of a connection is protected, and nil for
// plaintext, which is spoken at http:// addresses of the loopback interface only.
func transportSecurity(a link.Address, server bool) (*tls.Config, error) {
	if a.Scheme == "http" && loopback(a.Host) {
		return nil, nil
	}
	cert, key, ca := os.Getenv("UNWELD_TLS_CERT"), os.Getenv("UNWELD_TLS_KEY"), os.Getenv("UNWELD_TLS_CA")
	switch {
	case cert == "" && key == "" && ca == "":
		return nil, fmt.Errorf("%s needs TLS: set UNWELD_TLS_CERT, UNWELD_TLS_KEY and UNWELD_TLS_CA (plaintext is for http:// on loopback addresses)", a)
	case ca == "":
		return nil, errors.New("set UNWELD_TLS_CA, the authority that peers are checked against, beside UNWELD_TLS_CERT and UNWELD_TLS_KEY")
	case cert == "" && key == "" && server:
		return nil, errors.New("a server needs a certificate: set UNWELD_TLS_CERT and UNWELD_TLS_KEY beside UNWELD_TLS_CA")
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("UNWELD_TLS_CERT and UNWELD_TLS_KEY: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("UNWELD_TLS_CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("UNWELD_TLS_CA: no certificate in %s", ca)
	}
	cfg.RootCAs, cfg.ClientCAs, cfg.ClientAuth = pool, pool, tls.RequireAndVerifyClientCert
	return cfg, nil
}
