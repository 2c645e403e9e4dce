// Package connect carries calls over Connect's protocol, and serves callers of gRPC and
// gRPC-Web at the same port. Payloads are protobuf already, so they pass through as
// bytes; a stock client with the generated .proto can make the same calls: the service
// of component "pricing" is "pricing.Service", its methods are the endpoints. For
// callers that write JSON, payloads are converted by the descriptors that generated
// code hands to [Describe].
//
// What the protocol has no place for travels in headers: the caller's schema and link
// metadata. Of a call that failed, a unit gets a detail of the error with the error's
// tree and the results beside it.
//
// A call is reported as not executed only on evidence: its request was never handed to
// a connection, or the server says that it has turned it away.
//
// Plaintext is spoken on loopback addresses only. Elsewhere, and at connects://
// addresses, TLS is required: UNWELD_TLS_CERT and UNWELD_TLS_KEY name the files of this
// unit's certificate, UNWELD_TLS_CA those of the authority its peers are checked
// against.
package connect

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls"
)

func init() {
	link.Register(link.Transport{Scheme: "connect", Dial: dial, Listen: listen})
	link.Register(link.Transport{Scheme: "connects", Dial: dial, Listen: listen})
}

// MaxMessage is the size of the largest request or reply.
const MaxMessage = 64 << 20

// The headers of requests, and of refusals.
const (
	headerSchema     = "Unweld-Schema"     // the caller's
	headerCompatible = "Unweld-Compatible" // what else the caller's schema can talk to, separated by commas
	headerMetadata   = "Unweld-Metadata"   // one key=value each, escaped as in a query
	headerRefused    = "Unweld-Refused"    // of a call that the server has not executed
)

// helloProcedure is the call that a connection starts with.
const helloProcedure = "/unweld.Link/Hello"

// detailType is the type of the detail with everything about a call that failed.
const detailType = "type.googleapis.com/unweld.Failure"

func serviceName(component string) string {
	return strings.ReplaceAll(component, "-", "_") + ".Service"
}

// A message is a request or a reply, as bytes.
type message struct {
	bytes []byte
	json  bool // it was received as JSON
}

// A codec passes the bytes of messages through.
type codec struct {
	name string
	json bool
}

// Name implements connect.Codec.
func (c codec) Name() string { return c.name }

// Marshal implements connect.Codec.
func (c codec) Marshal(v any) ([]byte, error) { return c.MarshalAppend(nil, v) }

// MarshalAppend is what the library uses instead of Marshal where there is one.
func (c codec) MarshalAppend(dst []byte, v any) ([]byte, error) {
	m, ok := v.(*message)
	if !ok {
		return nil, fmt.Errorf("connect: can't send a %T", v)
	}
	return append(dst, m.bytes...), nil
}

// Unmarshal implements connect.Codec. The library uses the memory of data again.
func (c codec) Unmarshal(data []byte, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("connect: can't receive a %T", v)
	}
	m.bytes, m.json = append([]byte(nil), data...), c.json
	return nil
}

// transportSecurity returns how one end of a connection is protected; nil: it isn't.
func transportSecurity(a link.Address, server bool) (*tls.Config, error) {
	return mtls.For(a, "connect", server, "h2", "http/1.1")
}
