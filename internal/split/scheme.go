package split

import (
	"context"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// A Scheme is what planners and targets must know of one way to link
// components: what its addresses begin with, how far it reaches, and who finds
// an address where the configuration gives none. A binding brings it; this
// package and the targets know none by name.
type Scheme struct {
	Name    string // what its addresses begin with, before the colon
	Binding string // the binding whose run-time serves and dials it

	CrossesUnits bool // reaches another process; false: a call in the same one
	CrossesHosts bool // reaches another machine
	// HostPort says that its addresses have the form NAME://host:port, and that
	// the unit that hosts a component listens at that port itself.
	HostPort bool
	// TLS says that beyond the loopback interface each unit needs a certificate,
	// a key and the authority of its peers.
	TLS bool
	// Modes are what its binding carries beside values.
	Modes []component.Mode

	// Open makes what finds addresses for one split that runs on this machine. Nil
	// where a link needs a whole address in the configuration.
	Open func(Opening) (Allocator, error)
}

// An Opening is what an allocator gets of the run that it works for.
type Opening struct {
	// Dir is a private folder with a short path that is removed after the run.
	Dir string
	// Progress hears what takes long. Nil: nobody.
	Progress func(message string)
}

// An Allocator finds the addresses of one scheme for one running split. The
// one who opened it calls its methods from one goroutine at a time.
type Allocator interface {
	// Allocate returns an address that it has given to nobody, at which the unit
	// can listen from now on. It may start what all addresses need, a broker say,
	// which outlives ctx.
	Allocate(ctx context.Context, p Placement) (address string, err error)
	// Check says why the component can't be served at an address that the
	// configuration gives.
	Check(p Placement, address string) error
	// Close releases what Allocate keeps: a broker that it started, say. The units
	// have ended by then.
	Close() error
}

// A Placement is a component, or one endpoint of it, in the unit that serves it.
type Placement struct {
	Component string
	Endpoint  string // empty: all that have no link of their own
	Unit      string
}

// Schemes are the schemes that can be used, in the order of the table that
// they come from.
type Schemes []Scheme

// Named returns the scheme with the given name, or nil.
func (s Schemes) Named(name string) *Scheme {
	return s.first(func(x *Scheme) bool { return x.Name == name })
}

// Of returns the scheme that a link has which names the binding alone, or nil.
func (s Schemes) Of(binding string) *Scheme {
	return s.first(func(x *Scheme) bool { return x.Binding == binding })
}

// InProcess returns the scheme of calls that stay in the process, or nil.
func (s Schemes) InProcess() *Scheme {
	return s.first(func(x *Scheme) bool { return !x.CrossesUnits })
}

// Default returns the scheme of a link that the configuration doesn't mention,
// for a component with the given bindings: one that reaches as far as it must,
// and no farther if there is a choice. It is nil where none does.
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

// Suggested is the binding that a hint names to one who has to choose: what
// Default takes where there are all. Without schemes it is empty.
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
