// Package placement says where a program can tell which package something is in: by the
// names of types that it prints or encodes, and by when variables and init functions run.
package placement
