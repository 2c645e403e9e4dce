package codegen

import (
	"fmt"

	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/generate"
)

// Telemetry is what owns the options by which a component's calls are told to
// OpenTelemetry, over whichever binding they go: --opt otel.calls=crossing.
const Telemetry = "otel"

// The values of the option calls.
const (
	callsOff      = "off"
	callsCrossing = "crossing"
	callsAll      = "all"
)

// textsOfErrors is the value of the option errors that isn't the default.
const textsOfErrors = "texts"

// TelemetryOptions are the options of Telemetry.
var TelemetryOptions = []generate.Option{
	{Name: "calls", Kind: generate.Choice, Values: []string{callsOff, callsCrossing, callsAll}, Default: callsOff,
		Doc: "which calls OpenTelemetry is told of: none, those to and from other processes, or those within a process too"},
	{Name: "errors", Kind: generate.Choice, Values: []string{"names", textsOfErrors}, Default: "names",
		Doc: "what is told of an error: its name, or its text too, which may hold anything that the program puts there"},
}

// otelVersion is the release that a module gets which requires no newer one: the last
// that asks for no newer language than the run-time does.
const otelVersion = "v1.39.0"

// otelRequires are the modules that the run-time package imports.
func otelRequires() []generate.Requirement {
	const otel = "go.opentelemetry.io/otel"
	return []generate.Requirement{
		{Path: otel, Version: otelVersion, Packages: []string{otel, otel + "/attribute", otel + "/codes", otel + "/propagation"}},
		{Path: otel + "/metric", Version: otelVersion, Packages: []string{otel + "/metric"}},
		{Path: otel + "/trace", Version: otelVersion, Packages: []string{otel + "/trace"}},
	}
}

// telemetry adds what tells OpenTelemetry of the component's calls, if that is asked for.
func (g *generator) telemetry(out *generate.Output) error {
	if g.told() == callsOff {
		return nil
	}
	f := g.file("telemetry")
	telemetry := f.runtime(rt.Telemetry.Name)
	options := ""
	if g.tell.Text("errors") == textsOfErrors {
		options = "ErrorTexts: true"
	}
	f.printf("func init() { %s.Observe(%q, %s.Options{%s}) }\n\n", telemetry, g.contract.Component, telemetry, options)
	if g.told() == callsAll {
		f.watched()
	}
	file, err := f.finish()
	if err != nil {
		return err
	}
	out.Files = append(out.Files, file)
	out.Runtime = append(out.Runtime, rt.Telemetry.Name)
	out.Requires = append(out.Requires, otelRequires()...)
	return nil
}

// told says which calls OpenTelemetry is told of.
func (g *generator) told() string {
	if calls := g.tell.Text("calls"); calls != "" {
		return calls
	}
	return callsOff
}

// watched emits the form of the component whose calls in one process are observed.
func (f *file) watched() {
	name, link := f.g.ident("watched"), f.runtime("link")
	f.printf("// %s is the component in this process with calls that are observed.\n", name)
	f.printf("type %s struct {\n\tto %s\n\tcalls *%s.Calls\n}\n\n", name, f.contractType(), link)
	for _, m := range f.g.contract.Methods {
		sig := f.signature(m)
		ctx, err := "ctx", "nil"
		if !sig.context {
			ctx = "_"
		}
		if sig.fails {
			err = "err"
		}
		f.printf("func (s %s) %s(%s) %s {\n", name, m.Name, sig.params, sig.named)
		f.printf("\t%s, call := s.calls.Begin(%s, %s)\n\tdefer call.Leave()\n\t", ctx, f.contextIn(sig), f.g.endpoint(m.Name))
		if sig.returned != "" {
			f.printf("%s = ", sig.returned)
		}
		f.printf("s.to.%s\n\tcall.End(%s)\n", sig.call("ctx"), err)
		if sig.returned != "" {
			f.printf("\treturn %s\n", sig.returned)
		}
		f.printf("}\n\n")
	}
}

// watchedField is the field of the contract that makes it.
func (f *file) watchedField() string {
	typ := f.contractType()
	return fmt.Sprintf("Watched: func(s %s, c *%s.Calls) %s { return %s{s, c} },", typ, f.runtime("link"), typ, f.g.ident("watched"))
}
