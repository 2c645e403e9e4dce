// Package threaderror makes functions and methods return an error that panicked,
// ended the program, or could not fail so far, and hands the error on through
// their callers, up to who can report it: a function that returns errors already,
// a test, main, a handler, a logger. What comes out has been type-checked with its
// tests.
package threaderror
