// Package stream carries the parameters and results of a call that are streams:
// readers, writers, iterators, channels and callbacks. It is copied into a module
// only if a contract there has such.
//
// Each call with streams has a link.Pipe of its own. Messages on it have a number:
//
//	1       the request; in the other direction the reply
//	2       a control message, see control
//	3       the reply of a call that failed
//	16 + n  an element of stream n: bytes, or the message of a value
//
// What is read from a Reader, asked of an iterator and so on is asked for by the
// side that consumes it, and nothing crosses that wasn't asked for. Two ways of
// asking keep a stream what it is in one process:
//
// A parameter stays its caller's own, who may use it afterwards. So each Read is
// one Read there, of at most as many bytes, each Write is one and has its result,
// and an iterator is one element ahead at most. Only who says that it wants all
// there is (WriteTo, ReadFrom: what io.Copy uses) lets more be under way, up to a
// window.
//
// A result was given away. More of it may be read ahead than its consumer has
// asked for, up to a window.
//
// A stream of the parameters ends with the call. One of the results ends when it
// is closed, or read to its end, or when its context ends. The pipe ends with the
// last of them. A pipe that breaks before is an error to all that still use it.
package stream
