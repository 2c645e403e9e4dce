// Package wrapdependency puts a package of the module between the module's code and
// a package of another module or of the standard library, so that it can be a
// component: a contract and generated code can't be put into other people's code.
package wrapdependency
