package link

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// An error of a caller's own code, which the component had from a stream or a callback of the
// caller's, may come back as the error of the call: a walk that its callback stops. It
// has no name that both sides know, so its node carries a number by which the caller knows
// it again, and the component's run-time keeps that number with the error that it makes.

// homesKept is how many such errors a process remembers, the latest.
const homesKept = 256

var homes struct {
	mu     sync.Mutex
	self   uint64 // this process
	last   uint64 // number of the latest
	errors [homesKept]error
}

// Homing returns the same registry for what is sent from within a call in the direction of
// the component: errors that come back are the values that were sent.
func (e *Errors) Homing() *Errors { return &Errors{ids: e.ids, homing: true} }

// appendHome appends where an error is from: from here if the registry is one of Homing,
// otherwise from where it came.
func (e *Errors) appendHome(b []byte, err error) []byte {
	home := homeOf(err)
	if home == "" && e.homing {
		home = remember(err)
	}
	if home == "" {
		return b
	}
	return appendStringField(b, nodeHome, home)
}

// remember gives an error a number.
func remember(err error) string {
	homes.mu.Lock()
	defer homes.mu.Unlock()
	for homes.self == 0 {
		homes.self = rand.Uint64()
	}
	if homes.last == 0 || !same(homes.errors[homes.last%homesKept], err) { // the same again and again takes one place
		homes.last++
		homes.errors[homes.last%homesKept] = err
	}
	return string(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, homes.self), homes.last))
}

// atHome is the error that a node with that number was made of, or nil: it isn't from
// this process, or too long ago.
func atHome(home string) error {
	if len(home) != 16 {
		return nil
	}
	homes.mu.Lock()
	defer homes.mu.Unlock()
	self, number := binary.LittleEndian.Uint64([]byte(home)), binary.LittleEndian.Uint64([]byte(home[8:]))
	if homes.self == 0 || self != homes.self || number == 0 || number > homes.last || homes.last-number >= homesKept {
		return nil
	}
	return homes.errors[number%homesKept]
}

// homeOf is what the node of an error said that was made here of one, or "".
func homeOf(err error) string {
	switch e := err.(type) {
	case *remoteError:
		return e.home
	case *remoteWrapped:
		return e.home
	case *remoteErrors:
		return e.home
	case *remoteNet:
		return homeOf(e.opaque)
	}
	return ""
}
