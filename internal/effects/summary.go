package effects

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A summary is what is known of one function. What callers must translate into
// their own memory is in terms of its parameters; what is the same for every
// caller (package variables, events) stays where it happens, and is found by
// following the calls.
type summary struct {
	fn *ssa.Function

	used    facts               // of kindParam and kindDeep: the keys of the next three
	reads   map[object]bool     // of kindParam and kindDeep
	writes  map[object]site     // of kindParam and kindDeep: certainly written
	unknown map[object]site     // of kindParam and kindDeep: reachable for code that could not be analysed
	calls   facts               // function values among the caller's objects that are called
	called  map[object]callback // of calls
	results []facts
	leaks   facts             // memory that outlives the call, into which something is stored
	stored  map[object]*facts // of leaks
	inside  facts             // stored into the fresh memory
	funcs   []*ssa.Function   // that the fresh memory holds
	types   []types.Type      // of what it holds behind interfaces
	hooks   []hookKey         // what is called on values whose type the caller knows
	hooked  map[hookKey]callback

	outside outside
	callees []edge
	reached map[edge]bool // of callees

	inner, outer []hookCall // answers of hookCalls, once the summary is final

	size       int  // grows whenever something does that callers see
	spent      int  // steps
	top        bool // they were too many: nothing is known
	dirty      bool // a callee has grown since the last pass
	dependents []*summary
	depends    map[*summary]bool
	index, low int // of Tarjan's algorithm; index counts from 1
	onStack    bool
}

// outside is what a function does, by itself, to what is the same for all its
// callers.
type outside struct {
	reads   map[*ssa.Global]bool
	writes  map[*ssa.Global]site // nil: memory that came from unknown code
	unknown map[*ssa.Global]site
	shares  map[*ssa.Global]site // part of the variable's memory can be reached otherwise afterwards
	events  map[eventKey]event
	invokes map[*types.Func]site // methods of interfaces, called on values of unknown type
	hooked  map[hookKey]site     // what is called on values in package variables, and of unknown code
	holds   map[*ssa.Global]*holding
}

// An edge is a call, direct or by way of a callback.
type edge struct {
	to    *ssa.Function
	later bool // not by this call, but by whoever holds what it returned or stored
}

// A callback is a call of a function value that the caller knows.
type callback struct {
	site
	args *facts
}

// facts is a set of objects of a summary, in the order in which they were found.
type facts struct {
	list []object
	has  map[object]bool
}

func (f *facts) add(o object) bool {
	if f.has[o] {
		return false
	}
	if f.has == nil {
		f.has = map[object]bool{}
	}
	f.has[o] = true
	f.list = append(f.list, o)
	return true
}

func newSummary(fn *ssa.Function) *summary {
	return &summary{
		fn: fn, reads: map[object]bool{}, writes: map[object]site{}, unknown: map[object]site{},
		called: map[object]callback{}, stored: map[object]*facts{}, hooked: map[hookKey]callback{}, reached: map[edge]bool{},
		results: make([]facts, fn.Signature.Results().Len()), depends: map[*summary]bool{},
		outside: outside{
			reads: map[*ssa.Global]bool{}, writes: map[*ssa.Global]site{}, unknown: map[*ssa.Global]site{},
			hooked: map[hookKey]site{}, holds: map[*ssa.Global]*holding{},
			shares: map[*ssa.Global]site{}, events: map[eventKey]event{}, invokes: map[*types.Func]site{},
		},
	}
}

// add adds o to one of the sets of s.
func (s *summary) add(f *facts, o object) {
	if f.add(o) {
		s.size++
	}
}

// holds notes that the fresh memory holds fn.
func (s *summary) holds(fn *ssa.Function) {
	if !slices.Contains(s.funcs, fn) {
		s.funcs = append(s.funcs, fn)
		s.size++
	}
}

// holdsType notes that the fresh memory holds a value of type t behind an
// interface.
func (s *summary) holdsType(t types.Type) {
	if !slices.Contains(s.types, t) {
		s.types = append(s.types, t)
		s.size++
	}
}

func (s *summary) callee(e edge) {
	if !s.reached[e] {
		s.reached[e] = true
		s.callees = append(s.callees, e)
	}
}

func (s *summary) read(o object) {
	switch o.kind {
	case kindParam, kindDeep:
		if !s.reads[o] {
			s.used.add(o)
			s.reads[o] = true
			s.size++
		}
	case kindGlobal:
		s.outside.reads[o.global] = true
	}
}

func (s *summary) write(o object, at site) {
	switch o.kind {
	case kindParam, kindDeep:
		s.used.add(o)
		s.size += record(s.writes, o, at)
	case kindGlobal, kindUnknown:
		record(s.outside.writes, o.global, at)
	}
}

func (s *summary) unfollowed(o object, at site) {
	switch o.kind {
	case kindParam, kindDeep:
		s.used.add(o)
		s.size += record(s.unknown, o, at)
	case kindGlobal:
		record(s.outside.unknown, o.global, at)
	}
}

func (s *summary) event(k eventKind, at site) {
	key := eventKey{pos: at.pos, kind: k}
	if old, ok := s.outside.events[key]; !ok || better(at, old.site) {
		s.outside.events[key] = event{site: at, kind: k}
	}
}

// record keeps the best site of a key, and returns how much more is known: a key
// that is new, or a write that can be seen where there was none.
func record[K comparable](set map[K]site, key K, s site) int {
	old, ok := set[key]
	if !ok || better(s, old) {
		set[key] = s
	}
	if ok && old.faint == set[key].faint {
		return 0
	}
	return 1
}

// better prefers what can be seen, then the shorter path, then the earlier
// position, so that the same code always gives the same answer.
func better(a, b site) bool {
	if a.faint != b.faint {
		return b.faint
	}
	if len(a.path) != len(b.path) {
		return len(a.path) < len(b.path)
	}
	return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.what, b.what), slices.Compare(a.path, b.path)) < 0
}
