package kubernetes

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// firstPort is the first of the ports that links get which name none.
const firstPort = 7001

// An emitter turns one plan into objects.
type emitter struct {
	plan  *split.Plan
	opts  deploy.EmitOptions
	ports map[string]int // component -> port at which its unit serves it; missing: it isn't served at one
}

// givePorts finds the port of each link whose unit listens itself.
func (e *emitter) givePorts() error {
	e.ports = map[string]int{}
	taken := map[int]bool{}
	for _, u := range e.plan.Units {
		for _, p := range u.Ports {
			taken[p] = true
		}
	}
	for _, l := range e.plan.Links {
		s, rest := e.scheme(l)
		if !s.HostPort || rest == "" {
			continue
		}
		_, port, err := net.SplitHostPort(strings.TrimPrefix(rest, "//"))
		n, errNumber := strconv.Atoi(port)
		if err != nil || errNumber != nil || n < 1 || n > 65535 {
			return &component.UsageError{Object: l.Address, Reason: fmt.Sprintf("%s: an address here is %s://host:port", l.Component, s.Name), Hint: "or name the binding alone"}
		}
		e.ports[l.Component], taken[n] = n, true
	}
	next := firstPort
	for _, l := range e.plan.Links {
		switch s, rest := e.scheme(l); {
		case s.HostPort && rest == "":
			for taken[next] {
				next++
			}
			e.ports[l.Component], taken[next] = next, true
		case s.CrossesUnits && rest == "":
			return &component.UsageError{Object: l.Component, Reason: fmt.Sprintf("a link by %s has no address of its own in a cluster", s.Name), Hint: "give it a whole address in the links of the split"}
		}
	}
	return nil
}

// linkPort is the port in a link's address, or 0.
func linkPort(address string) int {
	_, rest, _ := strings.Cut(address, "://")
	_, port, err := net.SplitHostPort(rest)
	n, errNumber := strconv.Atoi(port)
	if err != nil || errNumber != nil {
		return 0
	}
	return n
}

// scheme is a link's scheme and what follows its colon.
func (e *emitter) scheme(l split.Link) (*split.Scheme, string) {
	name, rest, _ := strings.Cut(l.Address, ":")
	if s := e.opts.Schemes.Named(name); s != nil {
		return s, rest
	}
	return &split.Scheme{Name: name}, rest // refused before
}

// address is that of a link for a unit: where the unit serves the component, or
// where it reaches it.
func (e *emitter) address(l split.Link, unit string) string {
	port, listens := e.ports[l.Component]
	s, rest := e.scheme(l)
	switch {
	case !listens:
		return l.Address
	case l.Unit == unit:
		return fmt.Sprintf("%s://:%d", s.Name, port)
	case rest != "":
		return l.Address
	}
	return fmt.Sprintf("%s://%s:%d", s.Name, objectName(l.Unit), port)
}

// served lists the links that a unit listens for, in the order of their ports.
func (e *emitter) served(unit string) []split.Link {
	links := slices.DeleteFunc(slices.Clone(e.plan.Links), func(l split.Link) bool { return l.Unit != unit || e.ports[l.Component] == 0 })
	slices.SortFunc(links, func(a, b split.Link) int { return e.ports[a.Component] - e.ports[b.Component] })
	return links
}

// needsTLS reports whether a link to or from another unit wants a certificate.
func (e *emitter) needsTLS() bool {
	return slices.ContainsFunc(e.plan.Links, func(l split.Link) bool {
		s, _ := e.scheme(l)
		return s.TLS
	})
}
