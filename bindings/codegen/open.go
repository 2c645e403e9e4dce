package codegen

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// open emits the contract as the run-time knows it, and what the composition
// root calls.
func (g *generator) open() ([]generate.File, error) {
	f := g.file("open")
	f.contractVar()
	if !g.inside() {
		f.openFunc()
		out, err := f.finish()
		return []generate.File{out}, err
	}
	f.openVar()
	out, err := f.finish()
	if err != nil {
		return nil, err
	}
	// Package variables are initialized before any init function runs, and
	// those run in the order of the files: this file's name sorts last.
	start := g.file("zz_start")
	start.printf("func init() { %s.Start(%q) }\n", start.runtime("link"), g.contract.Component)
	last, err := start.finish()
	return []generate.File{out, last}, err
}

func (f *file) contractVar() {
	g, link, typ := f.g, f.runtime("link"), f.contractType()
	service := g.ident("service")
	f.printf("// %s is how the run-time knows the component.\n", g.ident("contract"))
	f.printf("var %s = &%s.Contract[%s]{\n", g.ident("contract"), link, typ)
	f.printf("\tComponent: %q,\n\tFingerprint: %q,\n", g.contract.Component, g.schema.Fingerprint())
	if old := g.schema.Compatible(); len(old) > 0 {
		f.printf("\tCompatible: []string{%s},\n", quoted(old))
	}
	f.printf("\tEndpoints: []%s.Endpoint{\n", link)
	for _, m := range g.contract.Methods {
		f.printf("\t\t{%s},\n", f.endpointFields(m))
	}
	for _, m := range g.schema.Methods {
		if m.Handle != "" {
			f.printf("\t\t{Name: %q, ID: %d%s, Unrouted: true},\n", m.Name, m.ID, f.carry(m))
		}
	}
	if g.schema.Keep != 0 {
		f.printf("\t\t{Name: %q, ID: %d, Unrouted: true, Internal: true},\n", g.schema.KeepName, g.schema.Keep)
	}
	f.printf("\t},\n\tErrors: %s(),\n", g.ident("errorTable"))
	f.printf("\tNew: func() (%s, %s.Routes[%s]) { s := &%s{}; return s, s.routes[:] },\n", typ, link, typ, service)
	f.printf("\tClient: func(r *%s.Remote) %s { return &%s{r} },\n", link, typ, g.ident("client"))
	f.printf("\tServe: %s,\n", g.ident("serve"))
	if g.told() == callsAll {
		f.printf("\t%s\n", f.watchedField())
	}
	if g.req.Store {
		f.printf("\tStore: %s.StoreFunc[%s](%s),\n", link, typ, g.ident("openStore"))
	}
	f.printf("}\n\n")
}

func (f *file) endpointFields(m component.Method) string {
	g := f.g
	s := fmt.Sprintf("Name: %q", m.Name)
	for _, sm := range g.schema.Methods {
		if sm.Name == m.Name {
			s += fmt.Sprintf(", ID: %d", sm.ID)
		}
	}
	if m.Slow {
		s += ", Slow: true"
	}
	switch {
	case m.Local != "":
		s += fmt.Sprintf(", Pin: %q", m.Local)
	case m.Generated():
		x := g.method(m)
		if s += f.carry(x); x.Request.Caller {
			s += ", Handles: true"
		}
	default: // what the bindings' own code doesn't carry stays here
		s += fmt.Sprintf(", Pin: %q", fmt.Sprintf("it needs %s, and no binding has generated code for it", m.Ungenerated()[0].Plural()))
	}
	return s
}

// carry is the field of an endpoint that has streams.
func (f *file) carry(m schema.Method) string {
	if len(m.Streams) == 0 {
		return ""
	}
	return fmt.Sprintf(", Carry: %s.Carry", f.runtime("stream"))
}

func (f *file) openFunc() {
	ctx, typ := f.use("context", "context"), f.contractType()
	f.printf("// Open returns %s: made by construct and called in this process, unless\n// the split that the program runs in puts it elsewhere.\n", f.g.contract.Component)
	f.printf("func Open(ctx %s.Context, construct func(%s.Context) (%s, error)) (%s, error) {\n", ctx, ctx, typ, typ)
	f.printf("\treturn %s.Open(ctx, %s, construct)\n}\n", f.runtime("link"), f.g.ident("contract"))
}

func (f *file) openVar() {
	typ := f.contractType()
	f.printf("// unweldOpen returns %s: impl, unless the split that the program runs in\n// puts it elsewhere.\n", f.g.contract.Component)
	f.printf("func unweldOpen(impl %s) %s {\n\treturn %s.OpenVar(%s, impl)\n}\n", typ, typ, f.runtime("link"), f.g.ident("contract"))
}

func quoted(ss []string) string {
	var qs []string
	for _, s := range ss {
		qs = append(qs, fmt.Sprintf("%q", s))
	}
	return strings.Join(qs, ", ")
}
