// Package codegen generates what a component needs to be reached through a
// binding: the switchable service value, the remote client, the dispatcher and
// the codec. Contracts come in and files go out; it writes nothing.
package codegen

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// Target is the package that the code of a contract is generated into.
func Target(c *component.Contract) component.Package {
	if c.Form == component.FormFuncs {
		return c.Package
	}
	name := strings.ReplaceAll(c.Component, "-", "") + "unweld"
	return component.Package{Path: c.Package.Path + "/" + name, Name: name, Dir: path.Join(c.Package.Dir, name)}
}

// OpenName returns the name of the generated function that a composition root
// calls:
//
//	pricingunweld.Open(ctx, func(context.Context) (pricing.Service, error) {...}) // FormType
//	unweldOpen(local{})                                                            // FormFuncs
func OpenName(c *component.Contract) string {
	if c.Form == component.FormFuncs {
		return "unweldOpen"
	}
	return "Open"
}

// Prepare builds the schema of a request's contract and stores it in the
// request, for all generators. It removes from the contract the errors that
// generated code can't name, with a problem for each. previous is the schema
// part of unweld.lock, or nil. If one of the problems has severity Error, the
// request has no schema.
func Prepare(req *generate.Request, bs []*bindings.Binding, previous *schema.Lock) []component.Problem {
	c := *req.Contract
	errs, problems := nameable(&c, req.Package)
	c.Errors = errs
	req.Contract = &c
	problems = append(problems, check(req, bs)...)
	problems = append(problems, unnameableTypes(&c, req.Package)...)
	s, more := schema.Build(&c, previous)
	problems = component.SortProblems(append(problems, more...))
	if !slices.ContainsFunc(problems, func(p component.Problem) bool { return p.Severity == component.Error }) {
		req.Schema = s
	}
	return problems
}

// Generate returns everything that a component needs to be reached by the given
// bindings, from a request that Prepare has completed. options are the options
// of each binding, by its name, and those of Telemetry.
func Generate(ctx context.Context, req *generate.Request, bs []*bindings.Binding, options map[string]map[string]string) (*generate.Output, error) {
	out, err := newGenerator(req, req.Schema).all(ctx, bs, options)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", req.Contract.Component, err)
	}
	return out, nil
}

// all makes the files that the bindings share, and those of each of them.
func (g *generator) all(ctx context.Context, bs []*bindings.Binding, options map[string]map[string]string) (*generate.Output, error) {
	out := &generate.Output{}
	var err error
	if g.tell, err = generate.Resolve(Telemetry, TelemetryOptions, options[Telemetry]); err != nil {
		return nil, err
	}
	var carrying []string // packages whose transports are to carry streams
	for _, emit := range []func() ([]generate.File, error){
		g.service, g.client, g.server, g.open, g.errors, g.codec,
	} {
		files, err := emit()
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, files...)
	}
	for _, b := range bs {
		own := *g.req
		if own.Options, err = generate.Resolve(b.Name, b.Options, options[b.Name]); err != nil {
			return nil, err
		}
		o, err := b.Generate(ctx, &own)
		if err != nil {
			return nil, fmt.Errorf("binding %s: %w", b.Name, err)
		}
		for _, f := range o.Files { // two bindings may need the same
			if !slices.ContainsFunc(out.Files, func(known generate.File) bool { return known.Path == f.Path && bytes.Equal(known.Content, f.Content) }) {
				out.Files = append(out.Files, f)
			}
		}
		names := generate.Names(b.Runtime)
		out.Runtime = append(out.Runtime, names...)
		if b.Traits.Streams && g.streams() {
			carrying = append(carrying, names...)
		}
		out.Requires = append(out.Requires, o.Requires...)
		out.Steps = append(out.Steps, o.Steps...)
	}
	imports, err := g.transports(out.Runtime, carrying)
	if err != nil {
		return nil, err
	}
	out.Files = append(out.Files, imports...)
	if err := g.telemetry(out); err != nil {
		return nil, err
	}
	slices.SortFunc(out.Files, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	out.Runtime = append(out.Runtime, generate.Names(rt.Packages)...)
	if g.streams() {
		out.Runtime = append(out.Runtime, rt.Streams.Name)
	}
	if g.schema.Keep != 0 {
		out.Runtime = append(out.Runtime, rt.Handles.Name)
	}
	if g.messages() {
		out.Runtime = append(out.Runtime, rt.Messages.Name)
		out.Requires = append(out.Requires, generate.Requirement{Path: "google.golang.org/protobuf", Version: protobufVersion, Packages: []string{"google.golang.org/protobuf/proto"}})
	}
	slices.Sort(out.Runtime)
	out.Runtime = slices.Compact(out.Runtime)
	return out, nil
}

// transports emits the imports that register the transports in use, and calls of
// those that are to carry streams.
func (g *generator) transports(names, carrying []string) ([]generate.File, error) {
	if len(names) == 0 {
		return nil, nil
	}
	f := g.file("bindings")
	f.printf("// The transports of the bindings.\nimport (\n")
	for _, n := range slices.Sorted(slices.Values(names)) {
		f.printf("\t_ %q\n", g.req.Runtime+"/"+n)
	}
	f.printf(")\n")
	if len(carrying) > 0 {
		f.printf("\nfunc init() {\n")
		for _, n := range slices.Sorted(slices.Values(carrying)) {
			f.printf("\t%s.CarryStreams()\n", f.runtime(n))
		}
		f.printf("}\n")
	}
	out, err := f.finish()
	return []generate.File{out}, err
}

// protobufVersion is the first release of google.golang.org/protobuf that is known to do.
// Whoever has a message has the module, and mostly a later one.
const protobufVersion = "v1.36.9"

// messages reports whether a message of Protocol Buffers crosses.
func (g *generator) messages() bool {
	return slices.ContainsFunc(g.req.Contract.Types, func(t component.Type) bool {
		return schema.Externals[t.Codec].From == rt.Messages.Name
	})
}

// streams reports whether an endpoint crosses with streams.
func (g *generator) streams() bool {
	return slices.ContainsFunc(g.schema.Methods, func(m schema.Method) bool { return len(m.Streams) > 0 })
}

// check reports what no generated code could do anything about.
func check(req *generate.Request, bs []*bindings.Binding) []component.Problem {
	c := req.Contract
	var problems []component.Problem
	add := func(code string, m *component.Method, hint, format string, args ...any) {
		p := component.Problem{Code: code, Severity: component.Error, Component: c.Component, Span: c.Span, Hint: hint, Message: fmt.Sprintf(format, args...)}
		if m != nil {
			p.Path, p.Span = m.Name, m.Span
		}
		problems = append(problems, p)
	}
	inside := req.Package.Path == c.Package.Path
	if !inside && c.Package.Name == "main" {
		add("contract-in-main", nil, "move the component to a package of its own", "package main can't be imported, and %s is declared in it", c.Name)
	}
	if !inside && !token.IsExported(c.Name) {
		add("unexported-contract", nil, "export it", "the interface %s is not exported, so generated code can't name it", c.Name)
	}
	if len(c.Methods) == 0 {
		add("empty-contract", nil, "give it methods", "the interface %s has no methods", c.Name)
	}
	for i := range c.Methods {
		m := &c.Methods[i]
		if !inside && !token.IsExported(m.Name) {
			add("unexported-method", m, "export it, or leave it out of the interface", "%s is not exported, so generated code can't implement it", m.Name)
		}
		if m.Generated() || len(m.Needs) == 0 {
			continue // the schema checks those that cross; one that stays local needs neither
		}
		if !m.Context {
			add("no-context", m, "add a context.Context as the first parameter", "%s takes no context, so a call can't wait while the component moves", m.Name)
		}
		if !c.Fails(m) {
			add("no-error-result", m, "add an error as the last result", "%s returns no error, so a call from another process can't be refused", m.Name)
		}
	}
	for _, b := range bs {
		problems = append(problems, b.Check(c)...)
	}
	return problems
}
