// Package generators knows how a module's generated files come about: which go:generate
// directive, or which configuration of mockery, has which program write which file.
// Run runs such programs in a copy of the module that has a change applied, and returns
// what they wrote. The module itself isn't touched.
//
// What a directive is about is read from its words alone; of mockgen, moq,
// counterfeiter and mockery the flags are known. Nothing but Run runs anything.
package generators
