// Package handle keeps the values that a component has given away without giving
// them out of its process: sessions, transactions and other results whose type is
// an interface with methods. It is copied into a module only if a contract there
// has such results.
//
// The component's side has a table of values. A [Ref] names one of them by the
// table, of which there is never another with the same number, and its place there.
// Each caller, a process, has a random name. A value is found only for callers that
// it was given to.
//
// The caller's side has a [Handle] for each Ref that it has been given and that
// somebody still refers to; generated code makes it a value of the interface. The
// same Ref is the same Handle.
//
// What is given is given under a number that the caller chose before the call. So
// it can be given back although no reply arrived: the caller sends the numbers of
// what nobody refers to any more, and of calls that failed. It does so together with
// the message by which it says, three times in the time of a lease, that it is
// there. A caller that isn't heard of for the time of a lease loses its values.
package handle
