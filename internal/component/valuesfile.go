package component

import (
	"path"
	"strings"
)

// What the names of generated files in packages of the user's begin with, and of those
// with the codec of values that only their package can write end with.
const (
	generatedPrefix = "zz_unweld_"
	valuesSuffix    = "_values.go"
)

// ValuesFile is the name of the file that a package gets which has types with unexported
// fields that cross the contract of a component in another package.
func ValuesFile(component string) string { return generatedPrefix + component + valuesSuffix }

// IsValuesFile reports whether a slash-separated path is that of such a file.
func IsValuesFile(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, generatedPrefix) && strings.HasSuffix(base, valuesSuffix)
}

// ForeignFolder is the folder, below that of the code generated for a component, of what
// is generated for programs in other languages; LibraryFile is the one Go file in it, a
// package main that no other package imports.
const (
	ForeignFolder = "foreign"
	LibraryFile   = "library.go"
)

// IsLibraryFile reports whether a slash-separated path is that of such a Go file.
func IsLibraryFile(file string) bool {
	return path.Base(file) == LibraryFile && path.Base(path.Dir(file)) == ForeignFolder
}
