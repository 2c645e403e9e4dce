package conformance

import (
	"crypto/tls"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
)

// TestTLS runs a case over gRPC with certificates on both sides. A caller in
// plain text, or without a certificate of the authority, is turned away.
func TestTLS(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/tax.txtar")
	ours, others := mtlstest.New(t), mtlstest.New(t)
	ours.Env(t)
	at := address(t, "grpc")
	s.serve(t, program, at)
	s.compare(t, program, s.elsewhere(at)...)

	for name, creds := range map[string]credentials.TransportCredentials{
		"plain text":          insecure.NewCredentials(),
		"no certificate":      credentials.NewTLS(&tls.Config{RootCAs: ours.Pool()}),
		"another's authority": credentials.NewTLS(&tls.Config{RootCAs: ours.Pool(), Certificates: []tls.Certificate{others.Leaf(t)}}),
	} {
		t.Run(name, func(t *testing.T) {
			c := s.foreign(t, at, grpc.WithTransportCredentials(creds))
			method := string(c.service.Methods().Get(0).Name())
			if _, _, err := c.try(t, method, "{}"); status.Code(err) != codes.Unavailable {
				t.Errorf("the call ended with %v, want it turned away", err)
			}
		})
	}
}
