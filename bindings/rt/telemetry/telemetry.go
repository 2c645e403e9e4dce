// Package telemetry tells OpenTelemetry of the calls of components: a span on each side
// of a call, the trace's context in the metadata that crosses with it, and metrics of each
// endpoint. It is copied into a module only where a component asks for it, and uses the
// providers that the program sets with go.opentelemetry.io/otel.
//
// Names are those of OpenTelemetry's semantic conventions for remote procedure calls,
// version 1.45.0. What these have no name for begins with "unweld".
package telemetry

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/unweld/unweld/bindings/rt/link"
)

// What spans and metrics are called, and their attributes.
const (
	scope     = "github.com/unweld/unweld"
	schemaURL = "https://opentelemetry.io/schemas/1.45.0"

	systemName    = "unweld"
	keySystem     = "rpc.system.name"
	keyMethod     = "rpc.method"
	keyAddress    = "server.address"
	keyPort       = "server.port"
	keyErrorType  = "error.type"
	keyOutcome    = "unweld.outcome" // of a call whose link failed: not_executed or unknown
	otherError    = "_OTHER"
	callerSeconds = "rpc.client.call.duration"
	calleeSeconds = "rpc.server.call.duration"
	hereSeconds   = "unweld.local.call.duration"
	callerActive  = "unweld.client.active_calls"
	calleeActive  = "unweld.server.active_calls"
	hereActive    = "unweld.local.active_calls"
)

// buckets are the bounds, in seconds, that the conventions give for durations.
var buckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// Options say what is told of the calls of a component.
type Options struct {
	// ErrorTexts has the text of an error be the description of its span's status. Texts
	// may hold anything that the program puts there, so they aren't told otherwise.
	ErrorTexts bool
}

// Observe has OpenTelemetry told of the calls of a component, by the global providers.
// These may be set later: what happens before that is told to nobody.
func Observe(component string, o Options) {
	link.Observe(component, newTeller(o, otel.GetTracerProvider(), otel.GetMeterProvider()).begin)
}

// A teller tells of the calls of one component.
type teller struct {
	options Options
	tracer  trace.Tracer
	sides   [3]side  // by link.Side
	known   sync.Map // of *endpoint, by place
}

func newTeller(o Options, spans trace.TracerProvider, metrics metric.MeterProvider) *teller {
	meter := metrics.Meter(scope, metric.WithSchemaURL(schemaURL))
	return &teller{
		options: o, tracer: spans.Tracer(scope, trace.WithSchemaURL(schemaURL)),
		sides: [...]side{
			link.CallerSide: sideOf(meter, trace.SpanKindClient, callerSeconds, callerActive, "made to another process"),
			link.CalleeSide: sideOf(meter, trace.SpanKindServer, calleeSeconds, calleeActive, "executed for another process"),
			link.BothSides:  sideOf(meter, trace.SpanKindInternal, hereSeconds, hereActive, "made and executed in this process"),
		},
	}
}

// A side is what calls on one side have in common.
type side struct {
	kind    trace.SpanKind
	seconds metric.Float64Histogram
	active  metric.Int64UpDownCounter
}

// sideOf makes the instruments. One that can't be made is told to OpenTelemetry's error
// handler, and what comes instead records nothing.
func sideOf(m metric.Meter, kind trace.SpanKind, seconds, active, which string) side {
	h, err := m.Float64Histogram(seconds, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(buckets...),
		metric.WithDescription("Measures the duration of calls "+which+"."))
	if err != nil {
		otel.Handle(err)
	}
	n, err := m.Int64UpDownCounter(active, metric.WithUnit("{call}"), metric.WithDescription("Number of calls under way that are "+which+"."))
	if err != nil {
		otel.Handle(err)
	}
	return side{kind, h, n}
}

// A place is where calls of an endpoint are observed.
type place struct {
	endpoint, address string
	side              link.Side
}

// An endpoint is what is told of all calls at one place.
type endpoint struct {
	side
	name  string
	start []trace.SpanStartOption
	attrs []attribute.KeyValue     // of the metrics
	fine  metric.MeasurementOption // the same, of calls that don't fail
}

// endpoint returns what is told of calls at a place. It is called as in the .proto of the
// component, so that callers in other languages have the same names.
func (t *teller) endpoint(c link.Observation) *endpoint {
	at := place{c.Endpoint, c.Address, c.Side}
	if known, ok := t.known.Load(at); ok {
		return known.(*endpoint)
	}
	e := &endpoint{side: t.sides[c.Side], name: strings.ReplaceAll(c.Component, "-", "_") + ".Service/" + c.Endpoint}
	e.attrs = []attribute.KeyValue{attribute.String(keySystem, systemName), attribute.String(keyMethod, e.name)}
	e.fine = metric.WithAttributeSet(attribute.NewSet(e.attrs...))
	e.start = []trace.SpanStartOption{trace.WithSpanKind(e.kind), trace.WithAttributes(append(serverOf(c.Address), e.attrs...)...)}
	known, _ := t.known.LoadOrStore(at, e)
	return known.(*endpoint)
}

// serverOf are the attributes for where a caller's calls go.
func serverOf(address string) []attribute.KeyValue {
	a, err := link.ParseAddress(address)
	if err != nil || a.Host == "" && a.Path == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(a.Host)
	n, bad := strconv.Atoi(port)
	switch {
	case a.Host == "":
		return []attribute.KeyValue{attribute.String(keyAddress, a.Path)}
	case err != nil || bad != nil:
		return []attribute.KeyValue{attribute.String(keyAddress, a.Host)}
	}
	return []attribute.KeyValue{attribute.String(keyAddress, host), attribute.Int(keyPort, n)}
}

// begin is a link.Observer.
func (t *teller) begin(ctx context.Context, c link.Observation) (context.Context, func(error)) {
	e := t.endpoint(c)
	if c.Side == link.CalleeSide {
		ctx = propagator().Extract(ctx, propagation.MapCarrier(link.Metadata(ctx)))
	}
	began := time.Now()
	ctx, span := t.tracer.Start(ctx, e.name, append(e.start[:len(e.start):len(e.start)], trace.WithTimestamp(began))...)
	e.active.Add(ctx, 1, e.fine)
	made := ctx
	if c.Side == link.CallerSide {
		made = inject(ctx)
	}
	return made, func(err error) {
		took := time.Since(began)
		measured := e.fine
		if err != nil {
			class := attribute.String(keyErrorType, nameOf(c, err))
			measured = metric.WithAttributeSet(attribute.NewSet(append(e.attrs[:len(e.attrs):len(e.attrs)], class)...))
			t.failed(span, class, err)
		}
		e.active.Add(ctx, -1, e.fine)
		e.seconds.Record(ctx, took.Seconds(), measured)
		span.End(trace.WithTimestamp(began.Add(took)))
	}
}

// failed says of a span that its call has failed.
func (t *teller) failed(span trace.Span, class attribute.KeyValue, err error) {
	span.SetAttributes(class)
	if e, ok := err.(*link.Error); ok {
		outcome := "unknown"
		if e.Outcome == link.NotExecuted {
			outcome = "not_executed"
		}
		span.SetAttributes(attribute.String(keyOutcome, outcome))
	}
	text := ""
	if t.options.ErrorTexts {
		text = textOf(err)
	}
	span.SetStatus(codes.Error, text)
}

// textOf is what an error says, and nothing for one whose method panics.
func textOf(err error) (text string) {
	defer func() { _ = recover() }()
	return err.Error()
}

// nameOf is what kind of error it is, of which a program has few.
func nameOf(c link.Observation, err error) string {
	if name := c.Errors.NameOf(err); name != "" {
		return name
	}
	return otherError
}

// propagator is the one that the program has set, or W3C's trace context: the units of a
// split are one program, whose traces go on from one to the other.
func propagator() propagation.TextMapPropagator {
	if p := otel.GetTextMapPropagator(); len(p.Fields()) > 0 {
		return p
	}
	return propagation.TraceContext{}
}

// inject puts the trace's context into the metadata that crosses. What came with a call
// that is executed here crosses on, but for what this replaces. Where the program traces
// nothing, all of it does, so that a trace goes on behind a unit that has no part in it.
func inject(ctx context.Context) context.Context {
	p := propagator()
	now := propagation.MapCarrier{}
	p.Inject(ctx, now)
	if trace.SpanContextFromContext(ctx).IsValid() {
		came := link.Metadata(ctx)
		for _, field := range p.Fields() {
			if _, replaced := now[field]; !replaced && came[field] != "" {
				now[field] = ""
			}
		}
	}
	if len(now) == 0 {
		return ctx
	}
	pairs := make([]string, 0, 2*len(now))
	for key, value := range now {
		pairs = append(pairs, key, value)
	}
	return link.WithMetadata(ctx, pairs...)
}
