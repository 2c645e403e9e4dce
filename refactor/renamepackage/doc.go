// Package renamepackage gives a package another name, and its folder where that is
// called like it.
package renamepackage
