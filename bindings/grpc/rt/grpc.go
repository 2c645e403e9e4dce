// Package grpc carries calls over gRPC. Payloads are protobuf already, so they
// pass through as bytes; a stock client with the generated .proto can make the
// same calls: the service of component "pricing" is "pricing.Service", its
// methods are the endpoints.
//
// What gRPC has no place for travels in metadata: the caller's schema, link
// metadata, and in the trailers of a failed call the error's tree and small
// results beside it; large ones are a message before them. A plain client sees the status UNKNOWN with the error's message.
//
// A call that failed is reported as not executed only on evidence: its request
// was never handed to a connection, or the server says in a trailer that it has
// turned the call away. All other failures have an unknown outcome, and nothing
// repeats them.
//
// Plaintext is spoken on loopback addresses only. Elsewhere TLS is required:
// UNWELD_TLS_CERT and UNWELD_TLS_KEY name the files of this unit's certificate,
// UNWELD_TLS_CA those of the authority its peers are checked against.
package grpc

import (
	"encoding/binary"
	"strings"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"

	"github.com/unweld/unweld/bindings/rt/link"
)

func init() {
	link.Register(link.Transport{Scheme: "grpc", Dial: dial, Listen: listen})
}

// MaxMessage is the size of the largest request or reply.
const MaxMessage = 64 << 20

// maxTrailer is the size of the largest results that travel in the trailers of a
// call that failed. Larger ones are a message before them: peers and proxies
// limit their headers, and a list of headers above the limit ends the connection.
const maxTrailer = 4 << 10

// Names in metadata. Those that end in -bin carry any bytes.
const (
	keySchema     = "unweld-schema-bin"
	keyCompatible = "unweld-compatible-bin"
	keyMetadata   = "unweld-metadata-bin"
	keyStatus     = "unweld-status"
	keyError      = "unweld-error-bin"
	keyBody       = "unweld-body-bin"
	keyRefused    = "unweld-refused" // in the trailers of a call that the server has not executed
)

// helloMethod is the call that a connection starts with.
const helloMethod = "/unweld.Link/Hello"

func serviceName(component string) string {
	return strings.ReplaceAll(component, "-", "_") + ".Service"
}

// rawCodec passes []byte and requests out, and string in. The messages of gRPC's own
// services are left to its codec.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	switch v := v.(type) {
	case *request:
		v.taken.Store(true) // the connection may hold on to the copy after a cancelled call
		return mem.BufferSlice{mem.Copy(v.bytes, mem.DefaultBufferPool())}, nil
	case []byte:
		return mem.BufferSlice{mem.SliceBuffer(v)}, nil
	}
	return encoding.GetCodecV2(rawCodec{}.Name()).Marshal(v)
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	s, ok := v.(*string)
	if !ok {
		return encoding.GetCodecV2(rawCodec{}.Name()).Unmarshal(data, v)
	}
	var whole strings.Builder
	whole.Grow(data.Len())
	for _, part := range data {
		whole.Write(part.ReadOnlyData())
	}
	*s = whole.String()
	return nil
}

// pair encodes one key and value of link metadata.
func pair(key, value string) string {
	return string(binary.AppendUvarint(nil, uint64(len(key)))) + key + value
}

func parsePair(s string) (key, value string, ok bool) {
	n, size := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen64)]))
	if size <= 0 || n > uint64(len(s)-size) {
		return "", "", false
	}
	return s[size : size+int(n)], s[size+int(n):], true
}
