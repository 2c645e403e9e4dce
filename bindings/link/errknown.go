package link

import (
	"context"
	"errors"
	"io"
	"io/fs"
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
		TypedError("io/fs.PathError", encodePathError, decodePathError),
		TypedError("strconv.NumError", encodeNumError, decodeNumError),
		TypedError("time.ParseError", encodeTimeError, decodeTimeError),
		TypedError("unweld/link.Error", encodeLinkError, decodeLinkError),
		TypedError("unweld/link.PanicError", encodePanic, decodePanic),
		TypedError("unweld/link.VersionError", encodeVersion, decodeVersion),
	}
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

func encodeInner(err error) string {
	if err == nil {
		return ""
	}
	return string(innerErrors().Append(nil, err))
}

func decodeInner(src string) (error, error) {
	if src == "" {
		return nil, nil
	}
	return innerErrors().Parse(src)
}

// innerErrors is the registry for an error inside one of the run-time's own
// types. It is made at first use: it lists the very codecs that ask for it.
var innerErrors func() *Errors

func init() {
	innerErrors = sync.OnceValue(func() *Errors { return NewErrors() })
}

func encodePathError(b []byte, e *fs.PathError) []byte {
	return encodeStrings(b, e.Op, e.Path, encodeInner(e.Err))
}

func decodePathError(src string) (*fs.PathError, error) {
	var e fs.PathError
	var inner string
	if err := decodeStrings(src, &e.Op, &e.Path, &inner); err != nil {
		return nil, err
	}
	var err error
	e.Err, err = decodeInner(inner)
	return &e, err
}

func encodeNumError(b []byte, e *strconv.NumError) []byte {
	return encodeStrings(b, e.Func, e.Num, encodeInner(e.Err))
}

func decodeNumError(src string) (*strconv.NumError, error) {
	var e strconv.NumError
	var inner string
	if err := decodeStrings(src, &e.Func, &e.Num, &inner); err != nil {
		return nil, err
	}
	var err error
	e.Err, err = decodeInner(inner)
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
	return encodeStrings(b, e.Component, e.Endpoint, e.Address, outcome, encodeInner(e.Err))
}

func decodeLinkError(src string) (*Error, error) {
	var e Error
	var outcome, inner string
	if err := decodeStrings(src, &e.Component, &e.Endpoint, &e.Address, &outcome, &inner); err != nil {
		return nil, err
	}
	if outcome == "n" {
		e.Outcome = NotExecuted
	}
	var err error
	e.Err, err = decodeInner(inner)
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
