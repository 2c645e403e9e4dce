// Package grpc is the binding that reaches other machines, and callers in other
// languages, over gRPC.
package grpc

import (
	"context"
	"embed"
	"slices"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen/protofile"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

//go:embed rt/*.go
var sources embed.FS

// grpcVersion is the release of google.golang.org/grpc that a module gets which
// doesn't require one: the last that asks for no newer language than the
// run-time does. Newer ones do as well.
const grpcVersion = "v1.80.0"

// protobufVersion is the release of google.golang.org/protobuf that grpcVersion
// requires.
const protobufVersion = "v1.36.11"

// Binding is the binding named grpc.
var Binding = &bindings.Binding{
	Name: "grpc",
	Doc: `gRPC: another machine, or a caller in another language.

Beyond the loopback interface it insists on TLS with certificates on both sides
(UNWELD_TLS_CERT, UNWELD_TLS_KEY, UNWELD_TLS_CA name their files). Files that are
replaced are read again: a certificate is renewed without a restart. One that isn't
taken is a *link.CertificateError, which says whose it is and why.

The generated .proto is all that a foreign caller needs. A unit also answers the
health checks and the server reflection of gRPC:

    grpcurl -plaintext 127.0.0.1:9090 list
    grpcurl -plaintext -d '{"sku": "A-1"}' 127.0.0.1:9090 pricing.Service/Quote
    grpc_health_probe -addr 127.0.0.1:9090 -service pricing.Service`,
	Traits: bindings.Traits{
		Unary: true, Streams: true, Handles: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true, ForeignCaller: true,
	},
	Schemes: []split.Scheme{scheme},
	Options: []generate.Option{
		{Name: "proto", Kind: generate.Bool, Default: "true", Doc: "whether the .proto file for callers in other languages is written"},
		{Name: "clients", Kind: generate.List, Values: languages, Doc: "the languages for which bind says how to make a client from the .proto file"},
		{Name: "reflection", Kind: generate.Bool, Default: "true", Doc: "whether units answer gRPC's server reflection, which grpcurl and Postman ask, by a .protoset file"},
	},
	Tools:    []generate.Tool{protoc},
	Runtime:  []generate.Package{{Name: "grpc", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("grpc"),
	Generate: generateFiles,
}

func generateFiles(ctx context.Context, req *generate.Request) (*generate.Output, error) {
	var files []generate.File
	proto := protofile.File(req)
	var steps []generate.Step
	if req.Options.Bool("proto") {
		files = append(files, proto)
		steps = clients(req, proto.Path)
	}
	out := &generate.Output{Steps: steps, Requires: []generate.Requirement{{Path: "google.golang.org/grpc", Version: grpcVersion, Packages: imported}}}
	if req.Options.Bool("reflection") {
		described, err := protofile.Described(ctx, req, "grpc")
		if err != nil {
			return nil, err
		}
		files = append(files, described...)
		out.Requires[0].Packages = slices.Concat(imported, importedForReflection)
		out.Requires = append(out.Requires, generate.Requirement{Path: "google.golang.org/protobuf", Version: protobufVersion, Packages: importedOfProtobuf})
	}
	out.Files = files
	return out, nil
}

// imported are the packages that the run-time imports.
var imported = []string{
	"google.golang.org/grpc",
	"google.golang.org/grpc/codes",
	"google.golang.org/grpc/connectivity",
	"google.golang.org/grpc/credentials",
	"google.golang.org/grpc/credentials/insecure",
	"google.golang.org/grpc/encoding",
	"google.golang.org/grpc/health/grpc_health_v1",
	"google.golang.org/grpc/mem",
	"google.golang.org/grpc/metadata",
	"google.golang.org/grpc/stats",
	"google.golang.org/grpc/status",
}

// importedForReflection are those that it imports besides where components are
// described.
var importedForReflection = []string{
	"google.golang.org/grpc/reflection",
	"google.golang.org/grpc/reflection/grpc_reflection_v1",
}

var importedOfProtobuf = []string{
	"google.golang.org/protobuf/proto",
	"google.golang.org/protobuf/reflect/protodesc",
	"google.golang.org/protobuf/reflect/protoreflect",
	"google.golang.org/protobuf/reflect/protoregistry",
	"google.golang.org/protobuf/types/descriptorpb",
}
