package conformance

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/unweld/unweld/bindings/codegen"
)

const telemetryFile = "../../testdata/contracts/telemetry/telemetry.txtar"

// tell says which calls OpenTelemetry is told of.
func (s *scratch) tell(options string) {
	s.options = map[string]map[string]string{codegen.Telemetry: {}}
	for _, o := range strings.Fields(options) {
		name, value, _ := strings.Cut(o, "=")
		s.options[codegen.Telemetry][name] = value
	}
}

// told compares what the program prints of what OpenTelemetry has been told.
func (s *scratch) told(t *testing.T, program, want string, env ...string) {
	t.Helper()
	quotes := "QUOTES=fine unknown range fail panic"
	if slices.Contains(env, "UNWELD_ENTRY=1") {
		quotes += " exit" // in one process it would be the caller's goroutine that ends
	}
	if got := s.run(t, program, append(env, quotes, "UNWELD_LEASE=1s")...); got != want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
}

// TestTelemetry makes calls of every kind over each binding, and looks at what
// OpenTelemetry's own readers have of it on both sides.
func TestTelemetry(t *testing.T) {
	s := open(t, telemetryFile)
	s.carried("handle") // who carries these carries streams
	s.tell("calls=all")
	s.generate()
	program := s.build("program")
	t.Run("inproc", func(t *testing.T) { s.told(t, program, toldHere) })
	t.Run("copy", func(t *testing.T) { s.told(t, program, toldCopied, s.link()+"=inproc:?copy=1") })
	for _, binding := range s.reached(t) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			s.told(t, program, toldCrossing, s.elsewhere(at)...)
		})
	}
}

// TestPlainTelemetry is TestTelemetry for all bindings, with what each of them carries and
// without calls within a process, and has callers that aren't units call.
func TestPlainTelemetry(t *testing.T) {
	s := open(t, telemetryFile)
	s.settings["contract"] = "pricing.Plain"
	s.write("contract.go", []byte("package main\n\nimport \"example.com/conform/pricing\"\n\ntype contract = pricing.Plain\n"))
	s.tell("calls=crossing")
	s.generate()
	program := s.build("program")
	t.Run("inproc", func(t *testing.T) { s.told(t, program, toldNothing) })
	t.Run("copy", func(t *testing.T) { s.told(t, program, toldNothing, s.link()+"=inproc:?copy=1") })
	for _, binding := range remote(t) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			s.told(t, program, toldPlain, s.elsewhere(at)...)
		})
	}
	for _, binding := range []string{"grpc", "connect", "http"} {
		t.Run("foreign "+binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			call := s.foreignCaller(t, binding, at)
			call("Quote")
			if report := call("Told"); !strings.Contains(report, parentID) || !strings.Contains(report, traceID) {
				t.Errorf("the span isn't below the caller's: %s", report)
			}
		})
	}
}

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	parentID    = "b7ad6b7169203331"
	traceparent = "00-" + traceID + "-" + parentID + "-01"
)

// foreignCaller returns what calls an endpoint without arguments, and with a header of
// W3C's trace context.
func (s *scratch) foreignCaller(t *testing.T, binding, at string) func(endpoint string) (reply string) {
	t.Helper()
	if binding == "grpc" {
		c := s.foreign(t, at)
		return func(endpoint string) string {
			m := c.service.Methods().ByName(protoreflect.Name(endpoint))
			reply := dynamicpb.NewMessage(m.Output())
			ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", traceparent)
			if err := c.conn.Invoke(ctx, "/"+string(c.service.FullName())+"/"+endpoint, dynamicpb.NewMessage(m.Input()), reply); err != nil {
				t.Fatal(err)
			}
			return reply.String()
		}
	}
	_, host, _ := strings.Cut(at, "://")
	return func(endpoint string) string {
		path := "/pricing/" + strings.ToLower(endpoint)
		if binding == "connect" {
			path = "/pricing.Service/" + endpoint
		}
		body := "{}"
		if binding == "http" && endpoint == "Quote" {
			body = `{"text": "fine"}`
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Traceparent", traceparent)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s %v", endpoint, res.Status, text, err)
		}
		return string(text)
	}
}

const streamed = `lines <nil> 1
reading 1
read 3 1
left 2
no lines true 3
sum 6 <nil> 1
`

const toldHere = streamed + `internal Quote Unset < user
internal Quote Error error.type=example.com/conform/pricing.ErrUnknown < user
internal Quote Error error.type=*example.com/conform/pricing.RangeError < user
internal Quote Error error.type=_OTHER < user
internal Quote Error error.type=unweld/link.NotReturned < user
internal Wait Error error.type=context.DeadlineExceeded < user
internal Lines Unset < user
internal Lines Unset < user
internal Lines Error error.type=example.com/conform/pricing.ErrUnknown < user
internal Lines Unset < user
internal Sum Unset < user
internal Open Unset < user
metrics true true
leaked false
`

var toldCopied = strings.Replace(toldHere, "NotReturned", "PanicError", 1)

const toldPlain = `client Quote Unset to < user
   server Quote Unset remote true
client Quote Error error.type=example.com/conform/pricing.ErrUnknown to < user
   server Quote Error error.type=example.com/conform/pricing.ErrUnknown remote true
client Quote Error error.type=*example.com/conform/pricing.RangeError to < user
   server Quote Error error.type=*example.com/conform/pricing.RangeError remote true
client Quote Error error.type=_OTHER to < user
   server Quote Error error.type=_OTHER remote true
client Quote Error error.type=unweld/link.PanicError to < user
   server Quote Error error.type=unweld/link.PanicError remote true
client Quote Error error.type=unweld/link.Error to unweld.outcome=unknown < user
   server Quote Error error.type=unweld/link.NotReturned remote true
client Wait Error error.type=context.DeadlineExceeded to < user
   server Wait Error error.type=context.DeadlineExceeded remote true
` + toldEnd

const toldEnd = `metrics true true
leaked false
`

var toldCrossing = `lines <nil> 0
reading 0
read 3 1
left 2
no lines true 3
sum 6 <nil> 1
` + strings.TrimSuffix(toldPlain, toldEnd) + `client Lines Unset to < user
   server Lines Unset remote true
client Lines Unset to < user
   server Lines Unset remote true
client Lines Error error.type=example.com/conform/pricing.ErrUnknown to < user
   server Lines Error error.type=example.com/conform/pricing.ErrUnknown remote true
client Lines Error error.type=context.Canceled to unweld.outcome=unknown < user
   server Lines Unset remote true
client Sum Unset to < user
   server Sum Unset remote true
client Open Unset to < user
   server Open Unset remote true
client Book_Add Unset to < user
   server Book_Add Unset remote true
client Book_Add Error error.type=example.com/conform/pricing.ErrUnknown to < user
   server Book_Add Error error.type=example.com/conform/pricing.ErrUnknown remote true
client Book_Close Unset to < none
   server Book_Close Unset remote true
` + toldEnd

const toldNothing = `metrics true true
leaked false
`
