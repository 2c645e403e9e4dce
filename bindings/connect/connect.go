// Package connect is the binding that reaches other machines, and callers in other
// languages and browsers, over Connect's protocol, gRPC and gRPC-Web.
package connect

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

// The releases that a module gets which requires no newer ones: the last of
// connectrpc.com/connect that asks for no newer language than the run-time does, and
// what that requires.
const (
	connectVersion  = "v1.19.1"
	protobufVersion = "v1.36.9"
)

// Binding is the binding named connect.
var Binding = &bindings.Binding{
	Name: "connect",
	Doc: `Connect: another machine, another language, a browser, or curl.

One port serves three protocols: Connect's own, gRPC and gRPC-Web, so that clients of
each can call without a proxy. Between units calls are Connect's over HTTP/1.1, and
those with streams over HTTP/2. The service of component pricing is pricing.Service,
as in the .proto that is generated beside the code:

    curl --json '{"sku": "A-1", "quantity": 2}' http://127.0.0.1:8080/pricing.Service/Quote
    grpcurl -plaintext -d '{"sku": "A-1"}' 127.0.0.1:8080 pricing.Service/Quote

An endpoint that provably only reads, and has neither streams nor handles, says so in the
.proto (idempotency_level = NO_SIDE_EFFECTS) and can be called by GET, which caches and
clients made with WithHTTPGet or useHttpGet make use of:

    curl 'http://127.0.0.1:8080/pricing.Service/Quote?encoding=json&message=%7B%22sku%22:%22A-1%22%7D'

A unit also answers gRPC's server reflection and health checks, these over all three
protocols, and by GET for a probe that knows no other way:

    grpcurl -plaintext 127.0.0.1:8080 list
    grpc_health_probe -addr 127.0.0.1:8080 -service pricing.Service
    curl 'http://127.0.0.1:8080/grpc.health.v1.Health/Check?encoding=json&message=%7B%7D'

A failed call has one of Connect's codes: not_found, permission_denied and
already_exists for errors that are fs.ErrNotExist, ErrPermission and ErrExist,
deadline_exceeded and canceled where a deadline or the caller ended it, internal for a
panic, unknown for the rest. Connect-Timeout-Ms sets a deadline, and Unweld-Metadata:
key=value what link.Metadata returns. There are no CORS headers; put a proxy in front
for those, for authentication and for quotas.

Plaintext is spoken at connect:// addresses of the loopback interface only. Elsewhere,
and at connects://, it insists on TLS with certificates on both sides
(UNWELD_TLS_CERT, UNWELD_TLS_KEY, UNWELD_TLS_CA name their files). Files that are
replaced are read again, and a certificate that isn't taken is a
*link.CertificateError, which says whose it is and why.`,
	Traits: bindings.Traits{
		Unary: true, Streams: true, Handles: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true, ForeignCaller: true,
	},
	Schemes: []split.Scheme{scheme("connect"), scheme("connects")},
	Options: []generate.Option{
		{Name: "json", Kind: generate.Bool, Default: "true", Doc: "whether callers may write JSON or use GET, and reflection is answered, by a .protoset file"},
	},
	Runtime:  []generate.Package{{Name: "connect", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("connect"),
	Generate: generateFiles,
}

func scheme(name string) split.Scheme {
	return split.Scheme{
		Name: name, CrossesUnits: true, CrossesHosts: true, HostPort: true, TLS: true,
		Open: func(split.Opening) (split.Allocator, error) { return split.Ports(name), nil },
	}
}

func generateFiles(ctx context.Context, req *generate.Request) (*generate.Output, error) {
	out := &generate.Output{
		Files: []generate.File{protofile.File(req)},
		Requires: []generate.Requirement{
			{Path: "connectrpc.com/connect", Version: connectVersion, Packages: []string{"connectrpc.com/connect"}},
			{Path: "google.golang.org/protobuf", Version: protobufVersion, Packages: imported},
		},
	}
	if req.Options.Bool("json") {
		described, err := protofile.Described(ctx, req, "connect")
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, described...)
		out.Requires[1].Packages = slices.Concat(imported, importedForJSON)
	}
	return out, nil
}

// imported are the packages of protobuf that the run-time imports, importedForJSON those
// that it imports besides where components are described.
var (
	imported        = []string{"google.golang.org/protobuf/types/known/anypb"}
	importedForJSON = []string{
		"google.golang.org/protobuf/encoding/protojson",
		"google.golang.org/protobuf/proto",
		"google.golang.org/protobuf/reflect/protodesc",
		"google.golang.org/protobuf/reflect/protoreflect",
		"google.golang.org/protobuf/reflect/protoregistry",
		"google.golang.org/protobuf/types/descriptorpb",
		"google.golang.org/protobuf/types/dynamicpb",
	}
)
