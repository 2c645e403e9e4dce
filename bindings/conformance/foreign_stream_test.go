package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// TestForeignStreams calls endpoints with streams from a client that knows only the
// generated .proto and what its comments say.
func TestForeignStreams(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stream.txtar")
	at := address(t, "grpc")
	s.serve(t, program, at)
	c := s.foreign(t, at)

	for _, test := range []struct {
		name string
		run  func(*foreign, *testing.T)
	}{
		{"a reader that is given is pulled", (*foreign).isPulled},
		{"a reader of which all is wanted has credit", (*foreign).hasCredit},
		{"a reader that is returned has credit", (*foreign).isRead},
		{"the elements of an iterator, and its error", (*foreign).yields},
		{"callbacks are called", (*foreign).callsBack},
		{"a call that fails", (*foreign).fails},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(c, t) })
	}
}

func (c *foreign) isPulled(t *testing.T) {
	call := c.open(t, "FirstLine", `{"r": true}`)
	text, m := "one\ntwo\n", call.receive(t)
	for ; m.Control != nil && m.Control.Op == "PULL" && m.Control.Stream == 2 && m.Control.N == "1"; m = call.receive(t) {
		call.send(t, fmt.Sprintf(`{"r": %q}`, base64.StdEncoding.EncodeToString([]byte(text[:1]))))
		text = text[1:]
	}
	if m.Reply["r1"] != "one" || text != "two\n" {
		t.Errorf("got %+v with %q left", m, text)
	}
}

func (c *foreign) hasCredit(t *testing.T) {
	call := c.open(t, "Import", `{"r": true}`)
	if m := call.receive(t); m.Control == nil || m.Control.Op != "CREDIT" || m.Control.Stream != 2 {
		t.Fatalf("got %+v", m)
	}
	for _, piece := range []string{"twelve ", "bytes"} {
		call.send(t, fmt.Sprintf(`{"r": %q}`, base64.StdEncoding.EncodeToString([]byte(piece))))
	}
	call.send(t, `{"control": {"stream": 2, "op": "END"}}`)
	if m := call.receive(t); m.Reply["r1"] != "12" {
		t.Errorf("got %+v", m)
	}
}

func (c *foreign) isRead(t *testing.T) {
	call := c.open(t, "Open", `{"name": "some text"}`)
	if m := call.receive(t); m.Reply == nil {
		t.Fatalf("got %+v", m)
	}
	call.send(t, `{"control": {"stream": 130, "op": "CREDIT", "n": 1024}}`)
	var text []byte
	for {
		m := call.receive(t)
		if m.R1 != nil {
			var piece []byte
			if err := json.Unmarshal(m.R1, &piece); err != nil {
				t.Fatal(err)
			}
			text = append(text, piece...)
			continue
		}
		if m.Control == nil || m.Control.Op != "END" || m.Control.Error != nil || string(text) != "some text" {
			t.Fatalf("got %+v after %q", m, text)
		}
		break
	}
	call.send(t, `{"control": {"stream": 130, "op": "CLOSE"}}`)
	if m := call.receive(t); m.Control == nil || m.Control.Op != "CLOSED" || m.Control.Error != nil {
		t.Errorf("got %+v", m)
	}
}

func (c *foreign) yields(t *testing.T) {
	call := c.open(t, "List", `{"n": "2"}`)
	if m := call.receive(t); m.Reply == nil {
		t.Fatalf("got %+v", m)
	}
	call.send(t, `{"control": {"stream": 130, "op": "START", "n": 100000}}`)
	for i := range 3 {
		m := call.receive(t)
		var element struct {
			Key struct{ Entry struct{ Name string } }
		}
		if err := json.Unmarshal(m.R1, &element); err != nil {
			t.Fatalf("%v of %+v", err, m)
		}
		if i < 2 && element.Key.Entry.Name != fmt.Sprint("e", i) {
			t.Errorf("element %d is %s", i, m.R1)
		}
	}
	if m := call.receive(t); m.Control == nil || m.Control.Op != "END" {
		t.Errorf("got %+v", m)
	}
}

func (c *foreign) callsBack(t *testing.T) {
	call := c.open(t, "Walk", `{"fn": true}`)
	for i := range 5 {
		m := call.receive(t)
		if m.Fn == nil || m.Fn.Call.V1.Name != fmt.Sprint("w", i) {
			t.Fatalf("call %d: %+v", i, m)
		}
		call.send(t, fmt.Sprintf(`{"fn": {"id": %q, "answer": {}}}`, m.Fn.ID))
	}
	if m := call.receive(t); m.Reply == nil {
		t.Errorf("got %+v", m)
	}
}

func (c *foreign) fails(t *testing.T) {
	call := c.open(t, "Open", `{"name": "missing"}`)
	if m := call.receive(t); m.Failure == nil || m.Failure.Status != 1 || m.Failure.Error == nil {
		t.Errorf("got %+v", m)
	}
}

// A foreignCall is a call with streams.
type foreignCall struct {
	grpc.ClientStream
	method protoreflect.MethodDescriptor
}

// A foreignMessage is one that the callee sent, as it reads in JSON.
type foreignMessage struct {
	Reply   map[string]any
	Control *struct {
		Stream int
		Op, N  string
		Error  any
	}
	Failure *struct {
		Status int
		Error  any
	}
	R1 json.RawMessage
	Fn *struct {
		ID   string
		Call struct{ V1 struct{ Name string } }
	}
}

// open begins a call with its request.
func (c *foreign) open(t *testing.T, method, request string) *foreignCall {
	t.Helper()
	m := c.service.Methods().ByName(protoreflect.Name(method))
	if m == nil || !m.IsStreamingClient() || !m.IsStreamingServer() {
		t.Fatalf("%s: %v", method, m)
	}
	s, err := c.conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/"+string(c.service.FullName())+"/"+method)
	if err != nil {
		t.Fatal(err)
	}
	call := &foreignCall{s, m}
	call.send(t, `{"request": `+request+`}`)
	return call
}

// send sends a message that is written in JSON.
func (c *foreignCall) send(t *testing.T, message string) {
	t.Helper()
	m := dynamicpb.NewMessage(c.method.Input())
	if err := protojson.Unmarshal([]byte(message), m); err != nil {
		t.Fatalf("%s of %s: %v", message, c.method.Input().FullName(), err)
	}
	if err := c.SendMsg(m); err != nil {
		t.Fatal(err)
	}
}

func (c *foreignCall) receive(t *testing.T) (out foreignMessage) {
	t.Helper()
	m := dynamicpb.NewMessage(c.method.Output())
	if err := c.RecvMsg(m); err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}
