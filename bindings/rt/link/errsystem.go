package link

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// The errors of the operating system. Their numbers mean the same on both
// sides only where the systems are the same; elsewhere a number arrives as an
// error of the same text that errors.Is still finds to be fs.ErrNotExist and
// the like.

const system = runtime.GOOS + "/" + runtime.GOARCH

// errnoIdentity registers the numbers. It isn't a TypedError: what is decoded
// may be of another type.
func errnoIdentity() ErrorIdentity {
	return ErrorIdentity{
		name: "syscall.Errno",
		encode: func(b []byte, err error) ([]byte, bool) {
			e, ok := err.(syscall.Errno)
			if !ok {
				return b, false
			}
			return encodeErrno(b, e), true
		},
		decode: decodeErrno,
	}
}

func encodeErrno(b []byte, e syscall.Errno) []byte {
	var kinds string
	for i, sentinel := range errnoKinds {
		if e.Is(sentinel) {
			kinds += strconv.Itoa(i)
		}
	}
	return encodeStrings(b, system, strconv.FormatUint(uint64(e), 10), e.Error(), kinds)
}

// errnoKinds are the errors that numbers are, whatever the system.
var errnoKinds = []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, errors.ErrUnsupported}

func decodeErrno(src string) (error, error) {
	var from, number, text, kinds string
	if err := decodeStrings(src, &from, &number, &text, &kinds); err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || uint64(uintptr(n)) != n {
		return nil, fmt.Errorf("error number %q: %w", number, errShort)
	}
	if from == system {
		return syscall.Errno(n), nil
	}
	foreign := &remoteError{message: text, goType: "syscall.Errno of " + from}
	for _, c := range kinds {
		if i := int(c - '0'); i >= 0 && i < len(errnoKinds) {
			foreign.is = append(foreign.is, errnoKinds[i])
		}
	}
	return foreign, nil
}

func encodeFileLinkError(b []byte, e *os.LinkError) []byte {
	return encodeStrings(b, e.Op, e.Old, e.New)
}

func decodeFileLinkError(src string) (*os.LinkError, error) {
	e := os.LinkError{Err: errNotSent}
	err := decodeStrings(src, &e.Op, &e.Old, &e.New)
	return &e, err
}

func encodeSyscallError(b []byte, e *os.SyscallError) []byte { return encodeStrings(b, e.Syscall) }

func decodeSyscallError(src string) (*os.SyscallError, error) {
	e := os.SyscallError{Err: errNotSent}
	err := decodeStrings(src, &e.Syscall)
	return &e, err
}

func encodeOpError(b []byte, e *net.OpError) []byte {
	source, addr := encodeAddr(e.Source), encodeAddr(e.Addr)
	return encodeStrings(b, e.Op, e.Net, source[0], source[1], addr[0], addr[1])
}

func decodeOpError(src string) (*net.OpError, error) {
	e := net.OpError{Err: errNotSent}
	var source, addr [2]string
	err := decodeStrings(src, &e.Op, &e.Net, &source[0], &source[1], &addr[0], &addr[1])
	e.Source, e.Addr = decodeAddr(source), decodeAddr(addr)
	return &e, err
}

// encodeAddr gives the network and the text of an address; both are empty for
// none.
func encodeAddr(a net.Addr) [2]string {
	if a == nil {
		return [2]string{}
	}
	return [2]string{a.Network(), a.String()}
}

func decodeAddr(a [2]string) net.Addr {
	ip, err := netip.ParseAddrPort(a[1])
	switch {
	case a == [2]string{}:
		return nil
	case a[0] == "tcp" && err == nil:
		return net.TCPAddrFromAddrPort(ip)
	case a[0] == "udp" && err == nil:
		return net.UDPAddrFromAddrPort(ip)
	case a[0] == "unix" || a[0] == "unixgram" || a[0] == "unixpacket":
		return &net.UnixAddr{Net: a[0], Name: a[1]}
	}
	return remoteAddr(a)
}

// A remoteAddr is an address of a type that isn't known here.
type remoteAddr [2]string

func (a remoteAddr) Network() string { return a[0] }
func (a remoteAddr) String() string  { return a[1] }

func encodeDNSError(b []byte, e *net.DNSError) []byte {
	flag := func(name string, set bool) string {
		if set {
			return name
		}
		return ""
	}
	return encodeStrings(b, e.Err, e.Name, e.Server, flag("t", e.IsTimeout), flag("u", e.IsTemporary), flag("n", e.IsNotFound))
}

func decodeDNSError(src string) (*net.DNSError, error) {
	var e net.DNSError
	var timeout, temporary, notFound string
	err := decodeStrings(src, &e.Err, &e.Name, &e.Server, &timeout, &temporary, &notFound)
	e.IsTimeout, e.IsTemporary, e.IsNotFound = timeout != "", temporary != "", notFound != ""
	return &e, err
}
