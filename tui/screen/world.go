package screen

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A World is the module as it was read: what the screens show.
type World struct {
	Found   *component.Result
	Content func(rel string) ([]byte, error) // of a file, as it was when it was read
	Code    func(name string) (codes.Code, bool)
	// Packages is what was found with each package as a component.
	Packages func(context.Context) (*component.Result, error)
	Draft    func(ctx context.Context, split string) (*engine.Draft, error)
	// PackageAt, EndpointAt and ComponentAt are where a package, an endpoint or a component is declared,
	// which is its contract or its first package; the zero Span where that isn't known.
	PackageAt   func(path string) text.Span
	EndpointAt  func(*component.FoundEndpoint) text.Span
	ComponentAt func(*component.Found) text.Span
	// Targets are what a refactoring can be told to work on, as it wants them spelled, sorted.
	Targets func() []string
	// Offers are what can be done at a place, or about a problem that is shown there.
	Offers func(at text.Span, about *component.Problem) []engine.Offer
	Do     func(context.Context, engine.Offer) (change.Set, error)
	Diff   func(change.Set) (string, error)
	Apply  func(context.Context, change.Set) error
	Undo   func(context.Context) (title string, err error)
	// Splits are the names of the splits that can be planned, sorted.
	Splits func() []string
	// Running is what runs of the module, and when that was so.
	Running      func(context.Context) (time.Time, *engine.SplitStatus, error)
	MoveRunning  func(ctx context.Context, m engine.SplitMove, loseState bool) error
	ApplyRunning func(ctx context.Context, split string, loseState bool) error
	// RestoreRunning takes back what was moved between two moments, the latest of which must be as things are now.
	RestoreRunning func(ctx context.Context, before, after *engine.SplitStatus, loseState bool) error

	components map[string]*component.Found
	hazards    map[string][]*component.Hazard
	uses       map[string][]*component.Coupling
	usedBy     map[string][]*component.Coupling
}

// NewWorld returns the world of a result.
func NewWorld(found *component.Result, content func(rel string) ([]byte, error), code func(name string) (codes.Code, bool)) *World {
	w := &World{Content: content, Code: code}
	w.show(found)
	return w
}

// With returns the same module with something else that was found in it.
func (w *World) With(found *component.Result) *World {
	other := *w
	other.show(found)
	return &other
}

func (w *World) show(found *component.Result) {
	w.Found, w.components, w.hazards = found, map[string]*component.Found{}, map[string][]*component.Hazard{}
	w.uses, w.usedBy = map[string][]*component.Coupling{}, map[string][]*component.Coupling{}
	for i := range found.Components {
		w.components[found.Components[i].Name] = &found.Components[i]
	}
	for i := range found.Hazards {
		h := &found.Hazards[i]
		w.hazards[h.Component] = append(w.hazards[h.Component], h)
	}
	for i := range found.Couplings {
		c := &found.Couplings[i]
		w.uses[c.From] = append(w.uses[c.From], c)
		w.usedBy[c.To] = append(w.usedBy[c.To], c)
	}
}

// Component returns the component of that name, or nil.
func (w *World) Component(name string) *component.Found { return w.components[name] }

// NamedAt is where an endpoint of a component is declared, such as Quote of pricing, or the component
// if no endpoint is named; the zero Span where that isn't known.
func (w *World) NamedAt(name, endpoint string) text.Span {
	c := w.Component(name)
	switch {
	case c == nil:
		return text.Span{}
	case endpoint == "":
		return w.ComponentAt(c)
	}
	for i := range c.Endpoints {
		if e := &c.Endpoints[i]; e.Name == endpoint || strings.HasSuffix(e.Name, "."+endpoint) {
			return w.EndpointAt(e)
		}
	}
	return text.Span{}
}

// Hazards are those of a component; of "", those that belong to none.
func (w *World) Hazards(name string) []*component.Hazard { return w.hazards[name] }

// Uses are the couplings from a component to others.
func (w *World) Uses(name string) []*component.Coupling { return w.uses[name] }

// UsedBy are the couplings from others to a component.
func (w *World) UsedBy(name string) []*component.Coupling { return w.usedBy[name] }

// Coupling returns the references from one component to another, or nil.
func (w *World) Coupling(from, to string) *component.Coupling {
	for _, c := range w.uses[from] {
		if c.To == to {
			return c
		}
	}
	return nil
}

// Mistakes are what keeps the result from being the whole truth: code that
// doesn't load, mistakes in unweld.yaml.
func (w *World) Mistakes() []component.Problem {
	var all []component.Problem
	for _, p := range w.Found.Problems {
		if p.Severity == component.Error {
			all = append(all, p)
		}
	}
	return all
}

// Short is a package path without that of the module, which all have in common.
func (w *World) Short(path string) string {
	if w.Found.Module == "" {
		return path
	}
	if path == w.Found.Module {
		return "."
	}
	return strings.TrimPrefix(path, w.Found.Module+"/")
}

// ByNone is how things are called that belong to no component.
const ByNone = "(none)"

// Count is a number of things in words: "1 component", "2 components".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
