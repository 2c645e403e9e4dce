package grpc

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

const bareMethod = "/bare.Service/Echo"

// bare is grpc-go with its own codec.
var bare = linktest.Bare{
	Serve: func(l net.Listener) error {
		echo := grpc.MethodDesc{MethodName: "Echo", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.StringValue)
			if err := decode(in); err != nil {
				return nil, err
			}
			return wrapperspb.String(in.GetValue()), nil
		}}
		s := grpc.NewServer()
		s.RegisterService(&grpc.ServiceDesc{ServiceName: "bare.Service", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{echo}}, struct{}{})
		return s.Serve(l)
	},
	Dial: func(host string) (func(context.Context, string) (string, error), error) {
		cc, err := grpc.NewClient(host, grpc.WithTransportCredentials(insecure.NewCredentials()))
		return func(ctx context.Context, text string) (string, error) {
			out := new(wrapperspb.StringValue)
			err := cc.Invoke(ctx, bareMethod, wrapperspb.String(text), out)
			return out.GetValue(), err
		}, err
	},
}

// BenchmarkBare compares with grpc-go alone.
func BenchmarkBare(b *testing.B) { transport.Measure(b) }
