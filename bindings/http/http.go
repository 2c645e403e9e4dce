// Package http is the binding that reaches other machines, and callers in any
// language and at a shell, over HTTP with JSON.
package http

import (
	"context"
	"embed"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

//go:embed rt/*.go
var sources embed.FS

// Binding is the binding named http.
var Binding = &bindings.Binding{
	Name: "http",
	Doc: `HTTP with JSON: another machine, or a caller in another language, with curl as well.

Every endpoint is at POST /COMPONENT/ENDPOINT; parameters and results are JSON
objects with their names. One that provably only reads, and has plain
parameters, can be asked with GET and a query too:

    curl --json '{"sku": "A-1", "quantity": 2}' http://127.0.0.1:8080/pricing/quote
    curl 'http://127.0.0.1:8080/pricing/quote?sku=A-1&quantity=2'

A directive in the comment of a method adds a route:

    //unweld:http GET /orders/{id}

The OpenAPI 3.1 document that is generated beside the code, and served at
/openapi.json, has all that a caller needs: it is made of the Go types and their
comments. Fields have the names of their json tags, or else Go's with a small
first letter. A field tagged json:"-" crosses between units only. Members that
aren't known are refused, and so is a body without the type application/json: a
page of another site can't make a browser send that. There are no CORS headers;
put a proxy in front for those, for authentication and for quotas.

A failed call is answered with application/problem+json: 404, 403 and 409 for
errors that are fs.ErrNotExist, ErrPermission and ErrExist, 422 for the contract's
other errors, 504 and 499 where a deadline or the caller ended it, 500 for the
rest; 400, 413 and 415 where nothing was executed. Unweld-Timeout: 1.5s sets a
deadline, and Unweld-Metadata: key=value what link.Metadata returns.

Streams that an endpoint returns are server-sent events, one with the JSON of each
element, as they come; a name only tells the streams of one endpoint from each other:

    $ curl -N 'http://127.0.0.1:8080/feed/watch?from=3'
    data: {"sku":"A-1","price":1999}

    id: end
    event: end
    data: {}

The last event is end, or problem with the same JSON as a failed call: a reply that
ends in anything else was cut. Where an iterator goes on after an error, elements
follow the problem. Other results are an event results before all others. Bytes are
base64, but an io.Reader that is the only result is the body itself, whose connection
breaks where the reader ends in an error; Accept: text/event-stream asks for events.
A caller that goes away cancels the call, and one that doesn't read holds it up. An
EventSource that comes again after the end is told not to (204).

One stream that an endpoint takes, if it has no other, is the body of the request: the
bytes of an io.Reader, or of an iter.Seq or a channel a line of JSON for each value.
Other parameters are in the query or the path:

    curl -T backup.tar -H 'Content-Type: application/octet-stream' 'http://127.0.0.1:8080/files/backup.tar'
    produce | curl -X POST -T - -H 'Content-Type: application/jsonl' 'http://127.0.0.1:8080/feed/add?day=1'

It is read when the component reads, so a component that waits holds its caller up, and
it may be of any size. An io.Reader of a body that was cut has an error, and never
io.EOF; a channel is closed there. A line that can't be read fails the call with 400,
whatever the component made of those before it. An iterator can be gone over once. A
component that doesn't want the rest answers at once, and the connection is closed.

Calls with other streams or functions among their parameters, or that return what is
written to, are made by units only, which upgrade a connection of HTTP/1.1 to
unweld-pipe: others get 501, and the document names them. A proxy must let units do
that, as for WebSockets.

JSON has no form for some values. Integers beyond ±(2^53-1) are strings, as NaN,
Infinity and -Infinity are; a byte of a string that isn't UTF-8 is a lone
surrogate (\udc80 to \udcff); []byte is base64, time.Duration "1.5s"; a value
behind an interface is {"type": "circle", "value": {...}}; a map whose keys
have no text is a list of {"key": ..., "value": ...}.

Plaintext is spoken at http:// addresses of the loopback interface only. Elsewhere,
and at https://, it insists on TLS with certificates on both sides
(UNWELD_TLS_CERT, UNWELD_TLS_KEY, UNWELD_TLS_CA): curl --cert --key --cacert. Files
that are replaced are read again, and a certificate that isn't taken is a
*link.CertificateError, which says whose it is and why. An address may end in a path, http://host:8080/internal, and two addresses at one port
share it. A unit that ends answers what has arrived; of a request that crosses with
its end on an idle connection, the caller can't know whether it was executed.`,
	Traits: bindings.Traits{Unary: true, Streams: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true, ForeignCaller: true},
	Schemes: []split.Scheme{
		scheme("http"),
		scheme("https"),
	},
	Options: []generate.Option{
		{Name: "openapi", Kind: generate.Text, Default: "1.0.0", Doc: "the version that the OpenAPI document says the interface has"},
	},
	Runtime:  []generate.Package{{Name: "http", Source: sources, Dir: "rt"}},
	Check:    check,
	Generate: generateFiles,
}

func scheme(name string) split.Scheme {
	return split.Scheme{
		Name: name, CrossesUnits: true, CrossesHosts: true, HostPort: true, TLS: true,
		Open: func(split.Opening) (split.Allocator, error) { return split.Ports(name), nil },
	}
}

// check reports why a contract can't be reached, and routes that can't be.
func check(c *component.Contract) []component.Problem {
	problems := bindings.CheckCrossing("http")(c)
	if len(problems) > 0 {
		return problems
	}
	return routeProblems(c)
}

func generateFiles(_ context.Context, req *generate.Request) (*generate.Output, error) {
	t := newTable(req.Schema)
	doc, err := t.openAPI(req.Options.Text("openapi"))
	if err != nil {
		return nil, err
	}
	document := generate.File{Path: codegen.PathOf(req, req.Contract.Component, ".openapi.json"), Content: doc}
	description, err := t.description(req, document.Path)
	if err != nil {
		return nil, err
	}
	return &generate.Output{Files: []generate.File{document, description}}, nil
}
