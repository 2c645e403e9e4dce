package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
)

// server accepts connections with the files that the environment names, and says hello
// by each.
func server(t *testing.T) (address string) {
	t.Helper()
	cfg, err := Server()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Write([]byte("hello"))
			}()
		}
	}()
	return l.Addr().String()
}

// greeting connects, and returns the certificate of the peer.
func greeting(t *testing.T, address string) (*x509.Certificate, error) {
	t.Helper()
	cfg, err := Client()
	if err != nil {
		t.Fatal(err)
	}
	return greetingWith(t, cfg, address)
}

func greetingWith(t *testing.T, cfg *tls.Config, address string) (*x509.Certificate, error) {
	t.Helper()
	conn, err := Dialer{cfg}.DialContext(t.Context(), "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	text, err := io.ReadAll(conn)
	if err == nil && string(text) != "hello" {
		t.Errorf("got %q", text)
	}
	return conn.(*explained).Conn.(*tls.Conn).ConnectionState().PeerCertificates[0], err
}

// later waits until changes of files are seen.
func later() { time.Sleep(fresh + 10*time.Millisecond) }

// TestCertificatesAreReplaced replaces the certificate, then the authority, of two sides
// that keep their configurations.
func TestCertificatesAreReplaced(t *testing.T) {
	ours := mtlstest.New(t)
	ours.Env(t)
	at := server(t)
	cfg, err := Client()
	if err != nil {
		t.Fatal(err)
	}
	first, err := greetingWith(t, cfg, at)
	if err != nil {
		t.Fatal(err)
	}
	ours.Issue(t, nil)
	later()
	second, err := greetingWith(t, cfg, at)
	if err != nil || second.SerialNumber.Cmp(first.SerialNumber) == 0 {
		t.Errorf("after the certificate was replaced: %v, %v", second.SerialNumber, err)
	}
	// Half of a replacement, or nonsense, changes nothing.
	if err := os.WriteFile(filepath.Join(ours.Dir, "key.pem"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	later()
	if third, err := greetingWith(t, cfg, at); err != nil || third.SerialNumber.Cmp(second.SerialNumber) != 0 {
		t.Errorf("while the key is being replaced: %v", err)
	}
	others := mtlstest.New(t)
	for _, name := range []string{"ca.pem", "cert.pem", "key.pem"} {
		content, err := os.ReadFile(filepath.Join(others.Dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(ours.Dir, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	later()
	if _, err := greeting(t, at); err != nil {
		t.Errorf("after the authority was replaced: %v", err)
	}
}

// TestCertificateErrors has each side show certificates that the other doesn't take.
func TestCertificateErrors(t *testing.T) {
	issued := func(change func(*x509.Certificate)) func(*testing.T, *mtlstest.Authority) {
		return func(t *testing.T, a *mtlstest.Authority) { a.Issue(t, change) }
	}
	for name, c := range map[string]struct {
		server, client func(t *testing.T, ours *mtlstest.Authority) // done before each side starts
		ofPeer         bool
		want           string
	}{
		"the server's has expired": {server: issued(mtlstest.Expired), ofPeer: true, want: "it expired on 20"},
		"the server's isn't valid yet": {server: issued(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }),
			ofPeer: true, want: "it is valid from 20"},
		"the server's is another's": {server: func(t *testing.T, _ *mtlstest.Authority) { mtlstest.New(t).Env(t) },
			client: func(t *testing.T, ours *mtlstest.Authority) { ours.Env(t) }, ofPeer: true, want: "isn't signed by the authority"},
		"the server has another name": {server: issued(func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"shop.example.com"} }),
			ofPeer: true, want: "it is for shop.example.com, not for 127.0.0.1"},
		"the client's has expired": {client: func(t *testing.T, ours *mtlstest.Authority) {
			ours.Issue(t, mtlstest.Expired)
			show(t, moved(t, ours))
			ours.Issue(t, nil)
		}, want: "it has expired, by the clock of the peer"},
		"the client has none": {client: func(t *testing.T, _ *mtlstest.Authority) {
			t.Setenv("UNWELD_TLS_CERT", "")
			t.Setenv("UNWELD_TLS_KEY", "")
		}, want: "it has none"},
		"the client's is another's": {client: func(t *testing.T, _ *mtlstest.Authority) { show(t, mtlstest.New(t).Dir) },
			want: "doesn't know its authority"},
	} {
		t.Run(name, func(t *testing.T) {
			ours := mtlstest.New(t)
			ours.Env(t)
			if c.server != nil {
				c.server(t, ours)
			}
			at := server(t)
			if c.client != nil {
				c.client(t, ours)
			}
			_, err := greeting(t, at)
			e, ok := errors.AsType[*link.CertificateError](err)
			if !ok || e.OfPeer != c.ofPeer || !strings.Contains(e.Reason, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// show makes a side that starts now show the certificate in a folder.
func show(t *testing.T, dir string) {
	t.Setenv("UNWELD_TLS_CERT", filepath.Join(dir, "cert.pem"))
	t.Setenv("UNWELD_TLS_KEY", filepath.Join(dir, "key.pem"))
}

// moved moves the certificate and the key of an authority to a folder of their own.
func moved(t *testing.T, a *mtlstest.Authority) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"cert.pem", "key.pem"} {
		if err := os.Rename(filepath.Join(a.Dir, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestOtherErrorsStay: what has nothing to do with certificates isn't called so.
func TestOtherErrorsStay(t *testing.T) {
	mtlstest.New(t).Env(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			_, _ = conn.Write([]byte("this is no TLS"))
			_ = conn.Close()
		}
	}()
	for _, at := range []string{l.Addr().String(), "127.0.0.1:1"} {
		_, err := greeting(t, at)
		if _, is := errors.AsType[*link.CertificateError](err); is || err == nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	_ = l.Close()
}

// TestWhatIsMissing says which variable is to be set.
func TestWhatIsMissing(t *testing.T) {
	a := mtlstest.New(t)
	in := func(name string) string { return filepath.Join(a.Dir, name) }
	for _, c := range []struct {
		cert, key, ca  string
		server, client string // in the errors; empty: none
	}{
		{"", "", "", "set UNWELD_TLS_CERT, UNWELD_TLS_KEY and UNWELD_TLS_CA", "set UNWELD_TLS_CERT, UNWELD_TLS_KEY and UNWELD_TLS_CA"},
		{in("cert.pem"), in("key.pem"), "", "set UNWELD_TLS_CA", "set UNWELD_TLS_CA"},
		{in("cert.pem"), "", in("ca.pem"), "set both", "set both"},
		{"", "", in("ca.pem"), "a server needs a certificate", ""},
		{in("cert.pem"), in("key.pem"), in("key.pem"), "no certificate in", "no certificate in"},
		{in("cert.pem"), in("gone.pem"), in("ca.pem"), "gone.pem", "gone.pem"},
		{in("cert.pem"), in("key.pem"), in("ca.pem"), "", ""},
	} {
		t.Setenv("UNWELD_TLS_CERT", c.cert)
		t.Setenv("UNWELD_TLS_KEY", c.key)
		t.Setenv("UNWELD_TLS_CA", c.ca)
		_, err := Server()
		said(t, err, c.server)
		_, err = Client()
		said(t, err, c.client)
	}
}

func said(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "localhost:1": true, "10.0.0.1:1": false, ":1": false, "0.0.0.0:1": false, "example.com:1": false, "127.0.0.1": false} {
		if Loopback(host) != want {
			t.Errorf("%s: %t", host, !want)
		}
	}
}

// TestPlaintext is spoken at addresses of one scheme, on the loopback interface only,
// with certificates or without.
func TestPlaintext(t *testing.T) {
	for _, certificates := range []bool{false, true} {
		if certificates {
			mtlstest.New(t).Env(t)
		}
		for at, plain := range map[string]bool{"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://localhost:1/x": true, "https://127.0.0.1:1": false,
			"http://10.0.0.1:1": false, "http://:1": false, "http://0.0.0.0:1": false, "http://example.com:1": false} {
			a, err := link.ParseAddress(at)
			if err != nil {
				t.Fatal(err)
			}
			for _, server := range []bool{true, false} {
				cfg, err := For(a, "http", server)
				switch {
				case plain && (cfg != nil || err != nil), !plain && certificates && (cfg == nil || err != nil):
					t.Errorf("%s: %v, %v", at, cfg, err)
				case !plain && !certificates && (!errors.Is(err, ErrNotConfigured) || !strings.Contains(err.Error(), at)):
					t.Errorf("%s: %v", at, err)
				}
			}
		}
	}
}
