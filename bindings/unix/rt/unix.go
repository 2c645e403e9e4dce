// Package unix carries calls over a Unix domain socket: many calls at once on
// one connection per component, each answered as soon as it is done.
//
// Latency on one machine is mostly made of wake-ups, so the package avoids
// them. A caller that waits for its reply reads the connection itself, for all
// the others too; only when its own reply is there does another caller take
// over. The server's reader runs calls itself, and a watchdog sends another
// reader when a call stalls. Whoever writes first writes for all who come
// while it does. See client.go, session.go and outbox.go.
package unix

import (
	"github.com/unweld/unweld/bindings/link"
)

func init() {
	link.Register(link.Transport{Scheme: "unix", Dial: dial, Listen: listen})
}

// MaxMessage is the size of the largest request or reply, with what travels
// beside it.
const MaxMessage = 64 << 20
