package grpc

import (
	"fmt"
	"io/fs"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// described are the descriptor sets of components.
var described struct {
	sync.Mutex
	sets []describedSet
}

type describedSet struct {
	files fs.FS
	name  string
}

// Describe makes gRPC's server reflection know a component: name is the file in files
// with the descriptor set of its .proto. Generated code calls it.
func Describe(files fs.FS, name string) {
	described.Lock()
	defer described.Unlock()
	described.sets = append(described.sets, describedSet{files, name})
	reflectAt = reflected
}

// reflectAt adds the reflection service to a server; nil where no component is described.
var reflectAt func(g *grpc.Server, s *server)

func reflected(g *grpc.Server, s *server) {
	r := &reflector{server: s}
	grpc_reflection_v1.RegisterServerReflectionServer(g, &lazily{r: r})
}

// A lazily reads the descriptor sets when somebody asks for the first time.
type lazily struct {
	r    *reflector
	once sync.Once
	with grpc_reflection_v1.ServerReflectionServer
	err  error
}

// ServerReflectionInfo implements grpc_reflection_v1.ServerReflectionServer.
func (l *lazily) ServerReflectionInfo(stream grpc_reflection_v1.ServerReflection_ServerReflectionInfoServer) error {
	l.once.Do(func() {
		var files *protoregistry.Files
		if l.r.services, files, l.err = read(); l.err == nil {
			l.with = reflection.NewServerV1(reflection.ServerOptions{Services: l.r, DescriptorResolver: files})
		}
	})
	if l.err != nil {
		return l.err
	}
	return l.with.ServerReflectionInfo(stream)
}

// A reflector lists the services of the components that a unit hosts.
type reflector struct {
	server   *server
	services []string
}

// GetServiceInfo implements reflection.ServiceInfoProvider.
func (r *reflector) GetServiceInfo() map[string]grpc.ServiceInfo {
	out := map[string]grpc.ServiceInfo{
		grpc_health_v1.Health_ServiceDesc.ServiceName:               {},
		grpc_reflection_v1.ServerReflection_ServiceDesc.ServiceName: {},
	}
	for _, name := range r.services {
		if r.server.hosts(name) {
			out[name] = grpc.ServiceInfo{}
		}
	}
	return out
}

// read returns the services and the files of all descriptor sets.
func read() (services []string, files *protoregistry.Files, err error) {
	described.Lock()
	defer described.Unlock()
	files = new(protoregistry.Files)
	for _, f := range []protoreflect.FileDescriptor{grpc_health_v1.File_grpc_health_v1_health_proto, grpc_reflection_v1.File_grpc_reflection_v1_reflection_proto} {
		if err := files.RegisterFile(f); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range described.sets {
		b, err := fs.ReadFile(d.files, d.name)
		if err != nil {
			return nil, nil, err
		}
		var set descriptorpb.FileDescriptorSet
		if err := proto.Unmarshal(b, &set); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", d.name, err)
		}
		for _, f := range set.GetFile() {
			file, err := protodesc.NewFile(f, files)
			if err == nil {
				err = files.RegisterFile(file)
			}
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", d.name, err)
			}
			for i := range file.Services().Len() {
				services = append(services, string(file.Services().Get(i).FullName()))
			}
		}
	}
	return services, files, nil
}
