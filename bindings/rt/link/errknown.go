package link

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// knownSentinels are the errors of the standard library and of the run-time that
// are themselves in every component.
func knownSentinels() []ErrorIdentity {
	return []ErrorIdentity{
		{name: "context.Canceled", value: context.Canceled},
		{name: "context.DeadlineExceeded", value: context.DeadlineExceeded},
		{name: "io.EOF", value: io.EOF},
		{name: "io.ErrUnexpectedEOF", value: io.ErrUnexpectedEOF},
		{name: "io.ErrShortBuffer", value: io.ErrShortBuffer},
		{name: "io.ErrShortWrite", value: io.ErrShortWrite},
		{name: "io.ErrNoProgress", value: io.ErrNoProgress},
		{name: "io.ErrClosedPipe", value: io.ErrClosedPipe},
		{name: "io/fs.ErrNotExist", value: fs.ErrNotExist},
		{name: "io/fs.ErrExist", value: fs.ErrExist},
		{name: "io/fs.ErrPermission", value: fs.ErrPermission},
		{name: "io/fs.ErrInvalid", value: fs.ErrInvalid},
		{name: "io/fs.ErrClosed", value: fs.ErrClosed},
		{name: "os.ErrDeadlineExceeded", value: os.ErrDeadlineExceeded},
		{name: "os.ErrProcessDone", value: os.ErrProcessDone},
		{name: "errors.ErrUnsupported", value: errors.ErrUnsupported},
		{name: "strconv.ErrSyntax", value: strconv.ErrSyntax},
		{name: "strconv.ErrRange", value: strconv.ErrRange},
		{name: "unweld/link.ErrMoved", value: ErrMoved},
		{name: "unweld/link.ErrMalformed", value: ErrMalformed},
		{name: "unweld/link.ErrTooLarge", value: ErrTooLarge},
		{name: "unweld/link.ErrClosed", value: ErrClosed},
		{name: "unweld/link.ErrPinned", value: ErrPinned},
		{name: "net.ErrClosed", value: net.ErrClosed},
		{name: "net.ErrWriteToConnected", value: net.ErrWriteToConnected},
	}
}

// The types of errors that keep their identity in every component. Each is the
// text of its fields; what it wraps crosses as a node of its own, with the
// identity that the component gave it. The functions that follow know one after
// the other by switches: a codec for each would take the compiler ten times as long.
const (
	pathErrorType    = "io/fs.PathError"
	linkErrorType    = "os.LinkError"
	syscallErrorType = "os.SyscallError"
	errnoType        = "syscall.Errno"
	opErrorType      = "net.OpError"
	dnsErrorType     = "net.DNSError"
	numErrorType     = "strconv.NumError"
	timeErrorType    = "time.ParseError"
	errorType        = "unweld/link.Error"
	panicErrorType   = "unweld/link.PanicError"
	versionErrorType = "unweld/link.VersionError"
)

// fieldsOf returns the type and the fields of an error of a known type, and "" for
// others.
func fieldsOf(err error) (name string, fields []string) {
	defer func() { // a typed nil pointer, for one
		if recover() != nil {
			name = ""
		}
	}()
	switch e := err.(type) {
	case *fs.PathError:
		return pathErrorType, []string{e.Op, e.Path}
	case *os.LinkError:
		return linkErrorType, []string{e.Op, e.Old, e.New}
	case *os.SyscallError:
		return syscallErrorType, []string{e.Syscall}
	case syscall.Errno:
		return errnoType, errnoFields(e)
	case *net.OpError:
		source, addr := encodeAddr(e.Source), encodeAddr(e.Addr)
		return opErrorType, []string{e.Op, e.Net, source[0], source[1], addr[0], addr[1]}
	case *net.DNSError:
		return dnsErrorType, []string{e.Err, e.Name, e.Server, flag("t", e.IsTimeout), flag("u", e.IsTemporary), flag("n", e.IsNotFound)}
	case *strconv.NumError:
		return numErrorType, []string{e.Func, e.Num}
	case *time.ParseError:
		return timeErrorType, []string{e.Layout, e.Value, e.LayoutElem, e.ValueElem, e.Message}
	case *Error:
		return errorType, []string{e.Component, e.Endpoint, e.Address, flag("n", e.Outcome == NotExecuted)}
	case *PanicError:
		return panicErrorType, []string{e.Component, e.Endpoint, e.Value, e.Stack}
	case *VersionError:
		return versionErrorType, []string{e.Component, e.Caller, e.Callee}
	}
	return "", nil
}

func flag(name string, set bool) string {
	if set {
		return name
	}
	return ""
}

// errNotSent stands for a wrapped error that didn't arrive: of a tree that is
// too deep, for one.
var errNotSent = errors.New("(the wrapped error was not sent)")

// knownError makes an error of a known type of its fields; nil for others.
func knownError(name, payload string) (err, bad error) {
	var f [maxFields]string
	bad = decodeStrings(payload, &f)
	switch name {
	case pathErrorType:
		err = &fs.PathError{Op: f[0], Path: f[1], Err: errNotSent}
	case linkErrorType:
		err = &os.LinkError{Op: f[0], Old: f[1], New: f[2], Err: errNotSent}
	case syscallErrorType:
		err = &os.SyscallError{Syscall: f[0], Err: errNotSent}
	case errnoType:
		if bad == nil {
			return decodeErrno(f[0], f[1], f[2], f[3])
		}
		return nil, bad
	case opErrorType:
		err = &net.OpError{Op: f[0], Net: f[1], Source: decodeAddr(f[2], f[3]), Addr: decodeAddr(f[4], f[5]), Err: errNotSent}
	case dnsErrorType:
		err = &net.DNSError{Err: f[0], Name: f[1], Server: f[2], IsTimeout: f[3] != "", IsTemporary: f[4] != "", IsNotFound: f[5] != ""}
	case numErrorType:
		err = &strconv.NumError{Func: f[0], Num: f[1], Err: errNotSent}
	case timeErrorType:
		err = &time.ParseError{Layout: f[0], Value: f[1], LayoutElem: f[2], ValueElem: f[3], Message: f[4]}
	case errorType:
		e := &Error{Component: f[0], Endpoint: f[1], Address: f[2], Err: errNotSent}
		if f[3] == "n" {
			e.Outcome = NotExecuted
		}
		err = e
	case panicErrorType:
		err = &PanicError{Component: f[0], Endpoint: f[1], Value: f[2], Stack: f[3]}
	case versionErrorType:
		err = &VersionError{Component: f[0], Caller: f[1], Callee: f[2]}
	default:
		return nil, nil
	}
	return err, bad
}

// wrapInto puts the error back that one of a known type wraps.
func wrapInto(err, inner error) {
	switch e := err.(type) {
	case *fs.PathError:
		e.Err = inner
	case *os.LinkError:
		e.Err = inner
	case *os.SyscallError:
		e.Err = inner
	case *net.OpError:
		e.Err = inner
	case *net.DNSError:
		e.UnwrapErr = inner
	case *strconv.NumError:
		e.Err = inner
	case *Error:
		e.Err = inner
	}
}

// maxFields is the largest number of fields of a known type.
const maxFields = 6

// decodeStrings reads a message whose fields 1..n are strings.
func decodeStrings(src string, into *[maxFields]string) error {
	for src != "" {
		field, _, s, rest, err := readField(src)
		if err != nil {
			return err
		}
		src = rest
		if field <= len(into) {
			into[field-1] = s
		}
	}
	return nil
}

func encodeStrings(b []byte, values []string) []byte {
	for i, v := range values {
		if v != "" {
			b = appendStringField(b, i+1, v)
		}
	}
	return b
}
