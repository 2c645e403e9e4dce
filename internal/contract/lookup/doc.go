// Package lookup finds the contract of a component in the code of a module:
// which interface it is, which errors its callers check, what its methods do to
// state and to their arguments, and why it may be pinned.
//
// Its input is a component's name or ./pkg.Interface, its output a
// component.Contract. internal/contract builds the contract from the interface.
package lookup
