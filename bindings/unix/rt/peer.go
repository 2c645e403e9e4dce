package unix

import (
	"fmt"
	"net"
	"os"
)

// A peerError says that the process at the other end is another user's.
type peerError struct{ peer, own int }

func (e *peerError) Error() string {
	return fmt.Sprintf("the process at the other end is user %d's and this one user %d's; units on one machine run as the same user, or as root", e.peer, e.own)
}

// checkCaller refuses the processes of other users but root, as the mode of the socket
// does. It is what protects a socket before its mode is set, and one in a file system
// that knows no modes. Systems other than Linux don't say whose a process is.
func checkCaller(nc net.Conn) error {
	if peer, ok := peerUser(nc); ok && peer != os.Geteuid() && peer != 0 {
		return &peerError{peer, os.Geteuid()}
	}
	return nil
}

// checkCallee refuses a socket that another user has put in the place of a unit's. Root
// may call anybody's.
func checkCallee(nc net.Conn) error {
	if os.Geteuid() == 0 {
		return nil
	}
	return checkCaller(nc)
}
