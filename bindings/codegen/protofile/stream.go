package protofile

import (
	"fmt"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

const streamControl = `// StreamControl is said about a stream of a call. Nothing comes that wasn't asked
// for. Whoever takes the elements of a stream asks for them: PULL is for one Read of
// at most n bytes, CREDIT for as many bytes as they come, START for the elements of
// an iterator or channel, each of which costs 4096 and its size of the credit n.
// END is the answer when there are no more, with the error unless it is a proper end;
// RESUME goes before the next demand after an END of bytes. STOP ends an iteration.
// What is written is answered by DONE with the number of bytes, CLOSE by CLOSED.
message StreamControl {
  enum Op {
    NONE = 0;
    PULL = 1;
    CREDIT = 2;
    START = 3;
    STOP = 4;
    CLOSE = 5;
    RESUME = 6;
    END = 7;
    DONE = 8;
    CLOSED = 9;
  }
  uint32 stream = 1;
  Op op = 2;
  uint64 n = 3;
  Error error = 4;
}
`

const streamFailure = `// StreamFailure is the reply of a call that failed. The status is 1 for an error of
// the endpoint, 2 if the call wasn't executed and 3 if its reply couldn't be sent.
message StreamFailure {
  uint32 status = 1;
  Error error = 2;
  bytes reply = 3;
}
`

// dataNumber is the number of the field with the elements of a stream.
func dataNumber(stream int) int { return 16 + stream }

// up is what a method takes.
func (p *proto) up(m schema.Method) string {
	if name := p.ups[m.Name]; name != "" {
		return "stream " + name
	}
	return p.messages[m.Request]
}

// down is what a method returns.
func (p *proto) down(m schema.Method) string {
	if name := p.downs[m.Name]; name != "" {
		return "stream " + name
	}
	return p.messages[m.Reply]
}

// streamsDoc says how a method with streams is called.
func (p *proto) streamsDoc(m schema.Method) string {
	if len(m.Streams) == 0 {
		return ""
	}
	doc := "The first message has the request. The caller ends the call when it has the reply and has no use for the streams of the results."
	for _, x := range m.Streams {
		f := field(m, x)
		doc += fmt.Sprintf(" %s is stream %d.", snake(f.Name), 2*x.Place)
	}
	return doc
}

func field(m schema.Method, x schema.Stream) schema.Field {
	if x.Result {
		return m.Reply.Fields[x.Index]
	}
	return m.Request.Fields[x.Index]
}

// envelopes emits the messages of methods with streams.
func (p *proto) envelopes() {
	for _, m := range p.s.Methods {
		if len(m.Streams) == 0 {
			continue
		}
		p.used["StreamControl"], p.used["StreamFailure"], p.used["Error"] = true, true, true
		calls := p.callbacks(m)
		p.envelope(p.ups[m.Name], m, "request", p.messages[m.Request], true, calls)
		p.envelope(p.downs[m.Name], m, "reply", p.messages[m.Reply], false, calls)
	}
}

// callbacks emits the messages around the calls of a method's callbacks and their
// answers, and returns their names by the callback's place.
func (p *proto) callbacks(m schema.Method) map[int][2]string {
	names := map[int][2]string{}
	for _, x := range m.Streams {
		if x.Answer == nil {
			continue
		}
		call, answer := p.unique(p.messages[x.Value]+"Message", nil), p.unique(p.messages[x.Answer]+"Message", nil)
		names[x.Place] = [2]string{call, answer}
		p.printf("\nmessage %s {\n  uint64 id = 1;\n  %s call = 2;\n}\n", call, p.messages[x.Value])
		p.printf("\nmessage %s {\n  uint64 id = 1;\n  %s answer = 2;\n  Error error = 3;\n}\n", answer, p.messages[x.Answer])
	}
	return names
}

// envelope emits the message around everything that crosses in one direction of a
// call.
func (p *proto) envelope(name string, m schema.Method, frame, frameType string, up bool, calls map[int][2]string) {
	p.printf("\nmessage %s {\n  oneof message {\n", name)
	taken := map[string]bool{canonical(frame): true, "control": true, "failure": true}
	p.printf("    %s %s = 1;\n    StreamControl control = 2;\n", frameType, frame)
	if !up {
		p.printf("    StreamFailure failure = 3;\n")
	}
	emit := func(typ string, f schema.Field, stream int) {
		name := snake(f.Name)
		for taken[canonical(name)] {
			name += "_stream"
		}
		taken[canonical(name)] = true
		p.printf("    %s %s = %d;\n", typ, name, dataNumber(stream))
	}
	for _, x := range m.Streams {
		f := field(m, x)
		switch form := p.s.Type(x.Type).Stream.Form; form {
		case component.StreamReader, component.StreamWriter:
			if up == (x.Result == (form == component.StreamWriter)) {
				emit("bytes", f, 2*x.Place)
			}
		case component.StreamReadWriter:
			half := 0
			if up == x.Result { // what is written to it
				half = 1
			}
			emit("bytes", f, 2*x.Place+half)
		case component.StreamCallback:
			if up {
				emit(calls[x.Place][1], f, 2*x.Place)
			} else {
				emit(calls[x.Place][0], f, 2*x.Place)
			}
		default:
			if up != x.Result {
				emit(p.messages[x.Value], f, 2*x.Place)
			}
		}
	}
	p.printf("  }\n}\n")
}
