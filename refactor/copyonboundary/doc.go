// Package copyonboundary makes the methods of a type copy what they return of its
// state, and what they store in it, so that the type and its callers share no
// memory: as it is when a call crosses a process. Callers that rely on the shared
// memory, by writing through it, by keeping it or by comparing pointers, are found
// and refused. What comes out has been type-checked with its tests.
package copyonboundary
