// Package mergepackages moves everything that a package declares to another package,
// so that the two are one.
package mergepackages
