// Package mtlstest makes certificates for tests.
package mtlstest

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
	"sync/atomic"
	"testing"
	"time"
)

// An Authority signs certificates. Its files are ca.pem, cert.pem and key.pem in Dir.
type Authority struct {
	Cert *x509.Certificate
	Dir  string

	key *ecdsa.PrivateKey
}

var serial atomic.Int64

// New returns an authority that has one certificate signed, for 127.0.0.1 and both
// sides of a connection.
func New(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{Dir: t.TempDir(), key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := a.sign(t, template, template, a.key)
	var err error
	if a.Cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.write(t, "ca.pem", "CERTIFICATE", der)
	a.Issue(t, nil)
	return a
}

// Issue replaces the certificate and the key by new ones. change, if it isn't nil, may
// change what the certificate says.
func (a *Authority) Issue(t testing.TB, change func(*x509.Certificate)) {
	t.Helper()
	key := newKey(t)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: "unit"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, NotBefore: a.Cert.NotBefore, NotAfter: a.Cert.NotAfter}
	if change != nil {
		change(leaf)
	}
	der := a.sign(t, leaf, a.Cert, key)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, "cert.pem", "CERTIFICATE", der)
	a.write(t, "key.pem", "PRIVATE KEY", secret)
}

// Expired changes a certificate so that it isn't valid any more.
func Expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }

// Leaf returns the certificate as it is now.
func (a *Authority) Leaf(t testing.TB) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(a.Dir, "cert.pem"), filepath.Join(a.Dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// Pool returns the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return pool
}

// Env makes the units of a test use the certificate and trust the authority.
func (a *Authority) Env(t testing.TB) {
	t.Setenv("UNWELD_TLS_CA", filepath.Join(a.Dir, "ca.pem"))
	t.Setenv("UNWELD_TLS_CERT", filepath.Join(a.Dir, "cert.pem"))
	t.Setenv("UNWELD_TLS_KEY", filepath.Join(a.Dir, "key.pem"))
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *Authority) sign(t testing.TB, cert, parent *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (a *Authority) write(t testing.TB, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.Dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
