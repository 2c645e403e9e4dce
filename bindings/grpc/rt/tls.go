package grpc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// transportSecurity returns the credentials for one end of a connection to host.
func transportSecurity(host string, server bool) (credentials.TransportCredentials, error) {
	cert, key, ca := os.Getenv("UNWELD_TLS_CERT"), os.Getenv("UNWELD_TLS_KEY"), os.Getenv("UNWELD_TLS_CA")
	if cert == "" && key == "" && ca == "" {
		if loopback(host) {
			return insecure.NewCredentials(), nil
		}
		return nil, fmt.Errorf("grpc://%s is not a loopback address, and needs TLS: set UNWELD_TLS_CERT, UNWELD_TLS_KEY and UNWELD_TLS_CA", host)
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("UNWELD_TLS_CERT and UNWELD_TLS_KEY: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	} else if server {
		return nil, errors.New("a server needs a certificate: set UNWELD_TLS_CERT and UNWELD_TLS_KEY beside UNWELD_TLS_CA")
	}
	if ca == "" {
		return nil, errors.New("set UNWELD_TLS_CA, the authority that peers are checked against, beside UNWELD_TLS_CERT and UNWELD_TLS_KEY")
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
	return credentials.NewTLS(cfg), nil
}
