// Package localizestate moves fields of a struct that many share into a struct of
// their own, which the shared one holds by value, together with the methods that use
// nothing else. What comes out has been type-checked with its tests.
//
// It moves nothing to another package; move-declaration does that next.
package localizestate
