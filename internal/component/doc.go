// Package component holds the model of a codebase as plain data: summaries of
// packages, the graph made of them, components, contracts, and problems.
//
// It has no go/ast and no go/types in it, so that generators, stores, targets
// and front ends can use it without a type checker.
package component
