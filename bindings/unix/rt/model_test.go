package unix

import (
	"slices"
	"testing"
)

// The protocols by which roles pass from goroutine to goroutine are explored
// as models: every order of the steps that the code does atomically, from one
// lock or one atomic operation to the next. A model is a comparable state and
// the steps that can happen in it. Timers may fire at any time after they are
// set; nothing else moves by itself. A wake-up is lost in a state from which the
// goal can't be reached any more, whatever happens.

// A step is one atomic thing that may happen, and the state after it.
type step[S comparable] struct {
	name string
	to   S
}

type model[S comparable] struct {
	start S
	next  func(S) []step[S]
	wrong func(S) string // what must never be
	goal  func(S) bool   // what must stay possible
}

// explore visits all states and returns their number, and how one is reached
// that is wrong, or from which the goal can't be reached.
func (m model[S]) explore(t *testing.T) (states int, fault string, trace []string) {
	t.Helper()
	type origin struct {
		from S
		name string
	}
	reached := map[S]origin{m.start: {}}
	before := map[S][]S{}
	order := []S{m.start}
	path := func(s S) {
		for ; s != m.start; s = reached[s].from {
			trace = append(trace, reached[s].name)
		}
		slices.Reverse(trace)
	}
	for i := 0; i < len(order); i++ {
		s := order[i]
		if fault = m.wrong(s); fault != "" {
			path(s)
			return len(order), fault, trace
		}
		for _, st := range m.next(s) {
			before[st.to] = append(before[st.to], s)
			if _, ok := reached[st.to]; !ok {
				reached[st.to] = origin{s, st.name}
				order = append(order, st.to)
			}
		}
		if len(order) > 1_000_000 {
			t.Fatal("the model has too many states")
		}
	}
	alive := map[S]bool{}
	var back []S
	for _, s := range order {
		if m.goal(s) {
			alive[s] = true
			back = append(back, s)
		}
	}
	for ; len(back) > 0; back = back[1:] {
		for _, s := range before[back[0]] {
			if !alive[s] {
				alive[s] = true
				back = append(back, s)
			}
		}
	}
	for _, s := range order {
		if !alive[s] {
			path(s)
			return len(order), "stuck", trace
		}
	}
	return len(order), "", nil
}

// The callee's side: stall.go. Frames arrive in a fixed order. The first call is
// quick; the second one doesn't end before it is cancelled, and asks nobody
// whether it is; the frame behind it cancels it, and a third call follows.
const (
	calleeFrames = 4 // call 1, call 2, cancel of 2, call 3
	callee2      = 1
	calleeCancel = 2
	calleeMost   = 4 // readers, one after the other, at most
)

// Where a reader is.
const (
	readerNone   = iota
	readerFills  // between two frames
	readerBegan  // has stored an odd state: beginInline
	readerLooked // has found the watchdog at work
	readerArms   // has set watching, and will set the timer
	readerRuns   // in the call
	readerReturn // the call has returned: endInline
	readerGone   // lost its role
)

// Where the watchdog is.
const (
	watchRests = iota
	watchLoaded
	watchCleared // has stored watching = false
	watchHands   // handOver
	watchAgain   // sets the timer again
)

type calleeReader struct{ at, frame, running uint8 }

type calleeState struct {
	arrived, next    uint8 // frames that have arrived, have been read
	done             [calleeFrames]bool
	cancelled        bool
	state, seen, now uint8
	watching, timer  bool
	watch            uint8
	readers          [calleeMost]calleeReader
	count            uint8
}

// calleeSteps are the steps of stall.go; without recheck checkStall ends as soon as
// it has cleared watching. With asks the second call may call Done.
func calleeSteps(recheck, asks bool) func(calleeState) []step[calleeState] {
	return func(s calleeState) (out []step[calleeState]) {
		add := func(name string, change func(*calleeState)) {
			to := s
			change(&to)
			out = append(out, step[calleeState]{name, to})
		}
		if s.arrived < calleeFrames {
			add("frame arrives", func(s *calleeState) { s.arrived++ })
		}
		for i, r := range s.readers {
			me := func(s *calleeState) *calleeReader { return &s.readers[i] }
			switch {
			case r.at == readerFills && s.next < s.arrived && s.next == calleeCancel:
				add("read: cancel", func(s *calleeState) { s.next++; s.cancelled, s.done[calleeCancel] = true, true })
			case r.at == readerFills && s.next < s.arrived:
				add("beginInline: state becomes odd", func(s *calleeState) {
					s.state++
					*me(s) = calleeReader{readerBegan, s.next, s.state}
					s.next++
				})
			case r.at == readerBegan && s.watching:
				add("startWatchdog: is watching", func(s *calleeState) { me(s).at = readerLooked })
			case r.at == readerBegan:
				add("startWatchdog: sets watching", func(s *calleeState) { s.watching = true; me(s).at = readerArms })
			case r.at == readerArms:
				add("startWatchdog: sets the timer", func(s *calleeState) { s.timer = true; me(s).at = readerLooked })
			case r.at == readerLooked:
				add("serve", func(s *calleeState) { me(s).at = readerRuns })
			case r.at == readerRuns && (r.frame != callee2 || s.cancelled):
				add("call returns", func(s *calleeState) { s.done[r.frame] = true; me(s).at = readerReturn })
			case r.at == readerRuns && asks:
				add("Done: handOver", func(s *calleeState) { s.handOver(r.running) })
			case r.at == readerReturn && s.state == r.running:
				add("endInline: reads on", func(s *calleeState) { s.state++; me(s).at = readerFills })
			case r.at == readerReturn:
				add("endInline: role is lost", func(s *calleeState) { *me(s) = calleeReader{at: readerGone} })
			}
		}
		switch {
		case s.watch == watchRests && s.timer:
			add("checkStall: loads state", func(s *calleeState) { s.timer, s.now, s.watch = false, s.state, watchLoaded })
		case s.watch == watchLoaded && s.now != s.seen:
			add("checkStall: another state", func(s *calleeState) { s.watch = watchAgain })
		case s.watch == watchLoaded && s.now%2 == 1:
			add("checkStall: the same call", func(s *calleeState) { s.watch = watchHands })
		case s.watch == watchLoaded:
			add("checkStall: clears watching", func(s *calleeState) {
				s.watching, s.watch = false, watchCleared
				if !recheck {
					s.watch = watchRests
				}
			})
		case s.watch == watchCleared && (s.state == s.now || s.watching):
			add("checkStall: ends", func(s *calleeState) { s.watch = watchRests })
		case s.watch == watchCleared:
			add("checkStall: a call came between", func(s *calleeState) { s.watching, s.watch = true, watchAgain })
		case s.watch == watchHands:
			add("handOver", func(s *calleeState) {
				s.watch = watchAgain
				s.handOver(s.now)
			})
		case s.watch == watchAgain:
			add("checkStall: sets the timer", func(s *calleeState) { s.seen, s.timer, s.watch = s.now, true, watchRests })
		}
		return out
	}
}

func (s *calleeState) handOver(running uint8) {
	if s.state == running {
		s.state += 3
		s.readers[s.count] = calleeReader{at: readerFills}
		s.count++
	}
}

func calleeModel(recheck, asks bool) model[calleeState] {
	m := model[calleeState]{next: calleeSteps(recheck, asks)}
	m.start.count = 1
	m.start.readers[0].at = readerFills
	m.goal = func(s calleeState) bool { return s.next == calleeFrames && !slices.Contains(s.done[:], false) }
	m.wrong = func(s calleeState) string {
		readers := 0
		for _, r := range s.readers {
			if r.at == readerFills || r.at != readerNone && r.at != readerGone && r.running == s.state {
				readers++
			}
		}
		if readers > 1 {
			return "two readers"
		}
		return ""
	}
	return m
}

func TestModelOfTheCallee(t *testing.T) {
	for _, asks := range []bool{false, true} {
		n, fault, trace := calleeModel(true, asks).explore(t)
		if fault != "" {
			t.Errorf("asks %t: %s after %q", asks, fault, trace)
		}
		t.Logf("asks %t: %d states", asks, n)
	}
	// A watchdog that rests without looking again misses a call.
	if _, fault, _ := calleeModel(false, false).explore(t); fault != "stuck" {
		t.Errorf("the fault that the model is there to find: %q", fault)
	}
}
