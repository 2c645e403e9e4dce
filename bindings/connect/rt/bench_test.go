package connect

import (
	"context"
	"net"
	"net/http"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

const bareProcedure = "/bare.Service/Echo"

// bare is connect-go with its own codec, as its documentation has it.
var bare = linktest.Bare{
	Serve: func(l net.Listener) error {
		echo := func(_ context.Context, in *connect.Request[wrapperspb.StringValue]) (*connect.Response[wrapperspb.StringValue], error) {
			return connect.NewResponse(wrapperspb.String(in.Msg.GetValue())), nil
		}
		mux := http.NewServeMux()
		mux.Handle(bareProcedure, connect.NewUnaryHandler(bareProcedure, echo))
		return http.Serve(l, mux)
	},
	Dial: func(host string) (func(context.Context, string) (string, error), error) {
		// Like ours, it keeps the connections of 64 callers.
		client := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, "http://"+host+bareProcedure)
		return func(ctx context.Context, text string) (string, error) {
			res, err := client.CallUnary(ctx, connect.NewRequest(wrapperspb.String(text)))
			if err != nil {
				return "", err
			}
			return res.Msg.GetValue(), nil
		}, nil
	},
}

// BenchmarkBare compares with connect-go alone.
func BenchmarkBare(b *testing.B) { transport.Measure(b) }
