package catalogue

import "github.com/unweld/unweld/bindings/codegen"

// telemetry says what users get who ask for it, over whichever binding.
func telemetry() string {
	return telemetryText + optionTable(codegen.Telemetry, codegen.TelemetryOptions) + "\n\n"
}

const telemetryText = "## OpenTelemetry\n\n" +
	"`unweld bind pricing --opt otel.calls=crossing --write`, or `options: {otel: {calls: crossing}}` of the component in unweld.yaml, has OpenTelemetry told of\n" +
	"the component's calls over every binding, on both sides. The program sets the providers that it wants with `otel.SetTracerProvider` and\n" +
	"`otel.SetMeterProvider`, before or after it opens its components; nothing else is to be written. A module in which no component asks\n" +
	"for it doesn't require OpenTelemetry.\n\n" +
	"- Names are those of the semantic conventions for remote procedure calls, version 1.45.0. A span is called `pricing.Service/Quote`, over all bindings what the\n" +
	"  generated .proto calls it, and is of kind client at the caller and server at the component. Its attributes are `rpc.system.name` (`unweld`), `rpc.method`, at the caller `server.address` and `server.port` of the\n" +
	"  link, and after a failure `error.type`; `unweld.outcome` says of a call that failed in its link whether it was `not_executed` or is `unknown`.\n" +
	"- `error.type` is the name by which an error keeps its identity across links, such as `example.com/shop/pricing.ErrUnknownSKU`, `context.DeadlineExceeded` or\n" +
	"  `unweld/link.PanicError`, `unweld/link.NotReturned` of an endpoint that ended its goroutine, and `_OTHER` for what has no such name. An error of the component is a failure on both sides.\n" +
	"- Arguments, results and metadata are never told. The text of an error is the description of a span's status with `otel.errors=texts`, and isn't told otherwise, nor is what was passed to panic.\n" +
	"- The span of a call with streams ends with the last of them, at a caller that stops reading too. What is read isn't told of.\n" +
	"- The methods of handles are endpoints as others are: `pricing.Service/Session_Commit`.\n" +
	"- Metrics are `rpc.client.call.duration` and `rpc.server.call.duration` in seconds, and the numbers of calls under way, for which the conventions have no name:\n" +
	"  `unweld.client.active_calls` and `unweld.server.active_calls`.\n" +
	"- W3C's trace context crosses in the call's metadata, or what `otel.SetTextMapPropagator` says instead. It goes on through a unit that traces nothing. Of\n" +
	"  callers that aren't units, over grpc, connect and http, the headers `traceparent`, `tracestate` and `baggage` count.\n" +
	"- With `otel.calls=all` calls that stay in their process are told of too, as spans of kind internal, `unweld.local.call.duration` and `unweld.local.active_calls`.\n" +
	"  Such a call costs some microseconds instead of nanoseconds. Of calls with streams it ends when the method returns, and methods of handles aren't told of.\n" +
	"- A request that is turned away before it reaches the component, and a result that the caller can't decode, show at the other side alone.\n" +
	"- For other systems there is `link.Observe` in internal/unweld/link: a function of your program that is told when calls begin and end. Nothing else has to be bound again.\n"
