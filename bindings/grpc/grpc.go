// Package grpc is the binding that reaches other machines, and callers in other
// languages, over gRPC.
package grpc

import (
	"context"
	"embed"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

//go:embed rt/*.go
var sources embed.FS

// grpcVersion is the release of google.golang.org/grpc that a module gets which
// doesn't require one: the last that asks for no newer language than the
// run-time does. Newer ones do as well.
const grpcVersion = "v1.80.0"

// Binding is the binding named grpc.
var Binding = &bindings.Binding{
	Name: "grpc",
	Doc: `gRPC: another machine, or a caller in another language.

Beyond the loopback interface it insists on TLS with certificates on both sides
(UNWELD_TLS_CERT, UNWELD_TLS_KEY, UNWELD_TLS_CA name their files). Files that are
replaced are read again: a certificate is renewed without a restart. One that isn't
taken is a *link.CertificateError, which says whose it is and why. The generated
.proto is all that a foreign caller needs.`,
	Traits: bindings.Traits{
		Unary: true, Streams: true, Registered: true, Deadlines: true, Cancellation: true, Metadata: true, ForeignCaller: true,
	},
	Schemes: []split.Scheme{scheme},
	Options: []generate.Option{
		{Name: "proto", Kind: generate.Bool, Default: "true", Doc: "whether the .proto file for callers in other languages is written"},
		{Name: "clients", Kind: generate.List, Values: languages, Doc: "the languages for which bind says how to make a client from the .proto file"},
	},
	Tools:    []generate.Tool{protoc},
	Runtime:  []generate.Package{{Name: "grpc", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("grpc"),
	Generate: generateFiles,
}

func generateFiles(_ context.Context, req *generate.Request) (*generate.Output, error) {
	var files []generate.File
	proto := generate.File{Path: codegen.PathOf(req, req.Contract.Component, ".proto"), Content: protoOf(req.Schema)}
	var steps []generate.Step
	if req.Options.Bool("proto") {
		files = append(files, proto)
		steps = clients(req, proto.Path)
	}
	return &generate.Output{
		Files: files, Steps: steps,
		Requires: []generate.Requirement{{Path: "google.golang.org/grpc", Version: grpcVersion, Packages: imported}},
	}, nil
}

// imported are the packages that the run-time imports.
var imported = []string{
	"google.golang.org/grpc",
	"google.golang.org/grpc/codes",
	"google.golang.org/grpc/connectivity",
	"google.golang.org/grpc/credentials",
	"google.golang.org/grpc/credentials/insecure",
	"google.golang.org/grpc/mem",
	"google.golang.org/grpc/metadata",
	"google.golang.org/grpc/stats",
	"google.golang.org/grpc/status",
}
