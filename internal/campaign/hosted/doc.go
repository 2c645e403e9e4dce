// Package hosted runs the own tests of packages that nobody prepared while the package
// runs in another process (make campaign-packages).
//
// A scratch module gets the package's test files, unedited but for their package clause,
// their imports and what the refactorings of bind write themselves. Which tests can be there
// is found out by type-checking: one that uses what the package doesn't export can't. Then
// the package is bound as a user would do it, its functions and each of its types with
// state in turn, and what is left of the tests runs under a split that has the component in a
// process of its own. A test has run elsewhere if it passes and uses an endpoint that was
// called there. For every other one there is a reason.
package hosted
