package conformance

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// TestForeignCaller calls a component over gRPC from a client that knows only
// the generated .proto, read by a compiler that isn't ours.
func TestForeignCaller(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	at := address(t, "grpc")
	s.serve(t, program, at)
	c := s.foreign(t, at)

	for _, v := range []string{
		`{"grid": [{"value": ["0", "0", "0"]}, {"value": ["0", "0", "0"]}]}`,
		`{"b": true, "i": "-7", "i8": -8, "u64": "18446744073709551615", "f": 1.5, "s": "päck", "level": 3, "points": [{"x": 1}, {"y": -2}],
			"byName": {"a": {"x": 5}}, "node": {"name": "a", "next": {"name": "b"}}, "maybe": "0",
			"shape": {"group": {"members": [{"circle": {"r": 2}}, {}, {"letter": {"value": 97}}]}},
			"grid": [{"value": ["1", "2", "3"]}, {"value": ["0", "-5", "0"]}]}`,
	} {
		in := `{"v": ` + v + `}`
		request, reply := c.call(t, "Echo", in)
		sent, got := field(request, 0), field(reply, 0)
		if !proto.Equal(sent, got) {
			t.Errorf("Echo of %s came back as %s", protojson.Format(sent), protojson.Format(got))
		}
	}
	_, sum := c.call(t, "Sum", `{"xs": ["1", "2", "39"]}`)
	if got := sum.Get(sum.Descriptor().Fields().ByNumber(1)).Int(); got != 42 {
		t.Errorf("Sum is %d, want 42", got)
	}
	// Old compilers and libraries write each element of a list by itself.
	_, sum = c.expanded(t).call(t, "Sum", `{"xs": ["1", "2", "39"]}`)
	if got := sum.Get(sum.Descriptor().Fields().ByNumber(1)).Int(); got != 42 {
		t.Errorf("Sum is %d of elements by themselves, want 42", got)
	}
	_, _, err := c.try(t, "Fail", `{"how": "wrapped"}`)
	if st := status.Convert(err); st.Code() != codes.Unknown || st.Message() != "stock: gone" {
		t.Errorf("Fail ended with %v, want UNKNOWN with the message of the error", err)
	}
	if _, _, err := c.try(t, "Fail", `{"how": "sentinel"}`); status.Convert(err).Message() != "gone" {
		t.Errorf("Fail ended with %v", err)
	}
}

// foreign is a client of nothing but gRPC and a .proto.
type foreign struct {
	conn    *grpc.ClientConn
	service protoreflect.ServiceDescriptor
}

func (s *scratch) foreign(t *testing.T, at string, opts ...grpc.DialOption) *foreign {
	t.Helper()
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{filepath.Join(s.dir, s.target.Dir)}})}
	protos, err := filepath.Glob(filepath.Join(s.dir, s.target.Dir, "*.proto"))
	if err != nil || len(protos) != 1 {
		t.Fatalf("found %v: %v", protos, err)
	}
	files, err := compiler.Compile(t.Context(), filepath.Base(protos[0]))
	if err != nil {
		t.Fatal(err)
	}
	if len(opts) == 0 {
		opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))
	}
	_, host, _ := strings.Cut(at, "://")
	conn, err := grpc.NewClient(host, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &foreign{conn, files[0].Services().Get(0)}
}

// expanded returns a client whose lists aren't packed.
func (c *foreign) expanded(t *testing.T) *foreign {
	t.Helper()
	file := protodesc.ToFileDescriptorProto(c.service.ParentFile())
	file.Options.Features.RepeatedFieldEncoding = descriptorpb.FeatureSet_EXPANDED.Enum()
	other, err := protodesc.NewFile(file, new(protoregistry.Files))
	if err != nil {
		t.Fatal(err)
	}
	return &foreign{c.conn, other.Services().Get(0)}
}

func (c *foreign) call(t *testing.T, method, in string) (request, reply *dynamicpb.Message) {
	t.Helper()
	request, reply, err := c.try(t, method, in)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return request, reply
}

func (c *foreign) try(t *testing.T, method, in string) (request, reply *dynamicpb.Message, err error) {
	t.Helper()
	m := c.service.Methods().ByName(protoreflect.Name(method))
	if m == nil {
		t.Fatalf("%s isn't in the .proto", method)
	}
	request, reply = dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
	if err := protojson.Unmarshal([]byte(in), request); err != nil {
		t.Fatalf("%s of %s: %v", in, m.Input().FullName(), err)
	}
	err = c.conn.Invoke(context.Background(), "/"+string(c.service.FullName())+"/"+method, request, reply)
	return request, reply, err
}

// field returns the message in a message's field.
func field(m *dynamicpb.Message, i int) proto.Message {
	return m.Get(m.Descriptor().Fields().Get(i)).Message().Interface()
}
