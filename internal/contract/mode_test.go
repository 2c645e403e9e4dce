package contract_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
)

var (
	plainCarrier = component.Carrier{Name: "unix"}
	ableCarrier  = component.Carrier{Name: "able", Modes: []component.Mode{component.ModeHandle, component.ModeStream}}
)

// carried builds a contract with one method, Do, for the given bindings.
func carried(t *testing.T, signature string, by component.Carriers) *component.Contract {
	t.Helper()
	return check(t, `package p
import ("context"; "io"; "iter"; "net"; "time"; "io/fs")
var ( _ context.Context; _ io.Writer; _ iter.Seq[int]; _ net.Conn; _ time.Time; _ fs.FS )
type Item struct { N int }
type Holder struct { R io.Reader }
type Point struct { X, Y int; At time.Time }
type Session interface {
	Put(ctx context.Context, key string, value []byte) error
	Watch(ctx context.Context) (iter.Seq2[Item, error], error)
	Fork(ctx context.Context) (Session, error)
	Close() error
}
type Blocked interface { Wait(ctx context.Context, c chan<- int) error }
type Silent interface { Wait(ctx context.Context) }
type Sealed interface { Wait(ctx context.Context) error; sealed() }
type Service interface { Do`+signature+` }
`).build(t, contract.Options{Carriers: by})
}

// TestChannelComesBack: a method that takes such a channel as another one returned
// compares them, so it stays local; one that takes another channel crosses.
func TestChannelComesBack(t *testing.T) {
	for _, tt := range []struct{ methods, local string }{
		{"Subscribe() <-chan Item; Do(ch <-chan Item)", "Do(ch): (<-chan p.Item) may be a channel that Subscribe returned, and would arrive as another one"},
		{"Do(ch <-chan Item); Subscribe() (c chan Item, ok bool)", "Do(ch): (<-chan p.Item) may be a channel that Subscribe returned, and would arrive as another one"},
		{"Do(ch <-chan Item) <-chan Item", "Do(ch): (<-chan p.Item) ends with the call, and what is returned (<-chan p.Item) may use it later"},
		{"Subscribe() <-chan int; Do(ch <-chan Item)", ""},
		{"Subscribe() Item; Do(ch <-chan Item)", ""},
	} {
		c := check(t, `package p
type Item struct { N int }
type Service interface { `+tt.methods+` }
`).build(t, contract.Options{Carriers: component.Carriers{Chosen: []component.Carrier{ableCarrier}}})
		i := slices.IndexFunc(c.Methods, func(m component.Method) bool { return m.Name == "Do" })
		if m := c.Methods[i]; m.Local != tt.local || (len(m.Needs) == 0) != (tt.local != "") {
			t.Errorf("%s: local %q, needs %q, want %q", tt.methods, m.Local, m.Needs, tt.local)
		}
	}
}

// TestModes checks what a contract says of each mode when a binding carries it.
func TestModes(t *testing.T) {
	for _, tt := range []struct{ signature, want string }{
		{"(io.Reader)", `stream reader in fails`},
		{"(*Item) io.Reader", `value, stream reader out fails`},
		{"(w io.Writer)", `stream writer out fails`},
		{"() io.WriteCloser", `stream writer in closes fails`},
		{"(io.ReadWriteCloser)", `stream readwriter both closes fails`},
		{"() interface{ Read([]byte) (int, error) }", `stream reader out fails`},
		{"() iter.Seq[Item]", `stream seq out elem example.com/p.Item`},
		{"(func(yield func(*Item) bool))", `stream seq in elem *example.com/p.Item`},
		{"() iter.Seq2[Item, error]", `stream seq2 out key example.com/p.Item elem error fails`},
		{"(iter.Seq2[string, Item])", `stream seq2 in key string elem example.com/p.Item`},
		{"() <-chan []Item", `stream channel out elem []example.com/p.Item`},
		{"(<-chan Item)", `stream channel in elem example.com/p.Item`},
		{"(func(Point) bool)", `stream callback both (Point) bool`},
		{"(func(ctx context.Context, n int) error)", `stream callback both fails (ctx int) error`},
		{"(func(string, time.Time))", `stream callback out (string time.Time)`},
		{"() Session", `handle release Close Put(ctx string []uint8) error Watch(ctx) iter.Seq2[example.com/p.Item,error] error Fork(ctx) Session error Close() error`},
		{"() io.Closer", `handle release Close Close() error`},
	} {
		c := carried(t, tt.signature, component.Carriers{Chosen: []component.Carrier{ableCarrier}})
		m := c.Methods[0]
		if m.Local != "" || len(c.Problems) > 0 || len(m.Needs) == 0 || len(c.Unary()) != 0 || len(c.Remote()) != 1 {
			t.Errorf("%s: local %q, needs %q, problems %v", tt.signature, m.Local, m.Needs, c.Problems)
			continue
		}
		var got []string
		for _, p := range slices.Concat(m.Params, m.Results) {
			got = append(got, describeParam(c, p))
		}
		if said := strings.Join(got, ", "); said != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.signature, said, tt.want)
		}
		everyTypeIsDescribed(t, c)
	}
}

func describeParam(c *component.Contract, p component.Param) string {
	typ := c.Type(p.Type.ID())
	said := []string{string(c.Mode(p))}
	add := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if typ.Stream != nil {
		add("%s %s", typ.Stream.Form, p.Direction)
		if typ.Stream.Closes {
			add("closes")
		}
	}
	if typ.Lease != nil {
		add("release %s", typ.Lease.Release)
	}
	if typ.Stream != nil || typ.Lease != nil {
		if typ.Key != "" {
			add("key %s", typ.Key)
		}
		if typ.Elem != "" {
			add("elem %s", typ.Elem)
		}
	}
	if typ.Stream != nil && typ.Stream.Fails {
		add("fails")
	}
	short := func(p component.Param) string { return strings.TrimPrefix(p.Type.String(), "example.com/p.") }
	for _, m := range typ.Methods {
		var params []string
		if m.Context {
			params = append(params, "ctx")
		}
		for _, p := range m.Params {
			params = append(params, short(p))
		}
		add("%s(%s)", m.Name, strings.Join(params, " "))
		for _, r := range m.Results {
			add("%s", short(r))
		}
		if m.Error {
			add("error")
		}
	}
	return strings.Join(said, " ")
}

// everyTypeIsDescribed walks a contract as generators do, after it was data.
func everyTypeIsDescribed(t *testing.T, c *component.Contract) {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var again component.Contract
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	visited := 0
	w := again.Walker(func(v component.Visit) bool {
		visited++
		if v.Type == nil {
			t.Errorf("%s (%s) isn't described", v.Path, v.ID)
		}
		return true
	})
	w.Method(&again.Methods[0])
	if visited != len(again.Types) {
		t.Errorf("%d of %d types were visited: %s", visited, len(again.Types), data)
	}
}

// TestModeRefused checks that a mode is refused with what is missing and what to
// do, and that nothing is said of bindings where none could carry it.
func TestModeRefused(t *testing.T) {
	none := component.Carriers{Chosen: []component.Carrier{plainCarrier}, All: []component.Carrier{plainCarrier}}
	some := component.Carriers{Chosen: []component.Carrier{plainCarrier}, All: []component.Carrier{plainCarrier, ableCarrier}}
	both := component.Carriers{Chosen: []component.Carrier{ableCarrier, plainCarrier}, All: []component.Carrier{plainCarrier, ableCarrier}}
	unchosen := component.Carriers{All: []component.Carrier{plainCarrier}}
	all := component.Carriers{Chosen: []component.Carrier{ableCarrier}}
	for _, tt := range []struct {
		signature  string
		by         component.Carriers
		code, want string
	}{
		{"(io.Reader)", none, "stream-in-contract", "Reader: (io.Reader) is a stream, and binding unix carries no streams|cross with []byte where the content is bounded"},
		{"(io.Reader)", some, "stream-in-contract", "Reader: (io.Reader) is a stream, and binding unix carries no streams|bind it to able, which carries streams"},
		{"(io.Reader)", both, "stream-in-contract", "Reader: (io.Reader) is a stream, and binding unix carries no streams|bind it to able, which carries streams"},
		{"(io.Reader)", unchosen, "stream-in-contract", "Reader: (io.Reader) is a stream, and no binding carries streams|"},
		{"(io.Reader)", component.Carriers{}, "stream-in-contract", "Reader: (io.Reader) is a stream, and no binding carries streams|"},
		{"() <-chan Item", none, "chan-in-contract", "Do() result: (<-chan p.Item) is a channel; it crosses as a stream, but binding unix carries no streams|"},
		{"(f func(int) bool)", none, "func-in-contract", "Do(f): (func(int) bool) is a function; it crosses as a stream of calls, but binding unix carries no streams|"},
		{"() iter.Seq[int]", none, "iterator-in-contract", "Seq: (iter.Seq[int]) is an iterator; it crosses as a stream, but binding unix carries no streams|"},
		{"() Session", none, "stream-in-contract", "Session: (p.Session) is an interface that stays open until Close; it crosses as a handle, but binding unix carries no handles|"},
		{"() Session", some, "stream-in-contract", "Session: (p.Session) is an interface that stays open until Close; it crosses as a handle, but binding unix carries no handles|bind it to able, which carries handles"},
		{"() Blocked", none, "open-interface", "Blocked: (p.Blocked) is an interface: any type may be behind it; nor can it be a handle: Wait(c): (chan<- int) is a channel|cross with a struct"},

		// What no binding could carry.
		{"(c chan Item)", all, "chan-in-contract", "Do(c): (chan p.Item) is a channel|offer"},
		{"(c chan<- Item)", all, "chan-in-contract", "Do(c): (chan<- p.Item) is a channel|offer"},
		{"(r io.Reader) io.ReadCloser", all, "stream-in-contract", "Reader: (io.Reader) ends with the call, and what is returned (io.ReadCloser) may use it later|return what was read"},
		{"(f func(int) bool) Session", all, "func-in-contract", "Do(f): (func(int) bool) ends with the call, and what is returned (p.Session) may use it later|return what was read"},
		{"(h Holder)", all, "stream-in-contract", "Holder.R: (io.Reader) is a stream|cross"},
		{"(r []io.Reader)", all, "stream-in-contract", "Do(r)[]: (io.Reader) is a stream|cross"},
		{"(io.ReadSeeker)", all, "stream-in-contract", "ReadSeeker: (io.ReadSeeker) is a stream|cross"},
		{"(net.Conn)", all, "connection-in-contract", "Conn: (net.Conn) is a connection|"},
		{"() func()", all, "func-in-contract", "Do() result: (func()) is a function|replace"},
		{"(f func(*Item))", all, "func-in-contract", "Do(f): (func(*p.Item)) is a function|replace"},
		{"(f func([]byte) int)", all, "func-in-contract", "Do(f): (func([]byte) int) is a function|replace"},
		{"(f func(yield func() bool))", all, "iterator-in-contract", "Do(f): (func(yield func() bool)) is an iterator|return"},
		{"(Session)", all, "stream-in-contract", "Session: (p.Session) is an interface that stays open until Close|cross"},
		{"() []Session", all, "stream-in-contract", "Do() result[]: (p.Session) is an interface that stays open until Close|cross"},
		{"() Silent", all, "open-interface", "Silent: (p.Silent) is an interface: any type may be behind it|cross"},
		{"() Sealed", all, "open-interface", "Sealed: (p.Sealed) is an interface: any type may be behind it|cross"},
		{"() any", all, "open-interface", "Do() result: (any) is an interface: any type may be behind it|cross"},
		{"() <-chan io.Reader", all, "stream-in-contract", "Do() result[]: (io.Reader) is a stream|cross"},
		{"() Blocked", all, "chan-in-contract", "Blocked.Wait(c): (chan<- int) is a channel|offer"},
		{"(r io.Reader, h Holder)", all, "stream-in-contract", "Holder.R: (io.Reader) is a stream|cross"},
	} {
		c := carried(t, tt.signature, tt.by)
		message, hint, _ := strings.Cut(tt.want, "|")
		if m := c.Methods[0]; !strings.HasPrefix(m.Local, message) || len(m.Needs) > 0 || len(c.Types) > 0 {
			t.Errorf("%s: local %q, needs %q, types %v, want %q", tt.signature, m.Local, m.Needs, c.Types, message)
		}
		if len(c.Problems) != 1 || c.Problems[0].Code != tt.code || !strings.HasPrefix(c.Problems[0].Hint, hint) || c.Problems[0].Subject.Member != "Do" {
			t.Errorf("%s: %+v, want %s, hint %q", tt.signature, c.Problems, tt.code, hint)
		}
	}
}

// TestHandleComesBack: a parameter of the type of a handle that the contract gives is
// that handle again; of another one it is an interface as any other.
func TestHandleComesBack(t *testing.T) {
	for _, tt := range []struct{ methods, local string }{
		{"Begin() (Session, error); Do(s Session)", ""},
		{"Begin() (Session, error); Do(s Session, n int) (Session, error)", ""},
		{"Outer() (Outer, error); Do(s Session)", ""}, // one of its methods gives it
		{"Open() (Joined, error); Do()", ""},          // and takes it
		{"Base; Do(s Session)", ""},                   // of an embedded interface
		{"Begin() (Other, error); Do(s Session)", "Session: (p.Session) is an interface that stays open until Close"},
		{"Begin() ([]Session, error); Do(s Session)", "Session: (p.Session) is an interface that stays open until Close"},
		{"Begin() (Session, error); Do(s []Session)", "Do(s)[]: (p.Session) is an interface that stays open until Close"},
		{"Begin() (Session, error); Do(s ...Session)", "Do(s)[]: (p.Session) is an interface that stays open until Close"},
		{"Begin() (Bad, error); Do(s Bad)", "Bad.Wait(c): (chan<- int) is a channel"},
	} {
		c := check(t, `package p
type Session interface { Put(key string) error; Close() error }
type Other interface { Put(key string) error }
type Outer interface { Session(n int) (Session, error) }
type Joined interface { Fork() (Joined, error); Join(other Joined) error }
type Bad interface { Wait(c chan<- int) error }
type Base interface { Begin() (Session, error) }
type Service interface { `+tt.methods+` }
`).build(t, contract.Options{Carriers: component.Carriers{Chosen: []component.Carrier{ableCarrier}}})
		i := slices.IndexFunc(c.Methods, func(m component.Method) bool { return m.Name == "Do" })
		m := c.Methods[i]
		if m.Local != tt.local {
			t.Errorf("%s: local %q, want %q", tt.methods, m.Local, tt.local)
		}
		for _, p := range m.Params {
			if p.Type.ID() == "example.com/p.Session" && tt.local == "" && c.Mode(p) != component.ModeHandle {
				t.Errorf("%s: %s is %s", tt.methods, p.Name, c.Mode(p))
			}
		}
	}
}
