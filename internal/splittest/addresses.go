package splittest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// askLimit bounds how long a test binary may take to say what it asks.
const askLimit = 10 * time.Second

// Addresses assigns test binaries the addresses at which they serve components,
// using the allocators of the bindings' schemes. A test binary connects to a
// socket, sends {"component": NAME} and receives {"address": A} or {"error":
// WHY}. It is safe for concurrent use.
type Addresses struct {
	Socket string // its path

	links    map[string]*split.Scheme // by component
	opening  split.Opening
	listener net.Listener
	asked    sync.WaitGroup

	mu         sync.Mutex // held by the one who asks an allocator
	allocators map[string]split.Allocator
}

// OpenAddresses starts assigning addresses, until Close. The path of
// opening.Dir must be short enough for sockets in it. It is an error if a
// component that runs apart has no scheme with an allocator.
func OpenAddresses(ctx context.Context, plan *split.Plan, o Options, opening split.Opening) (*Addresses, error) {
	a := &Addresses{Socket: filepath.Join(opening.Dir, "addresses"), links: map[string]*split.Scheme{}, opening: opening, allocators: map[string]split.Allocator{}}
	for _, l := range plan.Links {
		if l.Endpoint == "" {
			a.links[l.Component] = o.scheme(l)
		}
	}
	for _, c := range apart(plan) { // what can't be had is said before a test runs
		if s := a.links[c]; s == nil || !s.CrossesUnits {
			continue
		}
		if _, err := a.allocate(ctx, c); err != nil {
			return nil, errors.Join(err, a.closeAllocators())
		}
	}
	var err error
	if a.listener, err = net.Listen("unix", a.Socket); err != nil {
		return nil, errors.Join(err, a.closeAllocators())
	}
	a.asked.Go(func() { a.serve(ctx) })
	return a, nil
}

// scheme is that by which tests reach a component: the link's, or for a link
// that stays in the process the one that the component would have without it. An
// address that the link has is for one instance, and tests make many.
func (o *Options) scheme(l split.Link) *split.Scheme {
	name, _, _ := strings.Cut(l.Address, ":")
	if s := o.Schemes.Named(name); name != "" && (s == nil || s.CrossesUnits) {
		return s
	}
	return o.Schemes.Default(o.Bindings[l.Component], false)
}

func (a *Addresses) serve(ctx context.Context) {
	for {
		c, err := a.listener.Accept()
		if err != nil {
			return // closed
		}
		a.asked.Go(func() {
			defer c.Close()
			a.answer(ctx, c)
		})
	}
}

func (a *Addresses) answer(ctx context.Context, c net.Conn) {
	var request struct{ Component string }
	_ = c.SetDeadline(time.Now().Add(askLimit))
	if json.NewDecoder(c).Decode(&request) != nil {
		return // the test binary sees that there is no answer
	}
	var reply struct {
		Address string `json:"address,omitempty"`
		Error   string `json:"error,omitempty"`
	}
	address, err := a.allocate(ctx, request.Component)
	if reply.Address = address; err != nil {
		reply.Address, reply.Error = "", err.Error()
	}
	_ = c.SetDeadline(time.Now().Add(askLimit))
	_ = json.NewEncoder(c).Encode(reply)
}

// allocate finds an address for a component.
func (a *Addresses) allocate(ctx context.Context, name string) (string, error) {
	s := a.links[name]
	if s == nil || s.Open == nil {
		return "", &component.UsageError{Object: name, Reason: "no address can be found for it in tests", Hint: "link it by a binding that finds its own: see docs/bindings.md"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	from := a.allocators[s.Name]
	if from == nil {
		var err error
		if from, err = s.Open(a.opening); err != nil {
			return "", fmt.Errorf("addresses of %s: %w", s.Name, err)
		}
		a.allocators[s.Name] = from
	}
	return from.Allocate(ctx, split.Placement{Component: name, Unit: name})
}

// Close stops it, and closes the allocators.
func (a *Addresses) Close() error {
	err := a.listener.Close()
	a.asked.Wait()
	return errors.Join(err, a.closeAllocators())
}

func (a *Addresses) closeAllocators() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(a.allocators)) {
		errs = append(errs, a.allocators[name].Close())
	}
	return errors.Join(errs...)
}
