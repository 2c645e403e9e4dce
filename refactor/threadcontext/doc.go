// Package threadcontext gives functions and methods a context.Context as their
// first parameter and passes it on from their callers, up to where a context
// comes from: a request, a test, main. What comes out has been type-checked
// with its tests.
package threadcontext
