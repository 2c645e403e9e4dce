// Package linktest is a small component bound by hand: what generated code
// looks like, and what the tests of the run-time and the transports call.
package linktest
