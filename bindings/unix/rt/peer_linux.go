package unix

import (
	"net"
	"syscall"
)

// peerUser is the user of the process that connected, or that began to listen. It isn't
// known of what is no socket.
func peerUser(nc net.Conn) (uid int, ok bool) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *syscall.Ucred
	if raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}) != nil || err != nil {
		return 0, false
	}
	return int(cred.Uid), true
}
