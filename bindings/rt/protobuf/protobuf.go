// Package protobuf lets the messages of a program cross as themselves: by the wire format
// that google.golang.org/protobuf has for them, in which fields that one side doesn't know
// survive.
package protobuf

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// A message crosses as it would be passed in one process: also without fields that it is
// required to have. The same message gives the same bytes.
var (
	marshal   = proto.MarshalOptions{Deterministic: true, AllowPartial: true}
	unmarshal = proto.UnmarshalOptions{AllowPartial: true}
)

// AppendMarshaledMessage appends the length of m and m.
func AppendMarshaledMessage(b []byte, m proto.Message) ([]byte, error) {
	t, err := marshal.Marshal(m)
	if err != nil {
		return b, fmt.Errorf("encode %T: %w", m, err)
	}
	return wire.AppendBytes(b, t), nil
}

// UnmarshalMessage reads a message of which the length stands at i in s. It returns where it
// ends, or a negative fault.
func UnmarshalMessage(s string, i int, m proto.Message) int {
	t, i := wire.Message(s, i)
	if i < 0 {
		return i
	}
	if err := unmarshal.Unmarshal([]byte(t), m); err != nil {
		return wire.Refused
	}
	return i
}
