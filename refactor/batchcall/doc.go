// Package batchcall makes one call of the calls that a loop makes, one per element:
// a variant of the function that takes all elements at once is written beside it, and
// loops gather the arguments, call it once, and use its results. A loop is rewritten
// only where nobody could tell but by the number of calls. What comes out has been
// type-checked with its tests.
package batchcall
