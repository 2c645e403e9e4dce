//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package unix

import "os"

// redirect takes standard input and output. In their places are an empty input, and
// standard error; who has kept os.Stdout from before must not write to it.
func redirect() (in, out *os.File, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	in, out = os.Stdin, os.Stdout
	os.Stdin, os.Stdout = null, os.Stderr
	return in, out, nil
}
