package link

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"
)

// The errors of the operating system. Their numbers mean the same on both
// sides only where the systems are the same; elsewhere a number arrives as an
// error of the same text that errors.Is still finds to be fs.ErrNotExist and
// the like.

const errnoType = "syscall.Errno"

const system = runtime.GOOS + "/" + runtime.GOARCH

func errnoFields(e syscall.Errno) [maxFields]string {
	var kinds string
	for i, sentinel := range errnoKinds {
		if e.Is(sentinel) {
			kinds += strconv.Itoa(i)
		}
	}
	return [maxFields]string{system, strconv.FormatUint(uint64(e), 10), e.Error(), kinds}
}

// errnoKinds are the errors that numbers are, whatever the system.
var errnoKinds = []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, errors.ErrUnsupported}

func decodeErrno(fields *[maxFields]string) (error, error) {
	from, number, text, kinds := fields[0], fields[1], fields[2], fields[3]
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || uint64(uintptr(n)) != n {
		return nil, fmt.Errorf("error number %q: %w", number, errShort)
	}
	if from == system {
		return syscall.Errno(n), nil
	}
	foreign := &remoteError{message: text}
	for _, c := range kinds {
		if i := int(c - '0'); i >= 0 && i < len(errnoKinds) {
			foreign.is = append(foreign.is, errnoKinds[i])
		}
	}
	return foreign, nil
}

// decodeAddr makes an address; both texts are empty for none.
func decodeAddr(network, text string) net.Addr {
	ip, err := netip.ParseAddrPort(text)
	switch {
	case network == "" && text == "":
		return nil
	case network == "tcp" && err == nil:
		return net.TCPAddrFromAddrPort(ip)
	case network == "udp" && err == nil:
		return net.UDPAddrFromAddrPort(ip)
	case network == "unix" || network == "unixgram" || network == "unixpacket":
		return &net.UnixAddr{Net: network, Name: text}
	}
	return remoteAddr{network, text}
}

// A remoteAddr is an address of a type that isn't known here.
type remoteAddr [2]string

func (a remoteAddr) Network() string { return a[0] }
func (a remoteAddr) String() string  { return a[1] }
