package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// fresh is how long files are taken to be as they were.
const fresh = time.Second

// A files is the names of a unit's files, and what was in them.
type files struct {
	cert, key, ca string // cert and key are empty for callers that show none

	mu    sync.Mutex
	read  content
	state [3]state  // of the files, when they were read
	at    time.Time // when state was looked at
}

// A content is what the files hold that go together.
type content struct {
	pair *tls.Certificate // nil: there is none
	pool *x509.CertPool
}

// A state tells whether a file has been replaced.
type state struct {
	size     int64
	modified time.Time
}

var all struct {
	sync.Mutex
	files map[[3]string]*files
}

// named returns the files that the environment names, which can be read.
func named() (*files, error) {
	cert, key, ca := os.Getenv("UNWELD_TLS_CERT"), os.Getenv("UNWELD_TLS_KEY"), os.Getenv("UNWELD_TLS_CA")
	switch {
	case cert == "" && key == "" && ca == "":
		return nil, ErrNotConfigured
	case ca == "":
		return nil, errors.New("set UNWELD_TLS_CA, the authority that peers are checked against, beside UNWELD_TLS_CERT and UNWELD_TLS_KEY")
	case (cert == "") != (key == ""):
		return nil, errors.New("UNWELD_TLS_CERT and UNWELD_TLS_KEY belong together: set both")
	}
	all.Lock()
	defer all.Unlock()
	names := [3]string{cert, key, ca}
	if f := all.files[names]; f != nil {
		return f, nil
	}
	f := &files{cert: cert, key: key, ca: ca, at: time.Now()}
	f.state = f.look()
	var err error
	if f.read, err = f.load(); err != nil {
		return nil, err
	}
	if all.files == nil {
		all.files = map[[3]string]*files{}
	}
	all.files[names] = f
	return f, nil
}

// now returns what the files hold. While they can't be read, as between the
// replacement of one and of the next, it is what they held.
func (f *files) now() content {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.at) < fresh {
		return f.read
	}
	f.at = time.Now()
	if state := f.look(); state != f.state {
		if read, err := f.load(); err == nil {
			f.read, f.state = read, state
		}
	}
	return f.read
}

// look returns the state of the files; that of one which isn't there is zero.
func (f *files) look() (out [3]state) {
	for i, name := range []string{f.cert, f.key, f.ca} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(name); err == nil {
			out[i] = state{info.Size(), info.ModTime()}
		}
	}
	return out
}

func (f *files) load() (content, error) {
	var c content
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return c, fmt.Errorf("UNWELD_TLS_CERT and UNWELD_TLS_KEY: %w", err)
		}
		c.pair = &pair
	}
	pem, err := os.ReadFile(f.ca)
	if err != nil {
		return c, fmt.Errorf("UNWELD_TLS_CA: %w", err)
	}
	c.pool = x509.NewCertPool()
	if !c.pool.AppendCertsFromPEM(pem) {
		return c, fmt.Errorf("UNWELD_TLS_CA: no certificate in %s", f.ca)
	}
	return c, nil
}
