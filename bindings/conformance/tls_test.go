package conformance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// TestTLS runs a case over gRPC with certificates on both sides. A caller in
// plain text, or without a certificate of the authority, is turned away.
func TestTLS(t *testing.T) {
	s := bind(t, "../../testdata/contracts/conformance/tax.txtar")
	program := s.build("program")
	ours, others := newAuthority(t), newAuthority(t)
	ours.env(t)
	at := address(t, "grpc")
	s.serve(t, program, at)
	s.compare(t, program, s.elsewhere(at)...)

	pool := x509.NewCertPool()
	pool.AddCert(ours.cert)
	for name, creds := range map[string]credentials.TransportCredentials{
		"plain text":          insecure.NewCredentials(),
		"no certificate":      credentials.NewTLS(&tls.Config{RootCAs: pool}),
		"another's authority": credentials.NewTLS(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{others.leaf}}),
	} {
		t.Run(name, func(t *testing.T) {
			c := s.foreign(t, at, grpc.WithTransportCredentials(creds))
			method := string(c.service.Methods().Get(0).Name())
			if _, _, err := c.try(t, method, "{}"); status.Code(err) != codes.Unavailable {
				t.Errorf("the call ended with %v, want it turned away", err)
			}
		})
	}
}

// An authority has one certificate signed, for this machine.
type authority struct {
	cert *x509.Certificate
	leaf tls.Certificate
	dir  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	caKey, leafKey := newKey(t), newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := a.sign(t, "ca.pem", template, template, caKey, caKey)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "unit"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, NotBefore: template.NotBefore, NotAfter: template.NotAfter}
	a.sign(t, "cert.pem", leaf, a.cert, leafKey, caKey)
	secret, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, "key.pem", "PRIVATE KEY", secret)
	if a.leaf, err = tls.LoadX509KeyPair(filepath.Join(a.dir, "cert.pem"), filepath.Join(a.dir, "key.pem")); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t *testing.T, name string, cert, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, name, "CERTIFICATE", der)
	return der
}

func (a *authority) write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// env makes the units of this test use the authority's certificate.
func (a *authority) env(t *testing.T) {
	t.Setenv("UNWELD_TLS_CA", filepath.Join(a.dir, "ca.pem"))
	t.Setenv("UNWELD_TLS_CERT", filepath.Join(a.dir, "cert.pem"))
	t.Setenv("UNWELD_TLS_KEY", filepath.Join(a.dir, "key.pem"))
}
