// Package wire is what generated codecs stand on: the protobuf encoding,
// written from and read into Go values without messages in between.
//
// It is part of the run-time that is copied into a user's module, so it
// imports the standard library only.
//
// # Encoding
//
// Writers append forward into one buffer. A nested message reserves one byte
// for its length and is patched when it is closed; only messages of 128 bytes
// and more are moved. Deep in a recursive value the length takes five bytes from
// the start (see [Reserve]), which readers of varints accept.
//
// Signed integers are zigzag varints (sint64), unsigned ones varints, floats
// fixed32 and fixed64. Zero values of plain fields are left out.
//
// # Presence
//
// Nil is an absent field. A slice or map that is empty but not nil sets a bit
// in a varint field with a reserved number (see [PresenceNumber]), so that the
// usual value costs no byte for it. Inside lists, a nil pointer to a struct is
// the message [Null]. A peer with a stock protobuf library reads all of these.
//
// # Strings
//
// A Go string may hold any bytes, and in one process nothing looks at them.
// Codecs keep it so: text is neither checked nor changed, and the schema
// declares its strings with utf8_validation = NONE.
//
// # Reading
//
// Readers walk a string with an offset. Every function takes the offset and
// returns the next one; a negative offset is a [Fault] and sticks, so that
// generated code checks once a message instead of once a field. Lengths are
// checked against what is there before anything is allocated for them.
package wire
