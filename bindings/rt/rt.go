// Package rt holds the run-time that every generated package stands on, as
// source: wire encodes and decodes, link routes calls. It is copied into users'
// modules, together with what each binding and store has in a folder rt of its
// own; nothing in those folders may import anything but the standard library,
// each other, and what their plug-in requires.
package rt

import (
	"embed"

	"github.com/unweld/unweld/internal/generate"
)

//go:embed wire/*.go link/*.go
var source embed.FS

// Packages are the run-time packages that all generated code needs.
var Packages = []generate.Package{
	{Name: "link", Source: source, Dir: "link", Keep: []string{
		"Error", "Outcome", "NotExecuted", "ErrMoved", "ErrMalformed", "ErrTooLarge", "ErrClosed", "ErrPinned", "VersionError", "PanicError",
		"WithMetadata", "Metadata",
	}},
	{Name: "wire", Source: source, Dir: "wire"},
}
