// Package wire is used by generated codecs: it writes Go values in the protobuf
// encoding and reads them back, without message structs in between.
//
// It is part of the run-time that is copied into a user's module, so it imports
// the standard library only.
//
// # Encoding
//
// Writers append to one buffer. A nested message reserves one byte for its
// length, which is filled in when the message is closed; only messages of 128
// bytes and more are moved. Deep in a recursive value the length takes five
// bytes from the start (see [Reserve]), which readers of varints accept.
//
// Signed integers are zigzag varints (sint64), unsigned ones varints, floats
// fixed32 and fixed64. Zero values of plain fields are left out.
//
// # Presence
//
// Nil is an absent field. A slice or map that is empty but not nil sets a bit
// in a varint field with a reserved number (see [PresenceNumber]), so that the
// usual value costs no byte for it. Inside lists, a nil pointer to a struct is
// the message [Null]. A peer with a stock protobuf library can read all of these.
//
// # Strings
//
// A Go string may hold any bytes, and within a process nothing checks them.
// Codecs preserve that: text is neither checked nor changed, and the schema
// declares its strings with utf8_validation = NONE.
//
// # Reading
//
// Readers move through a string by an offset. Every function takes the offset
// and returns the next one. A negative offset is a [Fault], which later calls
// return unchanged, so that generated code checks once per message instead of
// once per field. Lengths are checked against the remaining input before
// anything is allocated for them.
package wire
