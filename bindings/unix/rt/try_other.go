//go:build !unix

package unix

import "net"

// tryWriter returns a function that writes. Here it may have to wait.
func tryWriter(nc net.Conn) func([]byte) (int, error) { return nc.Write }
