// Package nats carries calls over a NATS server, between services of NATS's own
// kind (micro). An address is nats://host:port/SUBJECT; the endpoints of component
// pricing are at SUBJECT.pricing.ENDPOINT, each with a queue group of its own,
// so that units which serve the same component share its calls.
//
// A request's data are the encoded parameters and a reply's the results, in
// protobuf encoding. Headers carry the rest: the caller's schema, link metadata,
// how much time is left, and of a reply its status. A caller that gives up
// publishes the call's number at SUBJECT.pricing.-cancel.
//
// A call with streams begins with a request whose header names a subject of the caller's
// own; the reply names one of the unit that has taken it. What follows is published
// between the two, in frames with numbers, and at most window bytes that the other side
// hasn't taken (pipe.go).
//
// What is known of a call that failed: the server tells when nobody listens to a
// subject, and it hands on nothing of what the client hasn't written; both is "not
// executed", as is what the peer refuses. After all else, a lost connection or the
// end of the deadline, the outcome is unknown.
//
// Plaintext is spoken on loopback addresses only. Elsewhere TLS is required:
// UNWELD_TLS_CA names the file with the authority of the server,
// UNWELD_TLS_CERT and UNWELD_TLS_KEY this unit's certificate, if the server wants
// one. UNWELD_NATS_CREDS names a file of NATS credentials.
package nats

import (
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

func init() {
	link.Register(link.Transport{Scheme: "nats", Dial: dial, Listen: listen})
}

// Headers of requests and replies.
const (
	headerSchema     = "Unweld-Schema"
	headerCompatible = "Unweld-Compatible"
	headerMetadata   = "Unweld-Metadata" // base64
	headerTimeout    = "Unweld-Timeout"  // in nanoseconds, from when the request arrives
	headerCall       = "Unweld-Call"     // number of the call, for its cancellation
	headerStatus     = "Unweld-Status"   // a link.Status, or one of the refusals below
	headerUnit       = "Unweld-Unit"     // in the reply to a hello: the name of the unit that answers, where that counts
	headerTree       = "Unweld-Tree"     // bytes at the start of the data that are the error's tree
)

// Refusals of a call that reached no component; the data say the rest.
const (
	refusedMoved   = "moved"
	refusedVersion = "version" // data: the callee's schema
	refusedOther   = "refused" // data: a message
)

// Tokens of subjects that no endpoint has: a Go name holds no hyphen.
const (
	tokenHello  = "-hello"
	tokenCancel = "-cancel"
	tokenUnit   = "-unit"
)

// subjectOf is the subject of a component at an address.
func subjectOf(a link.Address, component string) (string, error) {
	base := strings.ReplaceAll(strings.Trim(a.Path, "/"), "/", ".")
	switch {
	case a.Host == "":
		return "", fmt.Errorf("%s names no server: write nats://host:4222/subject", a)
	case base == "" || strings.ContainsAny(base, " \t\r\n*>") || strings.Contains("."+base+".", ".."):
		return "", fmt.Errorf("%s: a subject is words with dots between them, without spaces, * and >: nats://host:4222/shop", a)
	}
	return base + "." + component, nil
}

// ownSubject is the subject of one of the units that serve a component.
func ownSubject(subject, unit string) string { return subject + "." + tokenUnit + "." + unit }

func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// connect makes a connection to the server of an address.
func connect(a link.Address, timeout time.Duration, opts ...nats.Option) (*nats.Conn, error) {
	opts = append(opts, nats.Name("unweld"), nats.Timeout(timeout), nats.ReconnectBufSize(-1))
	if !loopback(a.Host) {
		ca, cert, key := os.Getenv("UNWELD_TLS_CA"), os.Getenv("UNWELD_TLS_CERT"), os.Getenv("UNWELD_TLS_KEY")
		if ca == "" {
			return nil, fmt.Errorf("nats://%s is not a loopback address, and needs TLS: set UNWELD_TLS_CA, and where the server wants them UNWELD_TLS_CERT and UNWELD_TLS_KEY", a.Host)
		}
		opts = append(opts, nats.RootCAs(ca), nats.Secure())
		if cert != "" || key != "" {
			opts = append(opts, nats.ClientCert(cert, key))
		}
	}
	if creds := os.Getenv("UNWELD_NATS_CREDS"); creds != "" {
		opts = append(opts, nats.UserCredentials(creds))
	}
	nc, err := nats.Connect("nats://"+a.Host, opts...)
	if err != nil {
		return nil, fmt.Errorf("NATS server at %s: %w", a.Host, mtls.Explain(err))
	}
	if !nc.HeadersSupported() {
		nc.Close()
		return nil, fmt.Errorf("NATS server at %s: it doesn't support headers; version 2.2 and newer do", a.Host)
	}
	return nc, nil
}

// helloHeader says who calls.
func helloHeader(h link.Hello) nats.Header {
	header := nats.Header{headerSchema: {h.Fingerprint}}
	if len(h.Compatible) > 0 {
		header[headerCompatible] = h.Compatible
	}
	return header
}

func encodeMetadata(m map[string]string) string {
	return base64.StdEncoding.EncodeToString(link.AppendMetadata(nil, m))
}

func decodeMetadata(s string) (map[string]string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: metadata", link.ErrMalformed)
	}
	return link.ParseMetadata(string(b))
}
