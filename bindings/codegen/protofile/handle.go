package protofile

import (
	"fmt"

	"github.com/unweld/unweld/internal/schema"
)

const handleRef = `// HandleRef names a value that the component has. Nil is left out.
message HandleRef {
  fixed64 epoch = 1;
  uint64 number = 2;
}
`

const handleCaller = `// HandleCaller says who calls, where handles are given or used. The id has 16 random
// bytes and is the same for all calls of a process: another process finds none of its
// handles. Where results may be handles, first is a number that this process has not
// used, nor the next ones if there are several: the first handle is given under it, the
// second under the next. Numbers begin at 1.
message HandleCaller {
  bytes id = 1;
  uint64 first = 2;
}
`

const handleReport = `// HandleReport says that a process is there, and which handles it has no more use for:
// the numbers under which they were given. A handle is released when all numbers have
// come back under which it was given.
message HandleReport {
  bytes id = 1;
  repeated uint64 back = 2;
}
`

const handleLease = `// HandleLease is the time in milliseconds after which all handles of a process are
// released that sends neither a report nor another call with handles.
message HandleLease {
  uint64 lease = 1;
}
`

// keep emits the endpoint that takes the reports of callers that have handles.
func (p *proto) keep() {
	if p.s.Keep == 0 {
		return
	}
	p.comment("  ", p.s.KeepName+" keeps the handles of a process, and takes back those that it doesn't need.")
	p.printf("  rpc %s(%s) returns (%s);\n", p.s.KeepName, p.known("HandleReport"), p.known("HandleLease"))
}

// handlesDoc says of which handle a method is.
func (p *proto) handlesDoc(m schema.Method) string {
	if m.Handle == "" {
		return ""
	}
	return fmt.Sprintf("A method of %s, of the value that %s names.", m.Handle, snake(m.Request.Fields[0].Name))
}
