// Package rt embeds the source of the run-time that every generated package
// uses: wire encodes and decodes, link routes calls, stream carries what isn't one
// value, mtls protects connections, telemetry tells
// OpenTelemetry of calls, protobuf has messages cross as themselves. It is copied
// into users' modules, together with the folder rt of each binding and store in use.
// The packages in those folders may
// import only the standard library, each other, and the modules that their plug-in
// requires.
package rt

import (
	"embed"

	"github.com/unweld/unweld/internal/generate"
)

//go:embed wire/*.go link/*.go stream/*.go handle/*.go mtls/*.go telemetry/*.go library/*.go protobuf/*.go
var source embed.FS

// Packages are the run-time packages that all generated code needs.
var Packages = []generate.Package{
	{Name: "link", Source: source, Dir: "link", Keep: []string{
		"CertificateError", "Error", "Outcome", "NotExecuted", "ErrMoved", "ErrMalformed", "ErrTooLarge", "ErrTooDeep", "ErrClosed", "ErrPinned", "VersionError", "PanicError",
		"Metadata", "Observe",
	}},
	{Name: "wire", Source: source, Dir: "wire"},
}

// Streams is the run-time package that generated code needs besides where endpoints
// have streams.
var Streams = generate.Package{Name: "stream", Source: source, Dir: "stream"}

// ForTransports are packages that transports import. They come with those, and what a
// program doesn't use of them isn't copied.
var ForTransports = []generate.Package{
	{Name: "mtls", Source: source, Dir: "mtls"},
	Streams,
}

// Handles is the run-time package that generated code needs besides where endpoints
// take or return handles.
var Handles = generate.Package{Name: "handle", Source: source, Dir: "handle", Keep: []string{"ErrClosed", "ErrExpired", "ErrLost", "ErrForeign", "ErrTooMany"}}

// Telemetry is the run-time package that tells OpenTelemetry of the calls of components
// that ask for it. No other package imports it.
var Telemetry = generate.Package{Name: "telemetry", Source: source, Dir: "telemetry"}

// Messages is the run-time package by which messages of Protocol Buffers cross as
// themselves. Generated codecs import it where a contract has such.
var Messages = generate.Package{Name: "protobuf", Source: source, Dir: "protobuf"}

// Library is the run-time package by which programs in other languages call components in
// their own process.
var Library = generate.Package{Name: "library", Source: source, Dir: "library", Keep: []string{"Component", "Callee", "Unmade", "Constructor"}}
