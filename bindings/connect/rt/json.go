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
	sets []describedSet
	read *descriptors // nil: not read yet
	err  error
}

// descriptors are what descriptor sets say.
type descriptors struct {
	files    *protoregistry.Files
	methods  map[string]protoreflect.MethodDescriptor // by full name
	services []string
}

type describedSet struct {
	files fs.FS
	name  string
}

// Describe makes callers that write JSON understood, calls by GET possible of what only
// reads, and reflection know a component: name is the file in files with the
// descriptor set of a component's .proto. Generated code calls it.
func Describe(files fs.FS, name string) {
	described.Lock()
	defer described.Unlock()
	described.sets = append(described.sets, describedSet{files, name})
	described.read = nil
	convert, reads, reflectInfo = converted, readsOnly, reflected
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

// reads reports whether a method only reads; nil where no component is described.
var reads func(method string) bool

// readsOnly says what the component's .proto does.
func readsOnly(method string) bool {
	m, err := methodNamed(method)
	if err != nil {
		return false
	}
	options, ok := m.Options().(*descriptorpb.MethodOptions)
	return ok && options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

func methodNamed(name string) (protoreflect.MethodDescriptor, error) {
	d, err := readDescribed()
	if err != nil {
		return nil, err
	}
	if m := d.methods[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("%s has no descriptor in this program", name)
}

// readDescribed reads what isn't read yet.
func readDescribed() (*descriptors, error) {
	described.Lock()
	defer described.Unlock()
	if described.read == nil {
		described.read, described.err = readSets(described.sets)
	}
	return described.read, described.err
}

// readSets reads descriptor sets, and describes the health checks.
func readSets(sets []describedSet) (*descriptors, error) {
	d := &descriptors{files: new(protoregistry.Files), methods: map[string]protoreflect.MethodDescriptor{}}
	if err := d.add(healthFile()); err != nil {
		return d, err
	}
	for _, from := range sets {
		b, err := fs.ReadFile(from.files, from.name)
		if err != nil {
			return d, err
		}
		var set descriptorpb.FileDescriptorSet
		if err := proto.Unmarshal(b, &set); err != nil {
			return d, fmt.Errorf("%s: %w", from.name, err)
		}
		for _, f := range set.GetFile() {
			if err := d.add(f); err != nil {
				return d, fmt.Errorf("%s: %w", from.name, err)
			}
		}
	}
	return d, nil
}

func (d *descriptors) add(f *descriptorpb.FileDescriptorProto) error {
	file, err := protodesc.NewFile(f, d.files)
	if err == nil {
		err = d.files.RegisterFile(file)
	}
	if err != nil {
		return err
	}
	for i := range file.Services().Len() {
		service := file.Services().Get(i)
		d.services = append(d.services, string(service.FullName()))
		for j := range service.Methods().Len() {
			m := service.Methods().Get(j)
			d.methods[string(m.FullName())] = m
		}
	}
	return nil
}
