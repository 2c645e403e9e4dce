// Package breakcycle ends the dependency of one part of a module on another, so that
// the two no longer depend on each other: what is used is passed in by those who know
// both, or it moves to a package that both may import. Packages retype, relocate and
// thread do the work; this one finds out what is used, chooses, and makes sure that the
// dependency is gone. What comes out has been type-checked with its tests.
package breakcycle
