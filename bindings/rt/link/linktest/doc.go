// Package linktest is a small component with a binding written by hand: an
// example of generated code, and the component that tests of the run-time and
// the transports call.
package linktest
