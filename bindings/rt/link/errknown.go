package link

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"reflect"
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
		{"unweld/link.ErrTooDeep", ErrTooDeep},
		{"unweld/link.ErrClosed", ErrClosed},
		{"unweld/link.ErrPinned", ErrPinned},
		{"net.ErrClosed", net.ErrClosed},
		{"net.ErrWriteToConnected", net.ErrWriteToConnected},
	}
}

// knownTypes are the types of errors that keep their identity in every component,
// beside syscall.Errno. Each crosses as the text of its fields, in their order;
// what it wraps crosses as a node of its own, with the identity that the component
// gave it.
func knownTypes() []namedError {
	return []namedError{
		{"io/fs.PathError", (*fs.PathError)(nil)},
		{"os.LinkError", (*os.LinkError)(nil)},
		{"os.SyscallError", (*os.SyscallError)(nil)},
		{"net.OpError", (*net.OpError)(nil)},
		{"net.DNSError", (*net.DNSError)(nil)},
		{"strconv.NumError", (*strconv.NumError)(nil)},
		{"time.ParseError", (*time.ParseError)(nil)},
		{"unweld/link.CertificateError", (*CertificateError)(nil)},
		{"unweld/link.Error", (*Error)(nil)},
		{"unweld/link.PanicError", (*PanicError)(nil)},
		{"unweld/link.VersionError", (*VersionError)(nil)},
	}
}

// maxFields is the largest number of texts that a known type has.
const maxFields = 6

// fields are on their way out of an error of a known type, or into one.
type fields struct {
	text [maxFields]string
	n    int  // of those that have been moved
	into bool // the error
}

// move moves the fields of a struct. It returns where that has the error that it
// wraps, if there is one. It writes only into the error.
func (f *fields) move(v reflect.Value) (wrapped *error) {
	for i := range v.NumField() {
		switch p := v.Field(i).Addr().Interface().(type) {
		case *string:
			f.string(p)
		case *bool:
			f.flag(p)
		case *Outcome:
			surely := *p == NotExecuted
			if f.flag(&surely); f.into && surely {
				*p = NotExecuted
			}
		case *net.Addr:
			f.addr(p)
		case *error:
			wrapped = p
		}
	}
	return wrapped
}

func (f *fields) string(s *string) {
	if f.into {
		*s = f.text[f.n]
	} else {
		f.text[f.n] = *s
	}
	f.n++
}

// flag moves a field that is text while it is set.
func (f *fields) flag(set *bool) {
	if f.into {
		*set = f.text[f.n] != ""
	} else if *set {
		f.text[f.n] = "n"
	}
	f.n++
}

func (f *fields) addr(a *net.Addr) {
	var network, text string
	if !f.into && *a != nil {
		network, text = (*a).Network(), (*a).String()
	}
	f.string(&network)
	if f.string(&text); f.into {
		*a = decodeAddr(network, text)
	}
}

// fieldsOf returns the type and the encoded fields of an error of a known type,
// and "" for others.
func fieldsOf(err error) (name string, payload []byte) {
	var f fields
	if e, ok := err.(syscall.Errno); ok {
		name, f.text = errnoType, errnoFields(e)
	}
	for _, t := range knownTypes() {
		if reflect.TypeOf(t.value) == reflect.TypeOf(err) && try(func() { f.move(reflect.ValueOf(err).Elem()) }) == nil {
			name = t.name
		}
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
	for _, t := range knownTypes() {
		if t.name != n.typ {
			continue
		}
		err := reflect.New(reflect.TypeOf(t.value).Elem())
		switch wrapped := f.move(err.Elem()); {
		case wrapped != nil && len(n.children) > 0:
			*wrapped = n.children[0]
		case wrapped != nil && t.name != "net.DNSError": // which may wrap nothing
			*wrapped = errNotSent
		}
		return err.Interface().(error), bad
	}
	return nil, nil
}
