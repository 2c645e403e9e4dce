package process

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
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
	for _, u := range plan.Units {
		for _, e := range u.Endpoints {
			name, _, _ := strings.Cut(e, ".")
			if c := plan.Component(name); c != nil && c.Store != "" {
				add(component.Error, fmt.Sprintf("unit %s: endpoint %s can't run apart from unit %s: one process at a time has the store of %s open", u.Name, e, c.Unit, name),
					"move it to unit "+c.Unit)
			}
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
// unit under running keeps its address; one that moves gets another one, so
// that its old and its new host can listen at the same time.
func (s *supervisor) resolve(plan, running *split.Plan) (*split.Plan, error) {
	p := clonePlan(plan)
	if running == nil {
		running = &split.Plan{}
	}
	for i := range p.Links {
		l := &p.Links[i]
		if old := linkIn(running, *l); old != nil && old.Unit == l.Unit && sameScheme(old.Address, l.Address) {
			l.Address = old.Address
			continue
		}
		address, err := s.complete(*l, running)
		if err != nil {
			return nil, err
		}
		l.Address = address
	}
	return p, s.placeStores(p)
}

// clonePlan copies what a move changes.
func clonePlan(plan *split.Plan) *split.Plan {
	p := *plan
	p.Links, p.Units, p.Components = slices.Clone(plan.Links), slices.Clone(plan.Units), slices.Clone(plan.Components)
	return &p
}

// placeStores says where the components with a store keep it: relative to the
// module's root, and below .unweld/state where the configuration names no place.
func (s *supervisor) placeStores(plan *split.Plan) error {
	root := s.opts.Dir
	if filepath.IsAbs(s.opts.Key) {
		root = s.opts.Key
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	for i := range plan.Components {
		c := &plan.Components[i]
		if c.Store == "" {
			continue
		}
		if c.StatePath == "" {
			c.StatePath = filepath.Join(".unweld", "state", c.Name+".db")
		}
		if !filepath.IsAbs(c.StatePath) {
			c.StatePath = filepath.Join(root, c.StatePath)
		}
		if err := os.MkdirAll(filepath.Dir(c.StatePath), 0o700); err != nil {
			return fmt.Errorf("%s: a place for its state: %w", c.Name, err)
		}
	}
	return nil
}

func linkIn(plan *split.Plan, l split.Link) *split.Link {
	for i := range plan.Links {
		if plan.Links[i].Component == l.Component && plan.Links[i].Endpoint == l.Endpoint {
			return &plan.Links[i]
		}
	}
	return nil
}

func sortLinks(links []split.Link) {
	slices.SortFunc(links, func(a, b split.Link) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Endpoint, b.Endpoint))
	})
}

// sameScheme reports whether have satisfies want: the same address, or one of
// the scheme that want consists of.
func sameScheme(have, want string) bool {
	return have == want || strings.HasSuffix(want, ":") && strings.HasPrefix(have, want)
}

// complete finds the address of a link. Each unit serves a component at one
// address for as long as the run lasts, unless running uses that elsewhere.
func (s *supervisor) complete(l split.Link, running *split.Plan) (string, error) {
	taken := func(address string) bool {
		return slices.ContainsFunc(running.Links, func(o split.Link) bool { return o.Address == address })
	}
	key := l.Unit + "/" + l.Component + "/" + l.Endpoint
	if had := s.addresses[key]; had != "" && sameScheme(had, l.Address) && !taken(had) {
		return had, nil
	}
	scheme, _, _ := strings.Cut(l.Address, ":")
	given := l.Address != scheme+":"
	if given && running.Split != "" && s.gaveOut(l.Address) {
		given = false // its last host still listens there
	}
	address, err := l.Address, error(nil)
	switch {
	case given && scheme == "unix":
		err = checkSocket(l)
	case given && scheme == "grpc":
		err = checkPort(l)
	case scheme == "unix":
		address, err = s.newSocket(l)
	case scheme == "grpc":
		var port int
		port, err = freePort()
		address = "grpc://127.0.0.1:" + strconv.Itoa(port)
	}
	if err == nil {
		s.addresses[key] = address
	}
	return address, err
}

func (s *supervisor) gaveOut(address string) bool {
	for _, a := range s.addresses {
		if a == address {
			return true
		}
	}
	return false
}

// newSocket names a socket for a component; the number keeps apart those of
// long names, and of units that take turns.
func (s *supervisor) newSocket(l split.Link) (string, error) {
	name := l.Component
	if len(name) > 20 {
		name = name[:20]
	}
	s.sockets++
	path, err := s.dir.socket(fmt.Sprintf("%s-%d", name, s.sockets))
	return "unix://" + path, err
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
