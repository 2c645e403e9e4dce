package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// Explain returns the error of a handshake, or of the first read after it, as a
// *link.CertificateError if a certificate is why, and as it is if not.
func Explain(err error) error {
	var known *link.CertificateError
	if errors.As(err, &known) {
		return err
	}
	var verification *tls.CertificateVerificationError
	if errors.As(err, &verification) {
		return &link.CertificateError{OfPeer: true, Reason: reason(verification.Err), Err: err}
	}
	// The type of an alert isn't exported.
	var remote *net.OpError
	if errors.As(err, &remote) && remote.Op == "remote error" {
		if means := alerts[strings.TrimPrefix(remote.Err.Error(), "tls: ")]; means != "" {
			return &link.CertificateError{Reason: means, Err: err}
		}
	}
	return err
}

// alerts are what a peer says of a certificate that it doesn't take (RFC 8446, section
// 6.2), by the words that crypto/tls has for it.
var alerts = map[string]string{
	"expired certificate":           "it has expired, by the clock of the peer",
	"unknown certificate authority": "the peer doesn't know its authority",
	"certificate required":          "it has none: set UNWELD_TLS_CERT and UNWELD_TLS_KEY",
	"bad certificate":               "bad certificate",
	"unsupported certificate":       "unsupported certificate",
	"revoked certificate":           "it was revoked",
	"unknown certificate":           "unknown certificate",
	"access denied":                 "access denied",
}

// reason says why a certificate isn't taken.
func reason(err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	const day = time.DateOnly
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		if now := time.Now(); now.Before(invalid.Cert.NotBefore) {
			return fmt.Sprintf("it is valid from %s on (now it is %s)", invalid.Cert.NotBefore.Format(day), now.Format(day))
		}
		return fmt.Sprintf("it expired on %s", invalid.Cert.NotAfter.Format(day))
	case errors.As(err, &name) && name.Certificate != nil:
		names := name.Certificate.DNSNames
		for _, ip := range name.Certificate.IPAddresses {
			names = append(names[:len(names):len(names)], ip.String())
		}
		return fmt.Sprintf("it is for %s, not for %s", strings.Join(names, ", "), name.Host)
	case errors.As(err, &authority):
		return "it isn't signed by the authority in UNWELD_TLS_CA"
	}
	return err.Error()
}
