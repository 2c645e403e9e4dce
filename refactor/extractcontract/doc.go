// Package extractcontract writes an interface with the methods that chosen
// packages use of a type, at the package that uses it or beside the type, and makes
// those packages hold it. Signatures stay as they are, and what comes out has been
// type-checked with its tests.
package extractcontract
