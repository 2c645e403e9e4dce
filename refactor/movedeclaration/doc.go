// Package movedeclaration moves functions, types, variables and constants of a
// package to another package of the module, or to a new one. Helpers that only
// they use move along, what both packages need is exported, and everything that
// refers to them does so at their new place. What comes out has been type-checked
// with its tests.
package movedeclaration
