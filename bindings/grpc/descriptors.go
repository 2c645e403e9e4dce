package grpc

import (
	"context"
	"fmt"
	"path"

	"github.com/bufbuild/protocompile"
	protobuf "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/generate"
)

// descriptorSet returns the .proto file compiled, as a FileDescriptorSet: what server
// reflection answers with, and what tools that don't ask the server read.
func descriptorSet(ctx context.Context, file generate.File) ([]byte, error) {
	name := path.Base(file.Path)
	compiler := protocompile.Compiler{
		Resolver: &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{name: string(file.Content)})},
	}
	compiled, err := compiler.Compile(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("compile the generated %s: %w", name, err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, f := range compiled {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
	}
	return protobuf.MarshalOptions{Deterministic: true}.Marshal(set)
}

// reflection are the files with which a unit answers gRPC's server reflection.
func reflection(ctx context.Context, req *generate.Request, file generate.File) ([]generate.File, error) {
	content, err := descriptorSet(ctx, file)
	if err != nil {
		return nil, err
	}
	set := generate.File{Path: codegen.PathOf(req, req.Contract.Component, ".protoset"), Content: content}
	e := codegen.Extend(req, "grpc")
	embed, rt := e.Use("embed", "embed"), e.Runtime("grpc")
	name := path.Base(set.Path)
	e.Printf("//go:embed %s\nvar %s %s.FS\n\nfunc init() { %s.Describe(%s, %q) }\n", name, e.Ident("protoset"), embed, rt, e.Ident("protoset"), name)
	code, err := e.Finish()
	return []generate.File{set, code}, err
}
