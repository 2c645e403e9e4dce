package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// server emits the dispatcher.
func (g *generator) server() ([]generate.File, error) {
	f := g.file("server")
	ctx, link, remote := f.use("context", "context"), f.runtime("link"), g.schema.Methods
	f.printf("// %s decodes a request, calls the endpoint and appends its results to reply.\n", g.ident("serve"))
	f.printf("func %s(ctx %s.Context, s %s, endpoint int, request string, reply []byte) ([]byte, error) {\n", g.ident("serve"), ctx, f.contractType())
	f.printf("\tswitch endpoint {\n")
	for _, m := range remote {
		f.printf("\tcase %s:\n\t\treturn %s(ctx, s, request, reply)\n", g.endpoint(m.Name), g.serveName(m.Source))
	}
	if g.schema.Keep != 0 {
		f.printf("\tcase %s:\n\t\treturn %s.Keep(request, reply)\n", g.endpoint(g.schema.KeepName), g.ident("handles"))
	}
	f.printf("\t}\n\treturn reply, %s.Malformed(%s.New(\"no such endpoint\"))\n}\n\n", link, f.use("errors", "errors"))
	for _, m := range remote {
		if exchanges(m) {
			f.exchange(m).dispatch()
		} else {
			f.dispatch(m.Source)
		}
	}
	if slices.ContainsFunc(remote, func(m schema.Method) bool { return m.Reply.Fallible }) {
		f.unsendable()
	}
	out, err := f.finish()
	return []generate.File{out}, err
}

func (g *generator) serveName(m component.Method) string {
	return g.ident("serve" + upperFirst(m.Name))
}

func (f *file) dispatch(m component.Method) {
	g := f.g
	f.printf("func %s(ctx %s.Context, s %s, request string, reply []byte) ([]byte, error) {\n",
		g.serveName(m), f.use("context", "context"), f.contractType())
	f.printf("\tvar in %s\n", g.requestName(m.Name))
	f.printf("\tif err := %s(request, &in); err != nil {\n\t\treturn reply, %s.Malformed(err)\n\t}\n",
		g.decodeName(m.Name, "Request"), f.runtime("link"))
	args := []string{"ctx"}
	for i := range m.Params {
		args = append(args, fmt.Sprintf("in.P%d", i))
	}
	if m.Variadic {
		args[len(args)-1] += "..."
	}
	f.printf("\tvar out %s\n\tvar err error\n", g.replyName(m.Name))
	f.printf("\t%serr = s.%s(%s)\n", outResults(m, ", "), m.Name, strings.Join(args, ", "))
	for n, i := range m.Back() {
		f.printf("\tout.R%d = in.P%d\n", len(m.Results)+n, i)
	}
	f.encodeReply(m)
}

// encodeReply emits the end of a function that has its results in out and err.
func (f *file) encodeReply(m component.Method) {
	g := f.g
	if !g.replyFails(m.Name) {
		f.printf("\treturn %s(reply, &out), err\n}\n\n", g.encodeName(m.Name, "Reply"))
		return
	}
	f.printf("\tbody, bad := %s(reply, &out)\n", g.encodeName(m.Name, "Reply"))
	f.printf("\tif bad != nil {\n\t\treturn reply, %s(%q, err, bad)\n\t}\n\treturn body, err\n}\n\n", g.ident("unsendable"), m.Name)
}

// unsendable emits the helper for results that can't be encoded: the call has
// been executed, and the caller must know.
func (f *file) unsendable() {
	link, name := f.runtime("link"), f.g.ident("unsendable")
	f.printf("// %s is the error for results that can't be encoded: the endpoint's own\n// error, or if it succeeded what is wrong with them.\n", name)
	f.printf("func %s(endpoint string, err, bad error) error {\n\tif err != nil {\n\t\treturn err\n\t}\n", name)
	f.printf("\treturn &%s.Error{Component: %q, Endpoint: endpoint, Outcome: %s.Unknown, Err: bad}\n}\n", link, f.g.contract.Component, link)
}
