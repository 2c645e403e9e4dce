package link

import (
	"fmt"
	"net/url"
	"strings"
)

// An Address says how a component is reached:
//
//	inproc:            a function call in this process
//	inproc:?copy=1     the same, with arguments and results copied
//	unix:///run/x.sock a socket of this machine
//	stdio:./plugin -q  the standard input and output of a program that is started
//	grpc://host:port   and whatever else a transport registers
type Address struct {
	Scheme string
	Host   string // host:port, where the scheme has one
	Path   string
	Copy   bool // inproc: arguments and results go through the codec
	Query  url.Values
}

// ParseAddress parses an address. It doesn't check that the scheme is
// registered.
func ParseAddress(s string) (Address, error) {
	if scheme, command, ok := strings.Cut(s, ":"); ok && strings.EqualFold(scheme, "stdio") {
		return Address{Scheme: "stdio", Path: command}, nil // no URL: a command has spaces and more
	}
	u, err := url.Parse(s)
	if err != nil {
		return Address{}, fmt.Errorf("link address %q: %v", s, err)
	}
	if u.Scheme == "" {
		return Address{}, fmt.Errorf("link address %q has no scheme; write for example unix:///path or grpc://host:port", s)
	}
	a := Address{Scheme: strings.ToLower(u.Scheme), Host: u.Host, Path: u.Path, Query: u.Query()}
	if u.Opaque != "" {
		a.Path = u.Opaque
	}
	switch a.Scheme {
	case "inproc":
		if a.Host != "" || a.Path != "" {
			return Address{}, fmt.Errorf("link address %q: inproc takes no host or path", s)
		}
		if v := a.Query.Get("copy"); v != "" && v != "0" && v != "1" {
			return Address{}, fmt.Errorf("link address %q: copy is 0 or 1", s)
		}
		a.Copy = a.Query.Get("copy") == "1"
	case "unix":
		if a.Host != "" || !strings.HasPrefix(a.Path, "/") {
			return Address{}, fmt.Errorf("link address %q: the path of a socket is absolute: unix:///run/x.sock", s)
		}
	}
	return a, nil
}

// InProcess reports whether a call to the address stays in the process.
func (a Address) InProcess() bool { return a.Scheme == "inproc" }

func (a Address) String() string {
	if a.Scheme == "stdio" {
		return a.Scheme + ":" + a.Path
	}
	u := url.URL{Scheme: a.Scheme, Host: a.Host, Path: a.Path, RawQuery: a.Query.Encode()}
	return u.String()
}
