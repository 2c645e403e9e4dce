// Package boundary puts an interface between a type and those who use it: it has
// the methods that they use, with the signatures that the type's methods have, and
// they hold it instead of the type. Nothing else changes.
//
// In go a module with its types, the type, and who is to hold the interface; edits
// and notes come out. Which places can hold it is package retype's to say.
package boundary
