// Package rt holds the run-time that every generated package stands on, as
// source: wire encodes and decodes, link routes calls. It is copied into users'
// modules, together with what each binding and store has in a folder rt of its
// own; nothing in those folders may import anything but the standard library,
// each other, and what their plug-in requires.
package rt

import "embed"

// Source is the Go source of the packages, each in the folder of its name.
//
//go:embed wire/*.go link/*.go
var Source embed.FS
