package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// The procedures of gRPC's health checking protocol, grpc.health.v1, as Kubernetes, load
// balancers and clients call them. The service with no name is the unit; pricing.Service is
// the component pricing, which is served if this unit hosts it.
const (
	healthService = "grpc.health.v1.Health"
	healthCheck   = "/" + healthService + "/Check"
	healthWatch   = "/" + healthService + "/Watch"

	lookAgain = time.Second // how often a watched service is looked at
)

// A servingStatus is grpc.health.v1.HealthCheckResponse.ServingStatus.
type servingStatus byte

const (
	serving        servingStatus = 1
	notServing     servingStatus = 2
	serviceUnknown servingStatus = 3
)

func (st servingStatus) String() string {
	return [...]string{"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}[st]
}

// message is a HealthCheckResponse.
func (st servingStatus) message(asJSON bool) *message {
	if asJSON {
		return &message{bytes: fmt.Appendf(nil, `{"status":%q}`, st)}
	}
	return &message{bytes: []byte{1 << 3, byte(st)}}
}

func (s *server) healthOf(service string) servingStatus {
	switch {
	case s.draining.Load():
		return notServing
	case service == "" || s.hosts(service):
		return serving
	}
	return serviceUnknown
}

// hosts reports whether this unit serves the component of a service.
func (s *server) hosts(service string) bool {
	component, is := strings.CutSuffix(service, ".Service")
	if !is {
		return false
	}
	_, err := s.named(component, http.Header{})
	return err == nil
}

// check answers one question.
func (s *server) check(_ context.Context, r *connect.Request[message]) (*connect.Response[message], error) {
	service, err := checkedService(r.Msg)
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	st := s.healthOf(service)
	if st == serviceUnknown {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("this unit doesn't host %s", service))
	}
	return connect.NewResponse(st.message(r.Msg.json)), nil
}

// watch tells what becomes of a service, until its caller or the unit has enough.
func (s *server) watch(ctx context.Context, r *connect.Request[message], to *connect.ServerStream[message]) error {
	service, err := checkedService(r.Msg)
	if err != nil {
		return connect.NewError(connect.CodeInvalidArgument, err)
	}
	ticks := time.NewTicker(lookAgain)
	defer ticks.Stop()
	last := servingStatus(0)
	for {
		if now := s.healthOf(service); now != last {
			if err := to.Send(now.message(r.Msg.json)); err != nil {
				return err
			}
			last = now
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.drained: // the watcher is told, and the call doesn't hold the unit up
			if err := to.Send(notServing.message(r.Msg.json)); err != nil {
				return err
			}
			return connect.NewError(connect.CodeUnavailable, link.ErrClosed)
		case <-ticks.C:
		}
	}
}

// checkedService is the service in a HealthCheckRequest.
func checkedService(m *message) (string, error) {
	if m.json {
		var request struct{ Service string }
		return request.Service, json.Unmarshal(m.bytes, &request)
	}
	texts, err := textFields(string(m.bytes))
	return texts[1], err
}

// textFields returns the strings and messages of a message, by number.
func textFields(s string) (map[uint64]string, error) {
	texts := map[uint64]string{}
	for i := 0; i < len(s); {
		var tag uint64
		if tag, i = wire.Uvarint(s, i); i < 0 {
			return nil, wire.Fault(i)
		}
		if tag&7 == wire.TypeBytes {
			texts[tag>>3], i = wire.Message(s, i)
		} else {
			i = wire.Skip(s, i, tag)
		}
		if i < 0 {
			return nil, wire.Fault(i)
		}
	}
	return texts, nil
}
