package telemetry

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	came    = "00-" + traceID + "-b7ad6b7169203331-01"
)

func observation(s link.Side, address string) link.Observation {
	return link.Observation{Component: "price-list", Endpoint: "Quote", Side: s, Address: address, Errors: linktest.Contract.Errors}
}

// recording returns a teller, and what has been told.
func recording(o Options) (*teller, *tracetest.InMemoryExporter) {
	spans := tracetest.NewInMemoryExporter()
	return newTeller(o, sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)), metricnoop.NewMeterProvider()), spans
}

// TestContextCrosses: the caller's metadata leads to its span. What came with the call
// that it is made for crosses on, unless it is of the trace's context.
func TestContextCrosses(t *testing.T) {
	told, spans := recording(Options{})
	arrived := link.WithMetadata(t.Context(), "traceparent", came, "tracestate", "of=others", "user", "me")
	ctx, _ := told.begin(arrived, observation(link.CalleeSide, ""))
	fresh := link.WithMetadata(context.WithoutCancel(t.Context()), "tracestate", "of=others", "user", "me")
	for name, from := range map[string]context.Context{"served": ctx, "new": fresh} {
		made, ended := told.begin(from, observation(link.CallerSide, "unix:///run/x.sock"))
		ended(nil)
		span := spans.GetSpans()[0]
		spans.Reset()
		m := link.Metadata(made)
		back := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier(m))
		if made == from || m["user"] != "me" || m["traceparent"] != "00-"+span.SpanContext.TraceID().String()+"-"+span.SpanContext.SpanID().String()+"-01" {
			t.Errorf("%s: metadata %v of span %v", name, m, span.SpanContext)
		}
		if back == nil || span.SpanContext.TraceState().String() != m["tracestate"] {
			t.Errorf("%s: tracestate %q of a span with %q", name, m["tracestate"], span.SpanContext.TraceState())
		}
		if served := span.SpanContext.TraceID().String() == traceID; served != (name == "served") {
			t.Errorf("%s: trace %v", name, span.SpanContext.TraceID())
		}
	}
}

// TestContextPasses: a unit that traces nothing hands on what came.
func TestContextPasses(t *testing.T) {
	told := newTeller(Options{}, tracenoop.NewTracerProvider(), metricnoop.NewMeterProvider())
	came := map[string]string{"traceparent": came, "tracestate": "of=others", "user": "me"}
	var pairs []string
	for k, v := range came {
		pairs = append(pairs, k, v)
	}
	arrived := link.WithMetadata(t.Context(), pairs...)
	for name, from := range map[string]context.Context{"seen": arrived, "unseen": arrived} {
		if name == "seen" {
			from, _ = told.begin(from, observation(link.CalleeSide, ""))
		}
		made, ended := told.begin(from, observation(link.CallerSide, ""))
		ended(nil)
		if got := link.Metadata(made); !maps.Equal(got, came) {
			t.Errorf("%s: %v crosses on, want %v", name, got, came)
		}
	}
}

// TestPropagator: what the program has set decides what crosses.
func TestPropagator(t *testing.T) {
	before := otel.GetTextMapPropagator()
	t.Cleanup(func() { otel.SetTextMapPropagator(before) })
	otel.SetTextMapPropagator(propagation.Baggage{})
	told, _ := recording(Options{})
	member, err := baggage.NewMember("shop", "7")
	if err != nil {
		t.Fatal(err)
	}
	bag, err := baggage.New(member)
	if err != nil {
		t.Fatal(err)
	}
	made, ended := told.begin(baggage.ContextWithBaggage(t.Context(), bag), observation(link.CallerSide, ""))
	ended(nil)
	if got, want := link.Metadata(made), map[string]string{"baggage": "shop=7"}; !maps.Equal(got, want) {
		t.Errorf("%v crosses, want %v", got, want)
	}
	arrived := link.WithMetadata(t.Context(), "baggage", "shop=8")
	ctx, ended := told.begin(arrived, observation(link.CalleeSide, ""))
	ended(nil)
	if got := baggage.FromContext(ctx).Member("shop").Value(); got != "8" {
		t.Errorf("%q arrived", got)
	}
}

func TestServerOf(t *testing.T) {
	for address, want := range map[string][]attribute.KeyValue{
		"": nil, "inproc:?copy=1": nil, "::": nil,
		"unix:///run/x.sock":         {attribute.String("server.address", "/run/x.sock")},
		"grpc://10.0.0.1:80":         {attribute.String("server.address", "10.0.0.1"), attribute.Int("server.port", 80)},
		"http://[::1]:8080/a?b=c":    {attribute.String("server.address", "::1"), attribute.Int("server.port", 8080)},
		"nats://broker":              {attribute.String("server.address", "broker")},
		"nats://me:secret@broker:42": {attribute.String("server.address", "broker"), attribute.Int("server.port", 42)},
	} {
		if got := serverOf(address); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

// A touchy error is what a nil pointer may be.
type touchy struct{ text *string }

func (e *touchy) Error() string { return *e.text }

// TestTextOfPanics: an error that can't say what it is doesn't fail the call.
func TestTextOfPanics(t *testing.T) {
	told, spans := recording(Options{ErrorTexts: true})
	_, ended := told.begin(t.Context(), observation(link.BothSides, ""))
	ended((*touchy)(nil))
	if s := spans.GetSpans(); len(s) != 1 || s[0].Status != (sdktrace.Status{Code: codes.Error}) {
		t.Errorf("told %v", s)
	}
}

// TestTexts: the text of an error is told only where that was asked for.
func TestTexts(t *testing.T) {
	for _, texts := range []bool{false, true} {
		told, spans := recording(Options{ErrorTexts: texts})
		want := sdktrace.Status{Code: codes.Error}
		if texts {
			want.Description = "link: secret (not executed)"
		}
		_, ended := told.begin(t.Context(), observation(link.CallerSide, ""))
		ended(link.Failed(link.NotExecuted, errors.New("secret")))
		s := spans.GetSpans()[0]
		if s.Status != want || s.Name != "price_list.Service/Quote" || len(s.Events) > 0 {
			t.Errorf("texts %v: %v %v %v", texts, s.Name, s.Status, s.Events)
		}
		if !slices.Contains(s.Attributes, attribute.String("unweld.outcome", "not_executed")) || !slices.Contains(s.Attributes, attribute.String("error.type", "unweld/link.Error")) {
			t.Errorf("texts %v: %v", texts, s.Attributes)
		}
	}
}

// TestMetrics: a call is counted while it is under way, and afterwards by how it ended and
// how long it took.
func TestMetrics(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	told := newTeller(Options{}, tracenoop.NewTracerProvider(), sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	metrics := func() (active int64, calls map[string]uint64) {
		t.Helper()
		var all metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &all); err != nil || len(all.ScopeMetrics) != 1 {
			t.Fatalf("%v in %d scopes", err, len(all.ScopeMetrics))
		}
		calls = map[string]uint64{}
		for _, m := range all.ScopeMetrics[0].Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				if m.Name != "unweld.server.active_calls" || m.Unit != "{call}" || len(d.DataPoints) != 1 {
					t.Errorf("%s in %s: %v", m.Name, m.Unit, d.DataPoints)
				}
				active = d.DataPoints[0].Value
			case metricdata.Histogram[float64]:
				if m.Name != "rpc.server.call.duration" || m.Unit != "s" {
					t.Errorf("%s in %s", m.Name, m.Unit)
				}
				for _, p := range d.DataPoints {
					class, _ := p.Attributes.Value("error.type")
					method, _ := p.Attributes.Value("rpc.method")
					system, _ := p.Attributes.Value("rpc.system.name")
					if method.AsString() != "price_list.Service/Quote" || system.AsString() != "unweld" || !slices.Equal(p.Bounds, buckets) {
						t.Errorf("%v with bounds %v", p.Attributes, p.Bounds)
					}
					calls[class.AsString()] += p.Count
				}
			}
		}
		return active, calls
	}
	var ends []func(error)
	for range 4 {
		_, ended := told.begin(t.Context(), observation(link.CalleeSide, ""))
		ends = append(ends, ended)
	}
	if active, calls := metrics(); active != 4 || len(calls) > 0 {
		t.Errorf("while 4 are under way: %d, and %v have ended", active, calls)
	}
	ends[0](nil)
	ends[1](linktest.ErrOdd)
	ends[2](errors.New("some error"))
	active, calls := metrics()
	want := map[string]uint64{"": 1, "github.com/unweld/unweld/bindings/rt/link/linktest.ErrOdd": 1, "_OTHER": 1}
	if active != 1 || !maps.Equal(calls, want) {
		t.Errorf("%d are under way, and %v have ended", active, calls)
	}
	ends[3](nil)
}
