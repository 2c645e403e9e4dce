// Package lookup finds the contract of a component in the code of a module:
// which interface it is, which errors its callers look for, what its methods do
// to state and to their arguments, and why it may have to stay where it is.
//
// A name or ./pkg.Interface goes in, a component.Contract comes out. It doesn't
// say how a contract is built from an interface; that is internal/contract.
package lookup
