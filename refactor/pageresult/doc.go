// Package pageresult gives a function that returns a list of any length a variant
// that returns it page by page, and makes callers that only go over the list go over
// its pages. What comes out has been type-checked with its tests.
package pageresult
