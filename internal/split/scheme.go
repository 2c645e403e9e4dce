package split

import (
	"context"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// A Scheme is what planners and targets must know of one way to link
// components: the scheme of its addresses, how far it reaches, and how to
// allocate an address if the configuration has none. Bindings provide schemes;
// this package and the targets know none by name.
type Scheme struct {
	Name    string // of its addresses, before the colon
	Binding string // the binding whose run-time serves and dials it

	CrossesUnits bool // reaches another process; false: a call in the same one
	CrossesHosts bool // reaches another machine
	// CallerStarts says that each caller starts a process of its own that hosts the component.
	// No split has such links: its units are started by a target, and are each one for all.
	CallerStarts bool
	// HostPort says that its addresses have the form NAME://host:port, and that
	// the unit that hosts a component listens at that port itself.
	HostPort bool
	// TLS says that beyond the loopback interface each unit needs a certificate,
	// a key and the authority of its peers.
	TLS bool
	// Modes are those that its binding carries in addition to those that every
	// binding carries.
	Modes []component.Mode

	// Open creates the allocator of addresses for one split that runs on this
	// machine. Nil: every link needs a complete address in the configuration, if it can
	// be in one.
	Open func(Opening) (Allocator, error)
}

// An Opening describes a run to an allocator.
type Opening struct {
	// Dir is a private folder with a short path that is removed after the run.
	Dir string
	// Progress is called with a message before something that takes long. May
	// be nil.
	Progress func(message string)
}

// An Allocator assigns the addresses of one scheme for one running split. It
// isn't safe for concurrent use.
type Allocator interface {
	// Allocate returns an unused address at which the unit can listen. It may
	// start a process that all addresses need, such as a broker, which
	// outlives ctx.
	Allocate(ctx context.Context, p Placement) (address string, err error)
	// Check returns why the component can't be served at an address from the
	// configuration.
	Check(p Placement, address string) error
	// Close releases the resources of Allocate, after the units have ended.
	Close() error
}

// A Placement is a component, or one endpoint, in the unit that serves it.
type Placement struct {
	Component string
	Endpoint  string // empty: all that have no link of their own
	Unit      string
}

// Schemes are the available schemes, in the order of the table of bindings.
type Schemes []Scheme

// Named returns the scheme with the given name, or nil.
func (s Schemes) Named(name string) *Scheme {
	return s.first(func(x *Scheme) bool { return x.Name == name })
}

// Of returns the scheme of a link that names only the binding, or nil.
func (s Schemes) Of(binding string) *Scheme {
	return s.first(func(x *Scheme) bool { return x.Binding == binding })
}

// InProcess returns the scheme of calls that stay in the process, or nil.
func (s Schemes) InProcess() *Scheme {
	return s.first(func(x *Scheme) bool { return !x.CrossesUnits })
}

// Default returns the scheme of a link that the configuration doesn't mention,
// for a component with the given bindings: the one with the shortest sufficient
// reach, or nil if none reaches far enough.
func (s Schemes) Default(bindings []string, acrossHosts bool) *Scheme {
	bound := func(x *Scheme) bool {
		return x.CrossesUnits && x.Open != nil && slices.Contains(bindings, x.Binding)
	}
	if !acrossHosts {
		if near := s.first(func(x *Scheme) bool { return bound(x) && !x.CrossesHosts }); near != nil {
			return near
		}
	}
	if far := s.first(func(x *Scheme) bool { return bound(x) && (x.CrossesHosts || !acrossHosts) }); far != nil {
		return far
	}
	return s.first(func(x *Scheme) bool { return x.CrossesUnits && slices.Contains(bindings, x.Binding) })
}

// Suggested returns the binding that hints propose, or "" if there are no
// schemes.
func (s Schemes) Suggested(acrossHosts bool) string {
	if x := s.Default(s.Bindings(), acrossHosts); x != nil {
		return x.Binding
	}
	return ""
}

// Bindings lists the bindings of the schemes, in their order, each once.
func (s Schemes) Bindings() []string {
	var names []string
	for _, x := range s {
		if !slices.Contains(names, x.Binding) {
			names = append(names, x.Binding)
		}
	}
	return names
}

// Names lists the schemes, in their order.
func (s Schemes) Names() []string {
	var names []string
	for _, x := range s {
		names = append(names, x.Name)
	}
	return names
}

func (s Schemes) first(is func(*Scheme) bool) *Scheme {
	for i := range s {
		if is(&s[i]) {
			return &s[i]
		}
	}
	return nil
}
