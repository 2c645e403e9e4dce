package link

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// knownErrors are the errors of the standard library and of the run-time that
// keep their identity in every component.
func knownErrors() []ErrorIdentity {
	return []ErrorIdentity{
		Sentinel("context.Canceled", context.Canceled),
		Sentinel("context.DeadlineExceeded", context.DeadlineExceeded),
		Sentinel("io.EOF", io.EOF),
		Sentinel("io.ErrUnexpectedEOF", io.ErrUnexpectedEOF),
		Sentinel("io.ErrShortBuffer", io.ErrShortBuffer),
		Sentinel("io.ErrShortWrite", io.ErrShortWrite),
		Sentinel("io.ErrNoProgress", io.ErrNoProgress),
		Sentinel("io.ErrClosedPipe", io.ErrClosedPipe),
		Sentinel("io/fs.ErrNotExist", fs.ErrNotExist),
		Sentinel("io/fs.ErrExist", fs.ErrExist),
		Sentinel("io/fs.ErrPermission", fs.ErrPermission),
		Sentinel("io/fs.ErrInvalid", fs.ErrInvalid),
		Sentinel("io/fs.ErrClosed", fs.ErrClosed),
		Sentinel("os.ErrDeadlineExceeded", os.ErrDeadlineExceeded),
		Sentinel("os.ErrProcessDone", os.ErrProcessDone),
		Sentinel("errors.ErrUnsupported", errors.ErrUnsupported),
		Sentinel("strconv.ErrSyntax", strconv.ErrSyntax),
		Sentinel("strconv.ErrRange", strconv.ErrRange),
		Sentinel("unweld/link.ErrMoved", ErrMoved),
		Sentinel("unweld/link.ErrMalformed", ErrMalformed),
		Sentinel("unweld/link.ErrTooLarge", ErrTooLarge),
		Sentinel("unweld/link.ErrClosed", ErrClosed),
		Sentinel("unweld/link.ErrPinned", ErrPinned),
		Sentinel("net.ErrClosed", net.ErrClosed),
		Sentinel("net.ErrWriteToConnected", net.ErrWriteToConnected),
		wrapping("io/fs.PathError", encodePathError, decodePathError, func(e *fs.PathError, inner error) { e.Err = inner }),
		wrapping("os.LinkError", encodeFileLinkError, decodeFileLinkError, func(e *os.LinkError, inner error) { e.Err = inner }),
		wrapping("os.SyscallError", encodeSyscallError, decodeSyscallError, func(e *os.SyscallError, inner error) { e.Err = inner }),
		errnoIdentity(),
		wrapping("net.OpError", encodeOpError, decodeOpError, func(e *net.OpError, inner error) { e.Err = inner }),
		wrapping("net.DNSError", encodeDNSError, decodeDNSError, func(e *net.DNSError, inner error) { e.UnwrapErr = inner }),
		wrapping("strconv.NumError", encodeNumError, decodeNumError, func(e *strconv.NumError, inner error) { e.Err = inner }),
		TypedError("time.ParseError", encodeTimeError, decodeTimeError),
		wrapping("unweld/link.Error", encodeLinkError, decodeLinkError, func(e *Error, inner error) { e.Err = inner }),
		TypedError("unweld/link.PanicError", encodePanic, decodePanic),
		TypedError("unweld/link.VersionError", encodeVersion, decodeVersion),
	}
}

// wrapping registers an error type that wraps another error, which crosses as
// a node of its own: with the identity that the component gave it.
func wrapping[E error](name string, encode func(b []byte, err E) []byte, decode func(src string) (E, error), wrap func(err E, inner error)) ErrorIdentity {
	id := TypedError(name, encode, decode)
	id.wrap = func(err, inner error) { wrap(err.(E), inner) }
	return id
}

// decodeStrings reads a message whose fields 1..n are strings.
func decodeStrings(src string, into ...*string) error {
	for src != "" {
		field, _, s, rest, err := readField(src)
		if err != nil {
			return err
		}
		src = rest
		if field <= len(into) {
			*into[field-1] = s
		}
	}
	return nil
}

func encodeStrings(b []byte, values ...string) []byte {
	for i, v := range values {
		if v != "" {
			b = appendStringField(b, i+1, v)
		}
	}
	return b
}

// innerErrors is the registry of errors that belong to no component.
var innerErrors = sync.OnceValue(func() *Errors { return NewErrors() })

// errNotSent stands for a wrapped error that didn't arrive: of a tree that is
// too deep, for one.
var errNotSent = errors.New("(the wrapped error was not sent)")

func encodePathError(b []byte, e *fs.PathError) []byte { return encodeStrings(b, e.Op, e.Path) }

func decodePathError(src string) (*fs.PathError, error) {
	e := fs.PathError{Err: errNotSent}
	err := decodeStrings(src, &e.Op, &e.Path)
	return &e, err
}

func encodeNumError(b []byte, e *strconv.NumError) []byte { return encodeStrings(b, e.Func, e.Num) }

func decodeNumError(src string) (*strconv.NumError, error) {
	e := strconv.NumError{Err: errNotSent}
	err := decodeStrings(src, &e.Func, &e.Num)
	return &e, err
}

func encodeTimeError(b []byte, e *time.ParseError) []byte {
	return encodeStrings(b, e.Layout, e.Value, e.LayoutElem, e.ValueElem, e.Message)
}

func decodeTimeError(src string) (*time.ParseError, error) {
	var e time.ParseError
	err := decodeStrings(src, &e.Layout, &e.Value, &e.LayoutElem, &e.ValueElem, &e.Message)
	return &e, err
}

func encodeLinkError(b []byte, e *Error) []byte {
	outcome := ""
	if e.Outcome == NotExecuted {
		outcome = "n"
	}
	return encodeStrings(b, e.Component, e.Endpoint, e.Address, outcome)
}

func decodeLinkError(src string) (*Error, error) {
	e := Error{Err: errNotSent}
	var outcome string
	err := decodeStrings(src, &e.Component, &e.Endpoint, &e.Address, &outcome)
	if outcome == "n" {
		e.Outcome = NotExecuted
	}
	return &e, err
}

func encodePanic(b []byte, e *PanicError) []byte {
	return encodeStrings(b, e.Component, e.Endpoint, e.Value, e.Stack)
}

func decodePanic(src string) (*PanicError, error) {
	var e PanicError
	err := decodeStrings(src, &e.Component, &e.Endpoint, &e.Value, &e.Stack)
	return &e, err
}

func encodeVersion(b []byte, e *VersionError) []byte {
	return encodeStrings(b, e.Component, e.Caller, e.Callee)
}

func decodeVersion(src string) (*VersionError, error) {
	var e VersionError
	err := decodeStrings(src, &e.Component, &e.Caller, &e.Callee)
	return &e, err
}
