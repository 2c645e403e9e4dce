// Package streamtest is a component with streams whose code is written by hand, for
// the tests of the run-time of bindings.
package streamtest
