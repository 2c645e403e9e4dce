// Package http carries calls over HTTP as JSON that a person would write.
// Generated code describes each component's messages with [Describe]; by that
// description the protobuf encoding that all bindings share is turned into JSON
// and back, so that whatever crosses one of them crosses this one too.
//
//	POST /pricing/quote
//	{"sku": "A-1", "quantity": 2}
//
//	200 OK
//	{"total": 3998}
//
// Values that JSON has no form for have one of their own:
//
//   - integers beyond ±(2^53-1), which many readers would round, are strings;
//   - NaN and the infinities are "NaN", "Infinity" and "-Infinity"; a NaN with
//     other bits than Go's is "NaN:7ff8000000000abc";
//   - a byte of a string that isn't UTF-8 is a lone surrogate, \udc80 to \udcff;
//   - []byte is base64, a time.Time RFC 3339, a time.Duration "1.5s";
//   - nil slices, maps and pointers are null, empty ones [] and {}; a pointer to
//     what may be null itself is null or a list of one;
//   - a sealed interface is {"type": "circle", "value": {...}};
//   - a map whose keys have no text is a list of {"key": ..., "value": ...}.
//
// A call that fails is answered with application/problem+json. What HTTP has no
// place for travels in headers: Unweld-Timeout, Unweld-Metadata and, between
// units, the schema. Callers that name a schema also get what JSON alone loses,
// such as the name of a time's zone. Where their names of fields aren't the
// callee's, though the schemas are compatible, the two use the binary form.
//
// A call is reported as not executed only on evidence: its request was never
// handed to a connection, or the server says that it has turned it away.
//
// Plaintext is spoken on loopback addresses only. Elsewhere, and at https://
// addresses, TLS is required: UNWELD_TLS_CERT and UNWELD_TLS_KEY name the files
// of this unit's certificate, UNWELD_TLS_CA those of the authority its peers are
// checked against.
package http

import "github.com/unweld/unweld/bindings/rt/link"

func init() {
	link.Register(link.Transport{Scheme: "https", Dial: dial, Listen: listen})
	link.Register(link.Transport{Scheme: "http", Dial: dial, Listen: listen})
}

// MaxMessage is the size of the largest request or reply.
const MaxMessage = 64 << 20

// The headers of requests and replies.
const (
	headerTimeout    = "Unweld-Timeout"    // what is left of the caller's deadline: 1.5s
	headerMetadata   = "Unweld-Metadata"   // one key=value each, escaped as in a query
	headerSchema     = "Unweld-Schema"     // the caller's
	headerCompatible = "Unweld-Compatible" // what else the caller's schema can talk to, separated by commas
	headerNames      = "Unweld-Names"      // identifies the names of fields, of caller and callee
	headerStatus     = "Unweld-Status"     // ok, error, refused, failed: nothing else is a reply of a unit
	headerRefused    = "Unweld-Refused"    // names: ask again in the binary form
)

const (
	typeJSON    = "application/json"
	typeProblem = "application/problem+json"
	typeBinary  = "application/vnd.unweld" // the protobuf encoding
)
