package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// The procedures of gRPC's server reflection, which grpcurl, Postman and the like ask. The
// two versions have the same messages.
const (
	reflectV1    = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
	reflectAlpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
)

// Numbers of the fields of requests and answers.
const (
	askFile      = 3
	askSymbol    = 4
	askExtension = 5
	askNumbers   = 6
	askServices  = 7

	toldRequest  = 2
	toldFile     = 4
	toldServices = 6
	toldError    = 7
)

// reflectInfo answers the questions of one caller; nil where no component is described.
var reflectInfo func(s *server) func(context.Context, *connect.BidiStream[message, message]) error

func reflected(s *server) func(context.Context, *connect.BidiStream[message, message]) error {
	return func(_ context.Context, questions *connect.BidiStream[message, message]) error {
		for {
			question, err := questions.Receive()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if question.json {
				return connect.NewError(connect.CodeUnimplemented, errors.New("reflection speaks application/proto"))
			}
			answer, err := s.reflect(question.bytes)
			if err != nil {
				return err
			}
			if err := questions.Send(&message{bytes: answer}); err != nil {
				return err
			}
		}
	}
}

// reflect answers a question.
func (s *server) reflect(question []byte) ([]byte, error) {
	asked, err := textFields(string(question))
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	known, err := readDescribed()
	if err != nil {
		return nil, connect.NewError(connect.CodeInternal, err)
	}
	answer := wire.AppendField(nil, toldRequest<<3|wire.TypeBytes, string(question))
	file, err := protoreflect.FileDescriptor(nil), error(nil)
	switch {
	case has(asked, askServices):
		return wire.AppendField(answer, toldServices<<3|wire.TypeBytes, s.services(known)), nil
	case has(asked, askFile):
		file, err = known.files.FindFileByPath(asked[askFile])
	case has(asked, askSymbol):
		var d protoreflect.Descriptor
		if d, err = known.files.FindDescriptorByName(protoreflect.FullName(asked[askSymbol])); err == nil {
			file = d.ParentFile()
		}
	case has(asked, askExtension) || has(asked, askNumbers):
		err = errors.New("no message here has extensions")
	default:
		err = errors.New("a question that isn't known here")
	}
	if err != nil {
		text := wire.AppendField([]byte{1 << 3, byte(connect.CodeNotFound)}, 2<<3|wire.TypeBytes, err.Error())
		return wire.AppendField(answer, toldError<<3|wire.TypeBytes, string(text)), nil
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(protodesc.ToFileDescriptorProto(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Path(), err)
	}
	content = wire.AppendField(nil, 1<<3|wire.TypeBytes, string(content))
	return wire.AppendField(answer, toldFile<<3|wire.TypeBytes, string(content)), nil
}

func has(asked map[uint64]string, field uint64) bool {
	_, is := asked[field]
	return is
}

// services is the list of those that this unit serves.
func (s *server) services(known *descriptors) string {
	names := []string{healthService}
	for _, name := range known.services {
		if s.hosts(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []byte
	for _, name := range names {
		list = wire.AppendField(list, 1<<3|wire.TypeBytes, string(wire.AppendField(nil, 1<<3|wire.TypeBytes, name)))
	}
	return string(list)
}

// healthFile describes gRPC's health checking protocol.
func healthFile() *descriptorpb.FileDescriptorProto {
	field := func(name string, of descriptorpb.FieldDescriptorProto_Type, typ string) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{Name: &name, JsonName: &name, Number: proto.Int32(1), Type: of.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
		if typ != "" {
			f.TypeName = &typ
		}
		return f
	}
	const request, response = ".grpc.health.v1.HealthCheckRequest", ".grpc.health.v1.HealthCheckResponse"
	var values []*descriptorpb.EnumValueDescriptorProto
	for st := range serviceUnknown + 1 {
		values = append(values, &descriptorpb.EnumValueDescriptorProto{Name: proto.String(st.String()), Number: proto.Int32(int32(st))})
	}
	return &descriptorpb.FileDescriptorProto{
		Name: proto.String("grpc/health/v1/health.proto"), Package: proto.String("grpc.health.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("HealthCheckRequest"), Field: []*descriptorpb.FieldDescriptorProto{field("service", descriptorpb.FieldDescriptorProto_TYPE_STRING, "")}},
			{
				Name:     proto.String("HealthCheckResponse"),
				Field:    []*descriptorpb.FieldDescriptorProto{field("status", descriptorpb.FieldDescriptorProto_TYPE_ENUM, response+".ServingStatus")},
				EnumType: []*descriptorpb.EnumDescriptorProto{{Name: proto.String("ServingStatus"), Value: values}},
			},
		},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("Health"), Method: []*descriptorpb.MethodDescriptorProto{
			{Name: proto.String("Check"), InputType: proto.String(request), OutputType: proto.String(response)},
			{Name: proto.String("Watch"), InputType: proto.String(request), OutputType: proto.String(response), ServerStreaming: proto.Bool(true)},
		}}},
	}
}
