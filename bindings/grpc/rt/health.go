package grpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// lookAgain is how often a watched service is looked at.
const lookAgain = time.Second

// A health answers the questions of gRPC's health checking protocol
// (grpc.health.v1), as Kubernetes, load balancers and clients put them. The service
// with no name is the unit; pricing.Service is the component pricing, which is
// served if this unit hosts it.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	server *server
}

func (h *health) of(service string) grpc_health_v1.HealthCheckResponse_ServingStatus {
	switch {
	case h.server.draining.Load():
		return grpc_health_v1.HealthCheckResponse_NOT_SERVING
	case service == "" || h.server.hosts(service):
		return grpc_health_v1.HealthCheckResponse_SERVING
	}
	return grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN
}

// Check implements grpc_health_v1.HealthServer.
func (h *health) Check(_ context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	st := h.of(r.GetService())
	if st == grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN {
		return nil, status.Errorf(codes.NotFound, "this unit doesn't host %s", r.GetService())
	}
	return &grpc_health_v1.HealthCheckResponse{Status: st}, nil
}

// Watch implements grpc_health_v1.HealthServer.
func (h *health) Watch(r *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	ticks := time.NewTicker(lookAgain)
	defer ticks.Stop()
	last := grpc_health_v1.HealthCheckResponse_UNKNOWN
	for {
		if now := h.of(r.GetService()); now != last {
			if err := stream.Send(&grpc_health_v1.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			last = now
		}
		select {
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		case <-h.server.drained: // the watcher is told, and the call doesn't hold the server up
			err := stream.Send(&grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING})
			if err == nil {
				err = status.Error(codes.Unavailable, "the unit ends")
			}
			return err
		case <-ticks.C:
		}
	}
}

// hosts reports whether this unit serves the component of a service.
func (s *server) hosts(service string) bool {
	component, ok := strings.CutSuffix(service, ".Service")
	if !ok {
		return false
	}
	_, err := s.named(context.Background(), component)
	return err == nil
}
