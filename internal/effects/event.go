package effects

import (
	"go/token"

	"github.com/unweld/unweld/internal/component"
)

// eventKind is why a second execution may come out differently.
type eventKind uint8

const (
	eventClock eventKind = iota
	eventRandom
	eventIO
	eventGoroutine
	eventSelect
	eventMapOrder
	eventOutput
	eventContext
	eventCancel
	eventProcess
	eventUnknown
)

// An event is one place where a function depends on the world.
type event struct {
	site
	kind eventKind
}

type eventKey struct {
	pos  token.Pos
	kind eventKind
}

func (k eventKind) severity() component.Severity {
	switch k {
	case eventUnknown, eventMapOrder, eventOutput, eventCancel, eventProcess:
		return component.Warn
	}
	return component.Error
}

// consequence says what goes wrong in a second execution.
func (k eventKind) consequence() string {
	switch k {
	case eventClock:
		return "a replay would see another time"
	case eventRandom:
		return "a replay would draw other numbers"
	case eventIO:
		return "a replay would do it again, and may see another outcome"
	case eventGoroutine:
		return "a replay may run it in another order"
	case eventSelect:
		return "a replay may choose another case"
	case eventMapOrder:
		return "a replay may see another order"
	case eventOutput:
		return "a replay would print it again"
	case eventContext:
		return "a call that is logged has a context without values"
	case eventCancel:
		return "a call that is logged has a context without a deadline, and is never cancelled"
	case eventProcess:
		return "a replay runs in another process, with other addresses and goroutines"
	}
	return "a replay may come out differently"
}

func (k eventKind) hint() string {
	switch k {
	case eventClock:
		return "pass the time as a parameter, so that it is logged with the call"
	case eventRandom:
		return "pass the number or identifier as a parameter, so that it is logged with the call"
	case eventIO:
		return "do it in the caller, and pass the outcome as a parameter"
	case eventGoroutine, eventSelect:
		return "do the work before the method returns, in one order"
	case eventMapOrder:
		return "sort the keys first"
	case eventOutput:
		return "print in the caller, or accept the repeated lines at start"
	case eventContext:
		return "pass the value as a parameter, so that it is logged with the call"
	case eventCancel:
		return "leave deadlines and cancellation to the caller"
	case eventProcess:
		return "print or keep what it points to, or a number of your own"
	}
	return "make sure that it depends on its arguments and the state alone"
}
