package unix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

const (
	prefix = "unix://"

	// maxPath is the longest path of a socket: sun_path without its final zero
	// is 107 bytes on Linux and 103 on macOS.
	maxPath = 103
	// maxName is what of a component's name stands in the name of its socket.
	maxName = 20
)

var scheme = split.Scheme{
	Name: "unix", CrossesUnits: true,
	Open: func(o split.Opening) (split.Allocator, error) { return &sockets{dir: o.Dir}, nil },
}

// stdio is the same protocol at the standard input and output of a program that the caller
// starts, here or, by a command such as ssh, elsewhere.
var stdio = split.Scheme{Name: "stdio", CrossesUnits: true, CrossesHosts: true, CallerStarts: true}

// sockets names the sockets of one running split, in its folder.
type sockets struct {
	dir   string
	named int
}

// Allocate names a socket; the number keeps apart those of long names, and of
// units that take turns.
func (s *sockets) Allocate(_ context.Context, p split.Placement) (string, error) {
	name := p.Component
	if len(name) > maxName {
		name = name[:maxName]
	}
	s.named++
	path := filepath.Join(s.dir, fmt.Sprintf("%s-%d", name, s.named))
	return prefix + path, checkLength(path)
}

// Check reports a path at which no socket can be made.
func (s *sockets) Check(_ split.Placement, address string) error {
	path := strings.TrimPrefix(address, prefix)
	if err := checkLength(path); err != nil {
		return err
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return errors.New("another program listens there")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 {
		return errors.New("there is a file that isn't a socket")
	}
	return nil
}

// Close does nothing: the sockets go with their folder.
func (s *sockets) Close() error { return nil }

func checkLength(path string) error {
	if len(path) <= maxPath {
		return nil
	}
	return &component.UsageError{
		Object: path, Reason: fmt.Sprintf("a unix socket's path may have %d bytes, this one has %d", maxPath, len(path)),
		Hint: "use a shorter name, or set XDG_RUNTIME_DIR to a folder with a short path",
	}
}
