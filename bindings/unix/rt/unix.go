// Package unix carries calls over a Unix domain socket. There is one connection per
// component, with many calls at once, and each is answered as soon as it is done.
//
// Latency on one machine is mostly made of wake-ups, so the package avoids
// them. A caller that waits for its reply reads the connection itself, for all
// the others too; only when its own reply is there does another caller take
// over (reader.go). The callee's reader runs the calls of quick endpoints
// itself; a call that turns out to wait or to last loses the reader's role to
// another goroutine (stall.go). Whoever writes first writes for all who come
// while it does (outbox.go). Deadlines cost no timer and no context until
// somebody asks for them (context.go, client.go).
//
// # The wire
//
// Both sides send a preamble, the magic and the version of the protocol; then
// frames (frame.go). The caller begins with a hello and the callee answers with
// a welcome. From there on the caller sends requests, numbered upwards from 1 in
// the order in which they are complete, and cancels; the callee sends replies in
// any order, and at its end the number of the last request it took.
//
// What is larger than maxPart is sent in parts, so no frame waits for more than
// a bounded number of bytes before it. A cancel overtakes everything that its
// sender has not begun to write. It is sent only for a request that was handed
// to the system; an earlier one is made void where it waits. The parts of a
// request carry the number of a transfer, since it has no number of its own
// before it is complete; those of a reply carry that of their call.
//
// # Compatibility
//
// Two units talk only if their versions are equal. A frame of an unknown kind, a
// flag or a status that is unknown, or bytes that don't parse end the
// connection: nothing is skipped on the guess that it doesn't matter. So every
// change to what may be sent, and every change to its meaning, is a new version;
// limits that only the sender keeps (maxPart, maxQueued) may change without one.
// Which schemas of a component can talk is a matter of the hello's fingerprints,
// not of this version.
//
// # Streams
//
// A call with streams has a connection of its own, so that no amount of data holds
// up other calls, and how fast it goes is between the kernel and the two programs.
// It begins with the same handshake, by a hello of another kind; then the messages
// of a link.Pipe follow in both directions, as pipe.go has them. It ends with the
// call's last stream.
//
// # Standard input and output
//
// A caller at stdio:PROGRAM ARGUMENTS starts the program, and at stdio: itself again, to
// serve one component at its standard input and output (plugin.go, stdio.go). A mux
// divides these into connections, which are used as those of a socket are (mux.go).
//
// # Outcomes
//
// A call that fails is reported as not executed only on evidence: its request
// was not handed to the system as a whole, the callee's goaway frame excludes it, or
// the callee has refused it. Everything else has an unknown outcome.
package unix

import (
	"github.com/unweld/unweld/bindings/rt/link"
)

func init() {
	link.Register(link.Transport{Scheme: "unix", Dial: dial, Listen: listen})
	link.Register(link.Transport{Scheme: "stdio", Dial: dialPlugin, Listen: listenStdio})
	takeStdio()
}

// MaxMessage is the size of the largest request or reply in bytes, with what
// travels beside it.
const MaxMessage = 64 << 20
