package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/split"
)

// withBinding puts a binding that carries streams, handles and registered types into the table for
// the time of a test. got returns the request that its generator got last.
func withBinding(t *testing.T) (got func() *generate.Request) {
	t.Helper()
	var last *generate.Request
	unable(t)
	allbindings.Bindings = append(slices.Clone(allbindings.Bindings), &bindings.Binding{
		Name: "pipe", Doc: "A binding of a test.",
		Traits: bindings.Traits{Unary: true, Streams: true, Handles: true, Registered: true, Deadlines: true, Cancellation: true, Metadata: true},
		Schemes: []split.Scheme{{Name: "pipe", CrossesUnits: true, Open: func(split.Opening) (split.Allocator, error) {
			return nil, errors.New("nothing is served")
		}}},
		Check: bindings.CheckCrossing("pipe"),
		Generate: func(_ context.Context, r *generate.Request) (*generate.Output, error) {
			last = r
			return &generate.Output{}, nil
		},
	})
	return func() *generate.Request { return last }
}

// unable takes streams, handles and registered types from the bindings of the table, for the
// time of a test.
func unable(t *testing.T) {
	t.Helper()
	before := allbindings.Bindings
	t.Cleanup(func() { allbindings.Bindings = before })
	allbindings.Bindings = slices.Clone(before)
	for i, b := range before {
		without := *b
		without.Traits.Streams, without.Traits.Handles, without.Traits.Registered = false, false, false
		allbindings.Bindings[i] = &without
	}
}

const streaming = `-- go.mod --
module m

go 1.24
-- depot/depot.go --
package depot

import (
	"context"
	"io"
	"iter"
)

type Event struct{ N int }

type Session interface {
	Put(ctx context.Context, key string, value []byte) error
	Close() error
}

type Service interface {
	Upload(ctx context.Context, name string, body io.Reader) (int, error)
	Watch(ctx context.Context, from int) (iter.Seq2[Event, error], error)
	Open(ctx context.Context, name string) (Session, error)
	Size(ctx context.Context, name string) (int, error)
}

type plain struct{}

func New() Service { return plain{} }

func (plain) Upload(_ context.Context, _ string, body io.Reader) (int, error) {
	p := make([]byte, 8)
	return body.Read(p)
}

func (plain) Watch(context.Context, int) (iter.Seq2[Event, error], error) {
	return func(yield func(Event, error) bool) { yield(Event{1}, nil) }, nil
}

func (plain) Open(context.Context, string) (Session, error) { return nil, nil }

func (plain) Size(_ context.Context, name string) (int, error) { return len(name), nil }
-- words/words.go --
package words

import "io"

func Count(r io.Reader) (int, error) {
	p := make([]byte, 64)
	return r.Read(p)
}

func Length(s string) (int, error) { return len(s), nil }
-- main.go --
package main

import (
	"context"
	"os"

	"m/depot"
	"m/words"
)

func main() {
	ctx := context.Background()
	d := depot.New()
	if _, err := d.Upload(ctx, "a", os.Stdin); err != nil {
		os.Exit(1)
	}
	if _, err := d.Watch(ctx, 1); err != nil {
		os.Exit(1)
	}
	if _, err := d.Open(ctx, "a"); err != nil {
		os.Exit(1)
	}
	_, _ = d.Size(ctx, "a")
	_, _ = words.Count(os.Stdin)
	_, _ = words.Length("a")
}
-- unweld.yaml --
version: 1
components:
  depot: {packages: [./depot], contract: ./depot.Service}
  words: {packages: [./words]}
  main: {packages: [.]}
splits:
  two:
    units: {main: {components: ["*"]}, depot: {components: [depot]}, words: {components: [words]}}
    links: {depot: LINK, words: LINK}
`

// verbsSay asks each verb what it says of the endpoints of the module, and returns
// the lines that are about one of them. bound are the bindings to bind depot to.
func verbsSay(t *testing.T, s *Session, bound ...string) map[string][]string {
	t.Helper()
	said := map[string][]string{}
	found, err := s.Find(t.Context(), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hazard := func(verb string, hs []component.Hazard) {
		for _, h := range hs {
			if !preview.SolvedByExtract(h.Name) {
				said[verb] = append(said[verb], h.Name+": "+h.Message)
			}
		}
	}
	hazard("find", found.Hazards)
	explained, err := s.Explain(t.Context(), "main", "depot")
	if err != nil {
		t.Fatal(err)
	}
	hazard("explain", explained.Hazards)
	preview, err := s.SplitPreview(t.Context(), PreviewOptions{Name: "two"})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range preview.Local {
		said["preview"] = append(said["preview"], l.Endpoint+": "+l.Reason)
	}
	set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./words", Params: map[string]string{"name": "words", "keep-signatures": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range set.Notes {
		if strings.Contains(n.Message, "stays local") {
			said["extract"] = append(said["extract"], n.Message)
		}
	}
	set, err = s.Bind(t.Context(), BindOptions{Component: "depot", To: bound})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range set.Notes {
		if n.Code != "" {
			said["bind"] = append(said["bind"], n.Code+": "+n.Message)
		}
	}
	return said
}

// TestModes asks every verb of streams and handles: where no binding carries them
// each names what is missing; where one does, none objects, and its generator gets
// a contract that has them; where a chosen one doesn't, bind and preview name it.
func TestModes(t *testing.T) {
	at := func(link string) *Session { return module(t, strings.ReplaceAll(streaming, "LINK", link)) }
	t.Run("none", func(t *testing.T) {
		unable(t)
		said := verbsSay(t, at("unix"), "unix")
		for _, verb := range []string{"find", "explain", "preview", "extract"} {
			one(t, verb, said[verb], "no binding carries streams")
		}
		for _, verb := range []string{"find", "explain", "preview"} {
			one(t, verb, said[verb], "no binding carries handles")
		}
		one(t, "bind", said["bind"], "stream-in-contract: (io.Reader) is a stream, and binding unix carries no streams")
		one(t, "bind", said["bind"], "iterator-in-contract: (iter.Seq2[depot.Event, error]) is an iterator; it crosses as a stream, but binding unix carries no streams")
		one(t, "bind", said["bind"], "it crosses as a handle, but binding unix carries no handles")
	})
	got := withBinding(t)
	t.Run("all", func(t *testing.T) {
		for verb, lines := range verbsSay(t, at("pipe"), "pipe") {
			t.Errorf("%s still says %q", verb, lines)
		}
		c := got().Contract
		if len(c.Methods) != 4 || len(c.Remote()) != 4 || len(c.Unary()) != 1 {
			t.Fatalf("the generator gets %+v", c.Methods)
		}
		for i, want := range []component.Mode{component.ModeStream, component.ModeStream, component.ModeHandle} {
			if !slices.Equal(c.Methods[i].Needs, []component.Mode{want}) {
				t.Errorf("%s needs %q, want %s", c.Methods[i].Name, c.Methods[i].Needs, want)
			}
		}
		if p := c.Methods[0].Params[1]; c.Mode(p) != component.ModeStream || p.Direction != component.In {
			t.Errorf("body is %+v", p)
		}
		if p := c.Methods[2].Results[0]; c.Mode(p) != component.ModeHandle || len(c.Type(p.Type.ID()).Methods) != 2 {
			t.Errorf("the session is %+v", p)
		}
		var names []string
		for _, m := range got().Schema.Methods {
			names = append(names, m.Name)
		}
		if want := []string{"Upload", "Watch", "Open", "Size", "Session_Put", "Session_Close"}; !slices.Equal(names, want) {
			t.Errorf("the schema has the methods %q, want %q", names, want)
		}
	})
	t.Run("one of two", func(t *testing.T) {
		said := verbsSay(t, at("unix"), "pipe", "unix")
		if len(said["find"])+len(said["explain"])+len(said["extract"]) > 0 {
			t.Errorf("one binding carries them, and still: %q", said)
		}
		one(t, "preview", said["preview"], "Upload: it needs streams, and binding unix carries no streams")
		one(t, "preview", said["preview"], "Open: it needs handles, and binding unix carries no handles")
		one(t, "preview", said["preview"], "words.Count: it needs streams, and binding unix carries no streams")
		one(t, "bind", said["bind"], "is a stream, and binding unix carries no streams")
		if c := got().Contract; len(c.Remote()) != 1 || c.Methods[0].Local == "" || c.Pinned != "" {
			t.Errorf("the generator gets %+v", c)
		}
	})
}

// one checks that one of the lines, and no other, has a text.
func one(t *testing.T, verb string, lines []string, text string) {
	t.Helper()
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, text) }) {
		t.Errorf("%s doesn't say %q, but %q", verb, text, lines)
	}
}

// TestBoundToLess binds to a binding that carries streams, and then to one that
// doesn't: the endpoint stays with its callers, and the lock says so.
func TestBoundToLess(t *testing.T) {
	withBinding(t)
	s := module(t, strings.ReplaceAll(streaming, "LINK", "pipe"))
	for _, step := range []struct{ to, needs, local string }{
		{"pipe", "stream", ""},
		{"", "stream", ""}, // as before
		{"unix", "", "Reader: (io.Reader) is a stream, and binding unix carries no streams"},
	} {
		var to []string
		if step.to != "" {
			to = []string{step.to}
		}
		upload := endpointsAfterBind(t, s, BindOptions{Component: "depot", To: to})[0]
		var needs []string
		for _, n := range upload.Needs {
			needs = append(needs, string(n))
		}
		if strings.Join(needs, " ") != step.needs || upload.Local != step.local {
			t.Errorf("bound to %q, Upload is %+v", step.to, upload)
		}
	}
}

// endpointsAfterBind binds a component and returns what unweld.lock says of its
// endpoints then.
func endpointsAfterBind(t *testing.T, s *Session, opts BindOptions) []component.Endpoint {
	t.Helper()
	set, err := s.Bind(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		t.Fatal(err)
	}
	return l.Components[opts.Component].Endpoints
}

const registering = `-- go.mod --
module m

go 1.24
-- cache/cache.go --
package cache

import "context"

type Item struct{ Attrs map[string]any }

type Service interface {
	Put(ctx context.Context, value any) error
	Bad(ctx context.Context, value any) error
	Read(ctx context.Context, value any) error
	Deep(ctx context.Context, item Item) error
	Size(ctx context.Context, name string) (int, error)
}

type none struct{}

func New() Service { return none{} }

func (none) Put(context.Context, any) error                  { return nil }
func (none) Bad(context.Context, any) error                  { return nil }
func (none) Read(context.Context, any) error                 { return nil }
func (none) Deep(context.Context, Item) error                { return nil }
func (none) Size(_ context.Context, name string) (int, error) { return len(name), nil }
-- words/words.go --
package words

func Count(v any) (int, error) { return 1, nil }

func Length(s string) (int, error) { return len(s), nil }
-- main.go --
package main

import (
	"context"
	"encoding/gob"
	"os"

	"m/cache"
	"m/words"
)

func main() {
	ctx := context.Background()
	c := cache.New()
	_ = c.Put(ctx, 1)
	_ = c.Put(ctx, &cache.Item{Attrs: map[string]any{"a": []any{true}}})
	_ = c.Bad(ctx, make(chan int))
	var v any
	_ = gob.NewDecoder(os.Stdin).Decode(&v)
	_ = c.Read(ctx, v)
	_ = c.Deep(ctx, cache.Item{Attrs: map[string]any{"b": 2.5}})
	_, _ = c.Size(ctx, "a")
	_, _ = words.Count("a")
	_, _ = words.Length("a")
}
-- unweld.yaml --
version: 1
components:
  depot: {packages: [./cache], contract: ./cache.Service}
  words: {packages: [./words]}
  main: {packages: [.]}
splits:
  two:
    units: {main: {components: ["*"]}, depot: {components: [depot]}, words: {components: [words]}}
    links: {depot: LINK, words: LINK}
`

// TestRegistered asks every verb of interfaces that anything may be behind. Where
// no binding carries registered types each says so; where one does, those of which
// bind knows that something else is behind stay local with that reason, and its
// generator gets the types of the others.
func TestRegistered(t *testing.T) {
	at := func(link string) *Session { return module(t, strings.ReplaceAll(registering, "LINK", link)) }
	unable(t)
	t.Run("none", func(t *testing.T) {
		said := verbsSay(t, at("unix"), "unix")
		for _, verb := range []string{"find", "explain", "preview", "extract"} {
			one(t, verb, said[verb], "no binding carries values of registered types")
		}
		one(t, "bind", said["bind"], "Put(value): (any) is an interface: any type may be behind it; it crosses as a value of a registered type, but binding unix carries no values of registered types")
		one(t, "bind", said["bind"], "Bad(value).(chan int): (chan int) is a channel, put there at main.go:")
		one(t, "bind", said["bind"], "Read(value): (any) is an interface: any type may be behind it; some of them aren't known: gob.Decoder.Decode may fill it (main.go:")
		one(t, "bind", said["bind"], "Item.Attrs[]: (any) is an interface: any type may be behind it; it crosses as a value of a registered type, but binding unix")
	})
	got := withBinding(t)
	t.Run("all", func(t *testing.T) {
		said := verbsSay(t, at("pipe"), "pipe")
		if n := len(said["find"]) + len(said["explain"]) + len(said["preview"]); n > 0 {
			t.Errorf("one binding carries them, and still: %q", said)
		}
		if n := len(said["extract"]); n > 0 { // a string is all that main gives words.Count
			t.Errorf("the types behind the interface are known, and still: %q", said["extract"])
		}
		one(t, "bind", said["bind"], "Bad(value).(chan int): (chan int) is a channel")
		one(t, "bind", said["bind"], "some of them aren't known: gob.Decoder.Decode may fill it")
		c := got().Contract
		var crosses []string
		for _, m := range c.Remote() {
			crosses = append(crosses, m.Name)
		}
		if strings.Join(crosses, " ") != "Put Deep Size" || len(c.Unary()) != 3 {
			t.Fatalf("the generator gets %+v", c.Methods)
		}
		var behind []string
		for _, f := range c.Type("any").Fields {
			behind = append(behind, string(f.Type))
			if c.Type(f.Type) == nil {
				t.Errorf("%s isn't described", f.Type)
			}
		}
		if want := "*m/cache.Item []any bool float64 int"; strings.Join(behind, " ") != want {
			t.Errorf("registered are %q, want %s", behind, want)
		}
	})
	t.Run("one of two", func(t *testing.T) {
		said := verbsSay(t, at("unix"), "pipe", "unix")
		one(t, "preview", said["preview"], "Put: it needs values of registered types, and binding unix carries no values of registered types")
		one(t, "preview", said["preview"], "words.Count: it needs values of registered types, and binding unix carries no values of registered types")
		one(t, "bind", said["bind"], "binding unix carries no values of registered types")
	})
}

// TestHandleChangesArgument has handles whose methods change an argument, by
// themselves or by what they call. From there nothing travels back, so the endpoint
// that returns such a handle stays with its callers; one whose methods only read
// doesn't.
func TestHandleChangesArgument(t *testing.T) {
	got := withBinding(t)
	s := module(t, strings.ReplaceAll(streaming, "LINK", "pipe")+`
-- depot/depot.go --
package depot

import "context"

type Filler interface {
	Fill(ctx context.Context, key string, into []byte) error
}

type Summer interface {
	Sum(ctx context.Context, of []byte) (int, error)
}

type Service interface {
	Filler(ctx context.Context) (Filler, error)
	Summer(ctx context.Context) (Summer, error)
}

type plain struct{ data []byte }

func New() Service { return &plain{} }

func (p *plain) Filler(context.Context) (Filler, error) { return filler{p}, nil }

func (p *plain) Summer(context.Context) (Summer, error) { return summer{}, nil }

type filler struct{ p *plain }

func (f filler) Fill(_ context.Context, _ string, into []byte) error { f.p.write(into); return nil }

func (p *plain) write(b []byte) { copy(b, p.data) }

type summer struct{}

func (summer) Sum(_ context.Context, of []byte) (int, error) { return len(of), nil }
-- main.go --
package main

import (
	"context"

	"m/depot"
	"m/words"
)

func main() {
	ctx := context.Background()
	d := depot.New()
	f, _ := d.Filler(ctx)
	_ = f.Fill(ctx, "a", make([]byte, 8))
	u, _ := d.Summer(ctx)
	_, _ = u.Sum(ctx, nil)
	_, _ = words.Length("a")
}
`)
	set, err := s.Bind(t.Context(), BindOptions{Component: "depot", To: []string{"pipe"}})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, n := range set.Notes {
		said = append(said, n.Code+": "+n.Message)
	}
	one(t, "bind", said, "callee-mutates-argument: Filler().Fill(into): Fill changes what its parameter into leads to")
	methods := got().Contract.Methods
	if len(methods) != 2 || !strings.Contains(methods[0].Local, "parameter into") || methods[1].Local != "" {
		t.Errorf("the generator gets %+v", methods)
	}
}
