package connect

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/unweld/unweld/bindings/rt/link"
)

// described are the descriptor sets of components, and what was read of them.
var described struct {
	sync.Mutex
	sets    []describedSet
	methods map[string]protoreflect.MethodDescriptor // by full name; nil: not read yet
	err     error
}

type describedSet struct {
	files fs.FS
	name  string
}

// Describe makes callers that write JSON understood: name is the file in files with the
// descriptor set of a component's .proto. Generated code calls it.
func Describe(files fs.FS, name string) {
	described.Lock()
	defer described.Unlock()
	described.sets = append(described.sets, describedSet{files, name})
	described.methods = nil
	convert = converted
}

// convert turns the messages of a method from JSON into their encoding, and back; nil
// where no component is described.
var convert func(method string, request bool, from []byte) ([]byte, error)

// fromJSON returns the encoding of a request.
func fromJSON(method, text string) (string, error) {
	if convert == nil {
		return "", fmt.Errorf("%w: %s takes application/proto here; bind with --opt connect.json=true", errors.ErrUnsupported, method)
	}
	b, err := convert(method, true, []byte(text))
	if err != nil {
		return "", link.Malformed(err)
	}
	return string(b), nil
}

// toJSON writes a reply.
func toJSON(method string, body []byte) ([]byte, error) { return convert(method, false, body) }

func converted(method string, request bool, from []byte) ([]byte, error) {
	m, err := methodNamed(method)
	if err != nil {
		return nil, err
	}
	if request {
		msg := dynamicpb.NewMessage(m.Input())
		if err := protojson.Unmarshal(from, msg); err != nil {
			return nil, err
		}
		return proto.MarshalOptions{Deterministic: true}.Marshal(msg)
	}
	msg := dynamicpb.NewMessage(m.Output())
	if err := proto.Unmarshal(from, msg); err != nil {
		return nil, err
	}
	return protojson.Marshal(msg)
}

func methodNamed(name string) (protoreflect.MethodDescriptor, error) {
	described.Lock()
	defer described.Unlock()
	if described.methods == nil {
		described.methods, described.err = readMethods(described.sets)
	}
	if m := described.methods[name]; m != nil || described.err != nil {
		return m, described.err
	}
	return nil, fmt.Errorf("%s has no descriptor in this program", name)
}

// readMethods returns the methods of descriptor sets, by full name.
func readMethods(sets []describedSet) (map[string]protoreflect.MethodDescriptor, error) {
	methods := map[string]protoreflect.MethodDescriptor{}
	for _, d := range sets {
		b, err := fs.ReadFile(d.files, d.name)
		if err != nil {
			return methods, err
		}
		var set descriptorpb.FileDescriptorSet
		if err := proto.Unmarshal(b, &set); err != nil {
			return methods, fmt.Errorf("%s: %w", d.name, err)
		}
		for _, f := range set.GetFile() {
			file, err := protodesc.NewFile(f, new(protoregistry.Files))
			if err != nil {
				return methods, fmt.Errorf("%s: %w", d.name, err)
			}
			for i := range file.Services().Len() {
				service := file.Services().Get(i)
				for j := range service.Methods().Len() {
					m := service.Methods().Get(j)
					methods[string(m.FullName())] = m
				}
			}
		}
	}
	return methods, nil
}
