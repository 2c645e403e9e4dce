package grpc

import (
	"path"

	"github.com/unweld/unweld/internal/generate"
)

// languages are those for which protoc has a generator of its own.
var languages = []string{"cpp", "csharp", "java", "kotlin", "objc", "php", "python", "ruby"}

var protoc = generate.Tool{Name: "protoc", For: "making clients in other languages from a .proto file",
	Find: "it is part of Protocol Buffers: package protobuf-compiler or protobuf of the system, version 27 or newer for edition 2023"}

// clients are the steps that make messages for other languages out of the
// .proto file, beside it.
func clients(req *generate.Request, proto string) []generate.Step {
	var steps []generate.Step
	for _, language := range req.Options.List("clients") {
		dir := path.Join(path.Dir(proto), language)
		steps = append(steps, generate.Step{
			Name:    language + " client of " + req.Contract.Component,
			Command: []string{"protoc", "--proto_path=" + path.Dir(proto), "--" + language + "_out=" + dir, path.Base(proto)},
			Makes:   []string{dir}, Tools: []generate.Tool{protoc},
		})
	}
	return steps
}
