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

type namedError struct {
	name  string
	value error
}

// knownSentinels are the errors of the standard library and of the run-time that
// are themselves in every component.
func knownSentinels() []namedError {
	return []namedError{
		{"context.Canceled", context.Canceled},
		{"context.DeadlineExceeded", context.DeadlineExceeded},
		{"io.EOF", io.EOF},
		{"io.ErrUnexpectedEOF", io.ErrUnexpectedEOF},
		{"io.ErrShortBuffer", io.ErrShortBuffer},
		{"io.ErrShortWrite", io.ErrShortWrite},
		{"io.ErrNoProgress", io.ErrNoProgress},
		{"io.ErrClosedPipe", io.ErrClosedPipe},
		{"io/fs.ErrNotExist", fs.ErrNotExist},
		{"io/fs.ErrExist", fs.ErrExist},
		{"io/fs.ErrPermission", fs.ErrPermission},
		{"io/fs.ErrInvalid", fs.ErrInvalid},
		{"io/fs.ErrClosed", fs.ErrClosed},
		{"os.ErrDeadlineExceeded", os.ErrDeadlineExceeded},
		{"os.ErrProcessDone", os.ErrProcessDone},
		{"errors.ErrUnsupported", errors.ErrUnsupported},
		{"strconv.ErrSyntax", strconv.ErrSyntax},
		{"strconv.ErrRange", strconv.ErrRange},
		{"unweld/link.ErrMoved", ErrMoved},
		{"unweld/link.ErrMalformed", ErrMalformed},
		{"unweld/link.ErrTooLarge", ErrTooLarge},
		{"unweld/link.ErrClosed", ErrClosed},
		{"unweld/link.ErrPinned", ErrPinned},
		{"net.ErrClosed", net.ErrClosed},
		{"net.ErrWriteToConnected", net.ErrWriteToConnected},
	}
}

// Errors of some types keep their identity in every component. Each is the text
// of its fields; what it wraps crosses as a node of its own, with the identity
// that the component gave it.

// errnoType is the one of them that has no fields; see errsystem.go.
const errnoType = "syscall.Errno"

// blankErrors makes one of each of the other types.
func blankErrors() []error {
	return []error{
		new(fs.PathError), new(os.LinkError), new(os.SyscallError), new(net.OpError), new(net.DNSError), new(strconv.NumError), new(time.ParseError),
		new(Error), new(PanicError), new(VersionError),
	}
}

// maxFields is the largest number of fields of a known type.
const maxFields = 6

// fields are on their way out of an error of a known type, or into one.
type fields struct {
	text [maxFields]string
	n    int  // of those that have been moved
	into bool // the error
}

// move moves the fields of an error. It returns the full name of its type,
// which is empty for those that aren't known, and where it has the error that
// it wraps, if it has one.
func (f *fields) move(err error) (name string, wrapped *error) {
	switch e := err.(type) {
	case *fs.PathError:
		f.strings(&e.Op, &e.Path)
		return "io/fs.PathError", &e.Err
	case *os.LinkError:
		f.strings(&e.Op, &e.Old, &e.New)
		return "os.LinkError", &e.Err
	case *os.SyscallError:
		f.strings(&e.Syscall)
		return "os.SyscallError", &e.Err
	case *net.OpError:
		f.strings(&e.Op, &e.Net)
		f.addr(&e.Source)
		f.addr(&e.Addr)
		return "net.OpError", &e.Err
	case *net.DNSError:
		f.strings(&e.Err, &e.Name, &e.Server)
		f.flag("t", &e.IsTimeout)
		f.flag("u", &e.IsTemporary)
		f.flag("n", &e.IsNotFound)
		return "net.DNSError", &e.UnwrapErr
	case *strconv.NumError:
		f.strings(&e.Func, &e.Num)
		return "strconv.NumError", &e.Err
	case *time.ParseError:
		f.strings(&e.Layout, &e.Value, &e.LayoutElem, &e.ValueElem, &e.Message)
		return "time.ParseError", nil
	case *Error:
		f.strings(&e.Component, &e.Endpoint, &e.Address)
		notExecuted := e.Outcome == NotExecuted
		if f.flag("n", &notExecuted); f.into && notExecuted {
			e.Outcome = NotExecuted
		}
		return "unweld/link.Error", &e.Err
	case *PanicError:
		f.strings(&e.Component, &e.Endpoint, &e.Value, &e.Stack)
		return "unweld/link.PanicError", nil
	case *VersionError:
		f.strings(&e.Component, &e.Caller, &e.Callee)
		return "unweld/link.VersionError", nil
	}
	return "", nil
}

func (f *fields) strings(all ...*string) {
	for _, s := range all {
		if f.into {
			*s = f.text[f.n]
		} else {
			f.text[f.n] = *s
		}
		f.n++
	}
}

// flag moves a field that is text while it is set.
func (f *fields) flag(text string, set *bool) {
	if f.into {
		*set = f.text[f.n] == text
	} else if *set {
		f.text[f.n] = text
	}
	f.n++
}

func (f *fields) addr(a *net.Addr) {
	var network, text string
	if !f.into && *a != nil {
		network, text = (*a).Network(), (*a).String()
	}
	if f.strings(&network, &text); f.into {
		*a = decodeAddr(network, text)
	}
}

// fieldsOf returns the type and the encoded fields of an error of a known type,
// and "" for others.
func fieldsOf(err error) (name string, payload []byte) {
	defer func() { // a typed nil pointer, for one
		if recover() != nil {
			name = ""
		}
	}()
	var f fields
	if e, ok := err.(syscall.Errno); ok {
		name = errnoType
		f.text = errnoFields(e)
	} else {
		name, _ = f.move(err)
	}
	for i, s := range f.text {
		if s != "" {
			payload = appendStringField(payload, i+1, s)
		}
	}
	return name, payload
}

// errNotSent stands for a wrapped error that didn't arrive: of a tree that is
// too deep, for one.
var errNotSent = errors.New("(the wrapped error was not sent)")

// knownError makes an error of a known type; nil for others.
func knownError(n *node) (known, bad error) {
	if n.typ == "" {
		return nil, nil
	}
	f := fields{into: true}
	for src := n.payload; src != "" && bad == nil; {
		var field int
		var s string
		if field, _, s, src, bad = readField(src); bad == nil && field <= maxFields {
			f.text[field-1] = s
		}
	}
	if n.typ == errnoType {
		if bad != nil {
			return nil, bad
		}
		return decodeErrno(&f.text)
	}
	for _, err := range blankErrors() {
		f.n = 0
		name, wrapped := f.move(err)
		switch {
		case name != n.typ:
			continue
		case bad != nil:
			return nil, bad
		case wrapped != nil && len(n.children) > 0:
			*wrapped = n.children[0]
		case wrapped != nil && name != "net.DNSError": // which may wrap nothing
			*wrapped = errNotSent
		}
		return err, nil
	}
	return nil, nil
}
