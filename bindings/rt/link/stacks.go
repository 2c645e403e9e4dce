//go:build !unweldplain

package link

import (
	"bytes"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
)

// A swap has to know whether calls are under way that nobody counts. Each of
// them has the frame of the service value's method on the stack of its
// goroutine, from before it loads the route until it has returned:
//
//	pricing.(*Engine).Quote             the implementation
//	pricingunweld.(*service).Quote      has loaded a route, and calls it
//	web.(*Server).quote
//
// unless the frame above it is the guarded form's method, which counts. The
// goroutine profile is a snapshot of all stacks at one moment, taken in time
// proportional to the number of goroutines, whatever the size of the heap. New
// calls find the guarded route; so one snapshot without such a frame, taken
// after that route was stored, says that there are none and won't be any.

// A callName names the methods of one endpoint as they appear on stacks.
type callName struct{ service, guarded string }

// callNames are those of each endpoint; nil if the contract doesn't tell.
func (in *instance) callNames() []callName {
	s, _ := in.service.(Swappable)
	if s == nil {
		return nil
	}
	calls := s.UnweldCalls()
	if len(calls) != in.routed {
		return nil
	}
	names := make([]callName, len(calls))
	for i, pair := range calls {
		names[i] = callName{functionName(pair[0]), functionName(pair[1])}
	}
	return names
}

// functionName is the name of a function on stacks.
func functionName(f any) string {
	frames := runtime.CallersFrames([]uintptr{reflect.ValueOf(f).Pointer() + 1})
	for {
		// What was inlined at the entry comes before the function itself.
		frame, more := frames.Next()
		if !more {
			return frame.Function
		}
	}
}

// stacks is what one look at the stacks of all goroutines says.
type stacks struct {
	calls []bool // by endpoint: an uncounted call may be under way
	deep  bool   // a stack couldn't be looked through to its end
}

// stacksWith looks for the calls of the endpoints on all stacks.
func stacksWith(names []callName) stacks {
	found := stacks{calls: make([]bool, len(names)), deep: len(names) == 0}
	if found.deep {
		return found
	}
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		found.deep = true // a buffer doesn't fail
		return found
	}
	for line := range strings.Lines(profile.String()) {
		// "3 @ 0x43f2a5 0x4502c8": three goroutines with these return addresses.
		count, addresses, ok := strings.Cut(strings.TrimSpace(line), " @")
		if _, err := strconv.Atoi(count); ok && err == nil {
			found.add(names, returnAddresses(addresses))
		}
	}
	return found
}

func returnAddresses(list string) []uintptr {
	var pcs []uintptr
	for _, word := range strings.Fields(list) {
		if pc, err := strconv.ParseUint(word, 0, 64); err == nil {
			pcs = append(pcs, uintptr(pc))
		}
	}
	return pcs
}

// add looks at one stack, the innermost frame first.
func (s *stacks) add(names []callName, pcs []uintptr) {
	frames := runtime.CallersFrames(pcs)
	above := "" // the function that the frame calls
	for {
		frame, more := frames.Next()
		for i, n := range names {
			if frame.Function == n.service && above != n.guarded {
				s.calls[i] = true
			}
		}
		if !more {
			// Every stack begins in the run-time's goexit.
			s.deep = s.deep || frame.Function != "runtime.goexit"
			return
		}
		above = frame.Function
	}
}
