// Package streamresult gives a function that makes a list of any length a variant
// that hands out each element as it is made, as an iterator, and makes callers that
// only go over the list go over that. The function itself collects what the variant
// hands out. What comes out has been type-checked with its tests.
package streamresult
