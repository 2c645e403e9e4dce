package conformance

import (
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// reflecting are the schemes whose units answer reflection and health checks, with the
// services that they list besides.
var reflecting = map[string][]string{
	"grpc":    {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"},
	"connect": {"grpc.health.v1.Health"},
}

// TestReflection calls a component by what its unit says of itself, and of nothing else.
func TestReflection(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	for scheme, others := range reflecting {
		t.Run(scheme, func(t *testing.T) { s.reflect(t, program, scheme, others) })
	}
}

func (s *scratch) reflect(t *testing.T, program, scheme string, others []string) {
	at := address(t, scheme)
	s.serve(t, program, at)
	known := s.foreign(t, at)

	asked, err := grpc_reflection_v1.NewServerReflectionClient(known.conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *grpc_reflection_v1.ServerReflectionRequest) *grpc_reflection_v1.ServerReflectionResponse {
		t.Helper()
		if err := asked.Send(r); err != nil {
			t.Fatal(err)
		}
		answer, err := asked.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	list := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
	var services []string
	for _, service := range list.GetListServicesResponse().GetService() {
		services = append(services, service.GetName())
	}
	slices.Sort(services)
	if want := append(slices.Clone(others), "stock.Service"); !slices.Equal(services, want) {
		t.Errorf("the services are %v, want %v", services, want)
	}
	byName := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileByFilename{FileByFilename: "stock.proto"}})
	health := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "grpc.health.v1.Health.Check"}})
	for _, found := range []*grpc_reflection_v1.ServerReflectionResponse{byName, health} {
		if len(found.GetFileDescriptorResponse().GetFileDescriptorProto()) != 1 {
			t.Errorf("no file was found: %v", found)
		}
	}
	symbol := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "stock.Service"}})
	var described descriptorpb.FileDescriptorProto
	if files := symbol.GetFileDescriptorResponse().GetFileDescriptorProto(); len(files) != 1 {
		t.Fatalf("%d files: %v", len(files), symbol)
	} else if err := proto.Unmarshal(files[0], &described); err != nil {
		t.Fatal(err)
	}
	file, err := protodesc.NewFile(&described, new(protoregistry.Files))
	if err != nil {
		t.Fatal(err)
	}
	if want := protodesc.ToFileDescriptorProto(known.service.ParentFile()); !proto.Equal(want, protodesc.ToFileDescriptorProto(file)) {
		t.Error("the unit describes another schema than the .proto")
	}
	c := &foreign{known.conn, file.Services().ByName("Service")}
	_, sum := c.call(t, "Sum", `{"xs": ["1", "2", "39"]}`)
	if got := sum.Get(sum.Descriptor().Fields().ByNumber(1)).Int(); got != 42 {
		t.Errorf("Sum is %d, want 42", got)
	}
	for _, name := range []string{"stock.Nothing", "prices.Service"} {
		none := ask(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name}})
		if none.GetErrorResponse().GetErrorCode() != int32(codes.NotFound) {
			t.Errorf("%s: %v", name, none)
		}
	}
}

// TestHealth asks a unit how it is, while it runs and when it ends.
func TestHealth(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/tax.txtar")
	for scheme := range reflecting {
		t.Run(scheme, func(t *testing.T) { s.health(t, program, scheme) })
	}
}

func (s *scratch) health(t *testing.T, program, scheme string) {
	at := address(t, scheme)
	stop := s.serve(t, program, at)
	conn := s.foreign(t, at).conn
	h := grpc_health_v1.NewHealthClient(conn)
	for service, want := range map[string]codes.Code{"": codes.OK, "tax.Service": codes.OK, "stock.Service": codes.NotFound, "tax": codes.NotFound} {
		got, err := h.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
		if status.Code(err) != want || err == nil && got.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("%q: %v, %v", service, got, err)
		}
	}
	watches := map[string]grpc.ServerStreamingClient[grpc_health_v1.HealthCheckResponse]{}
	for service, want := range map[string]grpc_health_v1.HealthCheckResponse_ServingStatus{
		"tax.Service": grpc_health_v1.HealthCheckResponse_SERVING, "stock.Service": grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN} {
		w, err := h.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.Recv(); err != nil || got.GetStatus() != want {
			t.Errorf("%q: %v, %v", service, got, err)
		}
		watches[service] = w
	}
	stop()
	for service, w := range watches {
		got, err := w.Recv()
		if err != nil || got.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
			t.Errorf("%q at the end: %v, %v", service, got, err)
		}
	}
}
