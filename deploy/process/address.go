package process

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// check reports what of a plan has no meaning for local processes.
func check(plan *split.Plan) []split.Problem {
	var ps []split.Problem
	add := func(sev component.Severity, message, hint string) {
		ps = append(ps, split.Problem{Code: "split-target", Severity: sev, Message: message, Hint: hint})
	}
	for _, u := range plan.Units {
		if u.Packaging != "" && u.Packaging != "binary" {
			add(component.Warn, fmt.Sprintf("unit %s: packaging %s is ignored, it runs as a local process", u.Name, u.Packaging), "")
		}
		if u.Isolation == "goroutine" && u.Name != plan.Entry {
			add(component.Error, fmt.Sprintf("unit %s: isolation goroutine can't be had in a process of its own", u.Name), "put its components into unit "+plan.Entry)
		}
		if u.Scale.Min > 1 {
			add(component.Warn, fmt.Sprintf("unit %s: one process runs, not %d", u.Name, u.Scale.Min), "")
		}
	}
	for _, l := range plan.Links {
		switch scheme, _, _ := strings.Cut(l.Address, ":"); scheme {
		case "unix", "grpc", "inproc":
		default:
			add(component.Error, fmt.Sprintf("%s: local processes can't be linked by %s", l.Component, scheme), "use unix or grpc")
		}
	}
	return component.SortProblems(ps)
}

// resolve completes the addresses of a plan. A component that stays in its
// unit under running keeps its address; one that moves gets a new one, so that
// its old and its new host can listen at the same time.
func (s *supervisor) resolve(plan, running *split.Plan) (*split.Plan, error) {
	p := *plan
	p.Links = make([]split.Link, len(plan.Links))
	for i, l := range plan.Links {
		if running != nil {
			if old := linkIn(running, l); old != nil && old.Unit == l.Unit && sameScheme(old.Address, l.Address) {
				l.Address = old.Address
				p.Links[i] = l
				continue
			}
		}
		address, err := s.complete(l)
		if err != nil {
			return nil, err
		}
		l.Address = address
		p.Links[i] = l
	}
	return &p, nil
}

func linkIn(plan *split.Plan, l split.Link) *split.Link {
	for i := range plan.Links {
		if plan.Links[i].Component == l.Component && plan.Links[i].Endpoint == l.Endpoint {
			return &plan.Links[i]
		}
	}
	return nil
}

// sameScheme reports whether have satisfies want: the same address, or one of
// the scheme that want consists of.
func sameScheme(have, want string) bool {
	return have == want || strings.HasSuffix(want, ":") && strings.HasPrefix(have, want)
}

func (s *supervisor) complete(l split.Link) (string, error) {
	switch {
	case l.Address == "unix:":
		s.sockets++
		name := l.Component
		if len(name) > 20 {
			name = name[:20]
		}
		path, err := s.dir.socket(fmt.Sprintf("%s-%d", name, s.sockets))
		return "unix://" + path, err
	case l.Address == "grpc:":
		port, err := freePort()
		return "grpc://127.0.0.1:" + strconv.Itoa(port), err
	case strings.HasPrefix(l.Address, "unix://"):
		return l.Address, checkSocket(l)
	case strings.HasPrefix(l.Address, "grpc://"):
		return l.Address, checkPort(l)
	}
	return l.Address, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// checkSocket reports a given socket path that can't be used.
func checkSocket(l split.Link) error {
	path := strings.TrimPrefix(l.Address, "unix://")
	if len(path) > maxSocketPath {
		return tooLong(path)
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return inUse(l, "another program listens there")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 {
		return inUse(l, "a file that is no socket is there")
	}
	return nil
}

// checkPort reports a given port that is taken.
func checkPort(l split.Link) error {
	ln, err := net.Listen("tcp", strings.TrimPrefix(l.Address, "grpc://"))
	if err != nil {
		reason := err.Error()
		if errors.Is(err, syscall.EADDRINUSE) {
			reason = "another program listens there"
		}
		return inUse(l, reason)
	}
	return ln.Close()
}

func inUse(l split.Link, reason string) error {
	return &component.UsageError{
		Object: l.Address, Reason: fmt.Sprintf("%s can't be served here: %s", l.Component, reason),
		Hint: "end the other program, or name the binding alone in unweld.yaml and let unweld pick an address",
	}
}
