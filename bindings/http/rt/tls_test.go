package http

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
)

// TestCertificateErrors: a caller learns whose certificate isn't taken.
func TestCertificateErrors(t *testing.T) {
	ours, others := mtlstest.New(t), mtlstest.New(t)
	ours.Env(t)
	l, err := listen(link.Address{Scheme: "https", Host: "127.0.0.1:0"}, func(link.Hello) (*link.Target, error) { return nil, link.ErrMoved })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(t.Context())
	hello := link.Hello{Component: linktest.Contract.Component, Fingerprint: "1"}
	if _, err := dial(t.Context(), l.Address(), hello); !errors.Is(err, link.ErrMoved) {
		t.Fatalf("with the right certificates: %v", err)
	}
	for _, ofPeer := range []bool{true, false} {
		others.Env(t)
		if ofPeer { // the server's certificate is of an authority that this side doesn't know
			t.Setenv("UNWELD_TLS_CERT", filepath.Join(ours.Dir, "cert.pem"))
			t.Setenv("UNWELD_TLS_KEY", filepath.Join(ours.Dir, "key.pem"))
		} else {
			t.Setenv("UNWELD_TLS_CA", filepath.Join(ours.Dir, "ca.pem"))
		}
		_, err := dial(t.Context(), l.Address(), hello)
		if e, ok := errors.AsType[*link.CertificateError](err); !ok || e.OfPeer != ofPeer {
			t.Errorf("of the peer: %t: got %v", ofPeer, err)
		}
	}
}
