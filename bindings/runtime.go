package bindings

import "embed"

// Runtime holds the source of the run-time packages that every generated
// package stands on: wire and link. A binding adds that of its transport.
//
//go:embed wire/*.go link/*.go
var Runtime embed.FS
