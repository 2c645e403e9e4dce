package link_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// The scheme "mem" reaches units in the same process.
var memory = struct {
	sync.Mutex
	m map[string]link.Accept
}{m: make(map[string]link.Accept)}

func init() { link.Register(link.Transport{Scheme: "mem", Dial: dialMemory, Listen: listenMemory}) }

type memConn struct{ target *link.Target }

func dialMemory(_ context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	memory.Lock()
	accept := memory.m[a.Host]
	memory.Unlock()
	if accept == nil {
		return nil, errors.New("nobody listens")
	}
	t, err := accept(h)
	return memConn{t}, err
}

func (c memConn) Call(_ context.Context, call link.Outgoing) (link.Reply, error) {
	in := link.Incoming{Endpoint: c.target.Index(call.Endpoint.ID), Request: string(call.Request), Metadata: call.Metadata}
	status, tree, body := c.target.Serve(context.Background(), in, nil)
	return link.Reply{Status: status, Error: string(tree), Body: string(body)}, nil
}

func (memConn) Usable() bool { return true }
func (memConn) Close() error { return nil }

type memListener struct{ a link.Address }

func listenMemory(a link.Address, accept link.Accept) (link.Listener, error) {
	memory.Lock()
	defer memory.Unlock()
	if memory.m[a.Host] != nil {
		return nil, errors.New("the address is taken")
	}
	memory.m[a.Host] = accept
	return memListener{a}, nil
}

func (l memListener) Address() link.Address { return l.a }

func (l memListener) Close(context.Context) error {
	memory.Lock()
	defer memory.Unlock()
	delete(memory.m, l.a.Host)
	return nil
}

// A ledger sees every execution of Add, whichever implementation does it.
type ledger struct {
	mu    sync.Mutex
	done  map[int64]int
	alive atomic.Int64 // implementations that exist
	most  atomic.Int64
	at    [2]atomic.Int64
}

type adder struct {
	linktest.Unimplemented
	ledger *ledger
	unit   int
	gone   atomic.Bool
}

func (a *adder) Add(_ context.Context, x, y int64) (int64, error) {
	if a.gone.Load() {
		return 0, errors.New("called after it was closed")
	}
	a.ledger.mu.Lock()
	a.ledger.done[x]++
	a.ledger.mu.Unlock()
	a.ledger.at[a.unit].Add(1)
	return x + y, nil
}

// Close is called because the contract has a store.
func (a *adder) Close() error {
	a.gone.Store(true)
	a.ledger.alive.Add(-1)
	return nil
}

func (a *adder) construct(context.Context) (linktest.Service, error) {
	n := &adder{ledger: a.ledger, unit: a.unit}
	a.ledger.most.Store(max(a.ledger.most.Load(), a.ledger.alive.Add(1)))
	return n, nil
}

// stored is the contract with a store that keeps nothing.
func stored() *link.Contract[linktest.Service] {
	c := *linktest.Contract
	c.Store = link.StoreFunc[linktest.Service](func(_ context.Context, _ string, impl linktest.Service) (linktest.Service, error) { return impl, nil })
	return &c
}

func unit(t testing.TB, env map[string]string) *link.TestUnit {
	t.Helper()
	u, err := link.NewTestUnit(env)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func do(t testing.TB, u *link.TestUnit, m link.Message) link.Message {
	t.Helper()
	m.Component = "linktest"
	ack := u.Do(m)
	if ack.Error != "" {
		t.Fatalf("%s: %s", m.Type, ack.Error)
	}
	return ack
}

// TestMovesUnderLoad moves a component to and fro between two units while
// callers in both call it: no call is lost, none is executed twice, and there
// are never two implementations at once.
func TestMovesUnderLoad(t *testing.T) {
	l := &ledger{done: make(map[int64]int)}
	env := func(host, own string) map[string]string {
		return map[string]string{"UNWELD_HOST": host, "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://" + own}
	}
	units := [2]*link.TestUnit{unit(t, env("linktest", "u0")), unit(t, env("", "u0"))}
	var services [2]linktest.Service
	for i, u := range units {
		var err error
		if services[i], err = link.OpenIn(u, stored(), (&adder{ledger: l, unit: i}).construct); err != nil {
			t.Fatal(err)
		}
		defer u.Stop()
	}
	var stop atomic.Bool
	var callers sync.WaitGroup
	var made atomic.Int64
	for i := range 6 {
		callers.Go(func() {
			for !stop.Load() {
				x := made.Add(1)
				if sum, err := services[i%2].Add(context.Background(), x, 1); sum != x+1 || err != nil {
					t.Errorf("call %d in unit %d: %d, %v", x, i%2, sum, err)
					return
				}
			}
		})
	}
	at := 0
	for range 20 {
		move(t, units, at, 1-at)
		at = 1 - at
		time.Sleep(time.Millisecond)
	}
	stop.Store(true)
	callers.Wait()

	if int64(len(l.done)) != made.Load() {
		t.Errorf("%d calls returned, %d were executed", made.Load(), len(l.done))
	}
	for x, n := range l.done {
		if n != 1 {
			t.Fatalf("call %d was executed %d times", x, n)
		}
	}
	if l.most.Load() != 1 {
		t.Errorf("%d implementations at once", l.most.Load())
	}
	if l.at[0].Load() == 0 || l.at[1].Load() == 0 {
		t.Errorf("calls executed per unit: %d and %d", l.at[0].Load(), l.at[1].Load())
	}
}

func move(t testing.TB, units [2]*link.TestUnit, from, to int) {
	t.Helper()
	do(t, units[to], link.Message{Type: "gate"})
	do(t, units[from], link.Message{Type: "unhost"})
	address := do(t, units[to], link.Message{Type: "host", Address: fmt.Sprintf("mem://u%d", to)}).Address
	do(t, units[to], link.Message{Type: "route", Address: "inproc:"})
	do(t, units[from], link.Message{Type: "route", Address: address})
}

// TestSwapsUnderLoad changes only the route: direct, copying, remote.
func TestSwapsUnderLoad(t *testing.T) {
	l := &ledger{done: make(map[int64]int)}
	u := unit(t, map[string]string{"UNWELD_LINK_LINKTEST": "mem://swaps"})
	s, err := link.OpenIn(u, linktest.Contract, (&adder{ledger: l}).construct)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Stop()
	var stop atomic.Bool
	var callers sync.WaitGroup
	var made atomic.Int64
	for range 4 {
		callers.Go(func() {
			for !stop.Load() {
				x := made.Add(1)
				if sum, err := s.Add(context.Background(), x, 1); sum != x+1 || err != nil {
					t.Errorf("call %d: %d, %v", x, sum, err)
					return
				}
			}
		})
	}
	for i := range 30 {
		do(t, u, link.Message{Type: "route", Endpoints: []string{"Add"}, Address: []string{"inproc:?copy=1", "inproc:"}[i%2]})
	}
	stop.Store(true)
	callers.Wait()
	for x := int64(1); x <= made.Load(); x++ {
		if l.done[x] != 1 {
			t.Fatalf("call %d was executed %d times", x, l.done[x])
		}
	}
}

// hook is an implementation made of functions.
type hook struct {
	linktest.Unimplemented
	act func(ctx context.Context, what string) (string, error)
}

func (h *hook) Act(ctx context.Context, what string) (string, error) { return h.act(ctx, what) }

func TestGateParksAndDrains(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var s linktest.Service
	h := &hook{act: func(ctx context.Context, what string) (string, error) {
		switch what {
		case "slow":
			entered <- struct{}{}
			<-release
		case "again": // a call that calls its own component
			entered <- struct{}{}
			<-release
			return s.Act(ctx, "inner")
		}
		return what, nil
	}}
	u := unit(t, map[string]string{"UNWELD_COUNT": "1"})
	var err error
	if s, err = link.OpenIn(u, linktest.Contract, func(context.Context) (linktest.Service, error) { return h, nil }); err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	call := func(ctx context.Context, what string) {
		out, err := s.Act(ctx, what)
		results <- fmt.Sprint(out, " ", err)
	}
	go call(context.Background(), "slow")
	<-entered
	if ack := u.Do(link.Message{Type: "gate", Component: "linktest", TimeoutMS: 30}); !strings.Contains(ack.Error, "calls are still under way; nothing was changed") {
		t.Fatalf("gating over a call that hangs: %+v", ack)
	}
	go call(context.Background(), "open")
	if got := <-results; got != "open <nil>" {
		t.Errorf("after a gate that failed: %s", got)
	}
	go call(context.Background(), "again")
	<-entered
	gated := make(chan link.Message)
	go func() { gated <- u.Do(link.Message{Type: "gate", Component: "linktest"}) }()
	time.Sleep(20 * time.Millisecond)
	close(release)
	if ack := <-gated; ack.Error != "" {
		t.Fatalf("gate: %s", ack.Error)
	}
	if got := []string{<-results, <-results}; !slices.Contains(got, "slow <nil>") || !slices.Contains(got, "inner <nil>") {
		t.Errorf("calls that were inside: %q", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Act(ctx, "late"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call whose context ends at the gate: %v", err)
	}
	go call(context.Background(), "parked")
	select {
	case got := <-results:
		t.Fatalf("a call passed the gate: %s", got)
	case <-time.After(20 * time.Millisecond):
	}
	do(t, u, link.Message{Type: "route", Address: "inproc:"})
	if got := <-results; got != "parked <nil>" {
		t.Errorf("the parked call: %s", got)
	}
}

// TestGateOfACaller closes the gate of a unit whose call is executed elsewhere:
// that call may need the move to go on, so nothing waits for it.
func TestGateOfACaller(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	h := &hook{act: func(_ context.Context, what string) (string, error) {
		if what == "slow" {
			entered <- struct{}{}
			<-release
		}
		return what, nil
	}}
	construct := func(context.Context) (linktest.Service, error) { return h, nil }
	host := unit(t, map[string]string{"UNWELD_HOST": "linktest", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://gate"})
	if _, err := link.OpenIn(host, linktest.Contract, construct); err != nil {
		t.Fatal(err)
	}
	defer host.Stop()
	u := unit(t, map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://gate"})
	s, err := link.OpenIn(u, linktest.Contract, construct)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	call := func(what string) {
		out, err := s.Act(context.Background(), what)
		results <- fmt.Sprint(out, " ", err)
	}
	go call("slow")
	<-entered
	do(t, u, link.Message{Type: "gate", TimeoutMS: 5000})
	go call("parked")
	select {
	case got := <-results:
		t.Fatalf("a call passed the gate: %s", got)
	case <-time.After(20 * time.Millisecond):
	}
	do(t, u, link.Message{Type: "route", Address: "mem://gate"})
	if got := <-results; got != "parked <nil>" {
		t.Errorf("the parked call: %s", got)
	}
	close(release)
	if got := <-results; got != "slow <nil>" {
		t.Errorf("the call that was under way: %s", got)
	}
}

// TestUnsentCallFollowsTheRoute routes an endpoint elsewhere while a call waits
// for a unit that can't be reached.
func TestUnsentCallFollowsTheRoute(t *testing.T) {
	l := &ledger{done: make(map[int64]int)}
	u := unit(t, map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://nobody"})
	s, err := link.OpenIn(u, stored(), (&adder{ledger: l}).construct)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Stop()
	result := make(chan error, 1)
	go func() {
		_, err := s.Add(context.Background(), 7, 1)
		result <- err
	}()
	time.Sleep(20 * time.Millisecond)
	for _, m := range []link.Message{{Type: "gate"}, {Type: "host", Address: "mem://somebody"}, {Type: "route", Address: "inproc:"}} {
		do(t, u, m)
	}
	if err := <-result; err != nil || l.done[7] != 1 {
		t.Errorf("executed %d times, error %v", l.done[7], err)
	}
}

func TestHostThatCannotListen(t *testing.T) {
	l := &ledger{done: make(map[int64]int)}
	other := unit(t, map[string]string{"UNWELD_LINK_LINKTEST": "mem://taken"})
	if _, err := link.OpenIn(other, stored(), (&adder{ledger: l}).construct); err != nil {
		t.Fatal(err)
	}
	defer other.Stop()
	u := unit(t, map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://taken"})
	s, err := link.OpenIn(u, stored(), (&adder{ledger: l, unit: 1}).construct)
	if err != nil {
		t.Fatal(err)
	}
	ack := u.Do(link.Message{Type: "host", Component: "linktest", Address: "mem://taken"})
	if !strings.Contains(ack.Error, "the address is taken") {
		t.Fatalf("hosting at a taken address: %+v", ack)
	}
	if l.alive.Load() != 1 {
		t.Errorf("%d implementations are left", l.alive.Load())
	}
	if ack := u.Do(link.Message{Type: "route", Component: "linktest", Address: "inproc:"}); !strings.Contains(ack.Error, "not hosted") {
		t.Errorf("routing to what isn't hosted: %+v", ack)
	}
	if sum, err := s.Add(context.Background(), 1, 2); sum != 3 || err != nil || l.at[1].Load() != 0 {
		t.Errorf("calls still go to the other unit: %d, %v", sum, err)
	}
}

func TestUnitWithNothingToDo(t *testing.T) {
	_, err := link.NewTestUnit(map[string]string{"UNWELD_HOST": ""})
	if err == nil || !strings.Contains(err.Error(), "UNWELD_HOST is empty") {
		t.Errorf("got %v", err)
	}
	if _, err := link.NewTestUnit(map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1"}); err != nil {
		t.Errorf("an entry that hosts nothing: %v", err)
	}
}

func TestMonolithCallsTheImplementationItself(t *testing.T) {
	u := unit(t, nil)
	h := &hook{act: func(ctx context.Context, what string) (string, error) { return what, linktest.ErrOdd }}
	s, err := link.OpenIn(u, linktest.Contract, func(context.Context) (linktest.Service, error) { return h, nil })
	if err != nil {
		t.Fatal(err)
	}
	if out, err := s.Act(context.Background(), "x"); out != "x" || err != linktest.ErrOdd {
		t.Errorf("got %q, %v", out, err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Act(context.Background(), "x") }); n != 0 {
		t.Errorf("a call allocates %v times", n)
	}
	failing := errors.New("no database")
	if _, err := link.OpenIn(unit(t, nil), linktest.Contract, func(context.Context) (linktest.Service, error) { return nil, failing }); err != failing {
		t.Errorf("a constructor's error arrives as %v", err)
	}
}

func TestStatsCountCrossingCalls(t *testing.T) {
	l := &ledger{done: make(map[int64]int)}
	a := unit(t, map[string]string{"UNWELD_HOST": "linktest", "UNWELD_ENTRY": "1", "UNWELD_COUNT": "1", "UNWELD_LINK_LINKTEST": "mem://stats"})
	b := unit(t, map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "mem://stats"})
	for i, u := range []*link.TestUnit{a, b} {
		s, err := link.OpenIn(u, linktest.Contract, (&adder{ledger: l}).construct)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Stop()
		for range 2 + i {
			if _, err := s.Add(context.Background(), 1, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := link.EndpointStats{Component: "linktest", Endpoint: "Add", Local: 2, Served: 3}
	if got := statsOfAdd(t, do(t, a, link.Message{Type: "stats"}).Stats); !reflect.DeepEqual(got, want) {
		t.Errorf("the host counted %+v", got)
	}
	got := statsOfAdd(t, b.Stats())
	var calls int64
	for _, n := range got.Durations {
		calls += n
	}
	if got.Called != 3 || got.Served != 0 || got.Errors != 0 || got.InFlight != 0 || calls != 3 {
		t.Errorf("the caller counted %+v", got)
	}
}

func statsOfAdd(t *testing.T, all []link.EndpointStats) link.EndpointStats {
	t.Helper()
	for _, s := range all {
		if s.Component == "linktest" && s.Endpoint == "Add" {
			return s
		}
	}
	t.Fatalf("no counts of Add in %+v", all)
	return link.EndpointStats{}
}

// TestFirstCaller: a caller that comes while the unit begins to listen isn't
// told that the component is elsewhere.
func TestFirstCaller(t *testing.T) {
	var answer error
	link.Register(link.Transport{Scheme: "early", Dial: dialMemory, Listen: func(a link.Address, accept link.Accept) (link.Listener, error) {
		_, answer = accept(link.Hello{Component: "linktest", Fingerprint: linktest.Contract.Fingerprint})
		return memListener{a}, nil
	}})
	u := unit(t, map[string]string{"UNWELD_HOST": "linktest", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": "early://first"})
	construct := func(context.Context) (linktest.Service, error) { return linktest.Unimplemented{}, nil }
	if _, err := link.OpenIn(u, linktest.Contract, construct); err != nil {
		t.Fatal(err)
	}
	defer u.Stop()
	if answer != nil {
		t.Errorf("the first caller was told: %v", answer)
	}
}
