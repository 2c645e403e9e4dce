// Package nats is the binding to another machine over a NATS server: units and
// their callers only have to reach the server, and several units may share the
// calls of one component.
package nats

import (
	"context"
	"embed"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

//go:embed rt/*.go
var sources embed.FS

// natsVersion is the release of github.com/nats-io/nats.go that the run-time is
// tested with.
const natsVersion = "v1.55.0"

// Binding is the binding named nats.
var Binding = &bindings.Binding{
	Name: "nats",
	Doc: `NATS: another machine, reached over a NATS server.

A component is a service of NATS's own kind (micro): its endpoints are at
SUBJECT.COMPONENT.ENDPOINT, where SUBJECT is what the address ends in, each with
a queue group, and the nats tool lists it with its statistics. Units that serve
one component share its calls, so that is for components without state of their
own. A call that nobody serves is not executed; one that isn't answered in time
may have been. A request and a reply are one message each, of at most the server's
max_payload.

A call with streams goes to one unit, and what follows crosses between a subject of that
unit and one of its caller, below _INBOX: users that the server restricts must be allowed
to publish there. At most a megabyte in each direction is on its way, in messages of
256 KiB or what the server takes, so a slow reader holds its writer up and isn't cut
off. Each side says every other second that it is there. A stream ends with an error
when the server answers that the peer has gone, when one of its messages was lost, when
nothing was heard for 20 seconds, or with either connection to the server.

A component that gives handles is served to each caller by one unit, which it stays with
while that lives: callers are spread over the units, and not their calls. Handles are lost
with the unit that has given them.

` + "`split run`" + ` and ` + "`unweld test --splits`" + ` start a server for links that name nats alone:
the nats-server on PATH, or else one that is built with Go into the user's cache
folder when it is first needed. Elsewhere name one: nats://host:4222/shop. Beyond the
loopback interface the connection needs TLS: UNWELD_TLS_CA, and UNWELD_TLS_CERT and
UNWELD_TLS_KEY where the server wants a certificate. UNWELD_NATS_CREDS names a file of credentials.`,
	Traits: bindings.Traits{Unary: true, Streams: true, Handles: true, Replicas: true, Registered: true, Unexported: true, Deadlines: true, Cancellation: true, Metadata: true},
	Schemes: []split.Scheme{{
		Name: "nats", CrossesUnits: true, CrossesHosts: true, TLS: true,
		Open: func(o split.Opening) (split.Allocator, error) { return &broker{opening: o}, nil },
	}},
	Tools:    []generate.Tool{tool},
	Runtime:  []generate.Package{{Name: "nats", Source: sources, Dir: "rt"}},
	Check:    bindings.CheckCrossing("nats"),
	Generate: generateFiles,
}

func generateFiles(context.Context, *generate.Request) (*generate.Output, error) {
	return &generate.Output{
		Requires: []generate.Requirement{{Path: "github.com/nats-io/nats.go", Version: natsVersion, Packages: []string{
			"github.com/nats-io/nats.go", "github.com/nats-io/nats.go/micro"}}},
	}, nil
}
