package protofile

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

// File returns the .proto file of a component, beside the code that all bindings
// share.
func File(req *generate.Request) generate.File {
	return generate.File{Path: codegen.PathOf(req, req.Contract.Component, ".proto"), Content: contentOf(req.Schema)}
}

// Described returns the .proto file compiled, as a .protoset file with a
// FileDescriptorSet, and the Go file that hands it to the function Describe of a
// run-time package.
func Described(ctx context.Context, req *generate.Request, runtime string) ([]generate.File, error) {
	content, err := compiled(ctx, File(req))
	if err != nil {
		return nil, err
	}
	set := generate.File{Path: codegen.PathOf(req, req.Contract.Component, ".protoset"), Content: content}
	e := codegen.Extend(req, runtime)
	embed, rt := e.Use("embed", "embed"), e.Runtime(runtime)
	name, variable := path.Base(set.Path), e.Ident(runtime+"Protoset")
	e.Printf("//go:embed %s\nvar %s %s.FS\n\nfunc init() { %s.Describe(%s, %q) }\n", name, variable, embed, rt, variable, name)
	code, err := e.Finish()
	return []generate.File{set, code}, err
}

func compiled(ctx context.Context, file generate.File) ([]byte, error) {
	name := path.Base(file.Path)
	compiler := protocompile.Compiler{
		Resolver: &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{name: string(file.Content)})},
	}
	files, err := compiler.Compile(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("compile the generated %s: %w", name, err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, f := range files {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
	}
	return protobuf.MarshalOptions{Deterministic: true}.Marshal(set)
}
