package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// An exchange is a method that crosses as more than a request and a reply with
// values: with streams, with handles, or as one of a handle's.
type exchange struct {
	*file
	s   schema.Method
	sig signature
	own int // number of parameters in the request before those of the Go method: the handle itself

	given []int // results that are handles
	taken []int // parameters that are handles, by their index in the request
}

// exchanges reports whether a method is an exchange.
func exchanges(m schema.Method) bool {
	return len(m.Streams) > 0 || m.Handle != "" || m.Request.Caller
}

func (f *file) exchange(m schema.Method) *exchange {
	x := &exchange{file: f, s: m}
	goMethod := m.Source
	if m.Handle != "" {
		x.own = 1
		goMethod.Name, goMethod.Params = f.g.schema.HandleMethod(m).Name, goMethod.Params[1:]
	}
	x.sig = f.signatureWith(goMethod, m.Source.Context || x.own == 0)
	for i, field := range m.Request.Fields {
		if field.Form == schema.Reference {
			x.taken = append(x.taken, i)
		}
	}
	for i, field := range m.Reply.Fields {
		if field.Form == schema.Reference {
			x.given = append(x.given, i)
		}
	}
	return x
}

// endpoint is the constant with the index of an endpoint.
func (x *exchange) endpoint() string { return x.g.endpoint(x.s.Name) }

// call emits the method as it is in another process.
func (x *exchange) call() {
	g, m, sig := x.g, x.s.Source, x.sig
	receiver, remote := "c *"+g.ident("client"), "c.remote"
	if x.own > 0 {
		receiver, remote = "h "+g.handleType(x.s.Handle), "h.h.Remote()"
	}
	x.printf("func (%s) %s(%s) %s {\n", receiver, sig.name, sig.params, sig.resultList)
	if !sig.context {
		x.printf("\tctx := %s.Background()\n", x.use("context", "context"))
	}
	results := x.resultNames()
	leave := func(err string) string {
		switch {
		case sig.broken != "":
			return "err := " + err + "\n\t\treturn " + sig.broken
		case len(results) > 0:
			return "return " + strings.Join(results, ", ") + ", " + err
		}
		return "return " + err
	}
	x.printf("\tvar out %s\n", g.replyName(m.Name))
	x.declareResults()
	if x.own > 0 {
		x.printf("\tif err := h.h.Check(%s); err != nil {\n\t\t%s\n\t}\n", x.endpoint(), leave("err"))
	}
	x.fillRequest(remote, leave)
	x.encodeRequest(m, leave, remote)
	switch {
	case len(x.given) > 0:
		x.printf("\treply, err := lent.Do(ctx, %s, %s, req)\n", remote, x.endpoint())
	default:
		x.printf("\treply, err := %s.Call(ctx, %s, req)\n", remote, x.endpoint())
	}
	for _, i := range x.taken { // whose values the component keeps until then
		name := "h.h"
		if i >= x.own {
			name = sig.names[i-x.own]
		}
		x.printf("\t%s.KeepAlive(%s)\n", x.use("runtime", "runtime"), name)
	}
	x.printf("\tif bad := %s(reply, &out); bad != nil {\n\t\tout = %s{}\n", g.decodeName(m.Name, "Reply"), g.replyName(m.Name))
	x.printf("\t\t%s\n\t}\n", leave(fmt.Sprintf("%s.Malformed(%s, bad)", remote, x.endpoint())))
	for n, i := range m.Back() {
		x.takeBack(m.Params[i].Type.ID(), sig.names[i-x.own], fmt.Sprintf("out.R%d", len(m.Results)+n))
	}
	if sig.broken != "" {
		x.printf("\tif err != nil {\n\t\treturn %s\n\t}\n", sig.broken)
	}
	x.takeResults(results)
	if x.releases() {
		x.printf("\tif err == nil {\n\t\th.h.Close()\n\t}\n")
	}
	if sig.fails {
		results = append(results, "err")
	}
	x.printf("\treturn %s\n}\n\n", strings.Join(results, ", "))
}

// fillRequest emits the request: its values, whether there are streams, and which
// handles they are.
func (x *exchange) fillRequest(remote string, leave func(string) string) {
	g, m, names := x.g, x.s.Source, x.sig.names
	var fields []string
	for i := x.own; i < len(m.Params); i++ {
		value := names[i-x.own]
		switch x.s.Request.Fields[i].Form {
		case schema.Present:
			value += " != nil"
		case schema.Reference:
			continue
		}
		fields = append(fields, fmt.Sprintf("P%d: %s", i, value))
	}
	if x.own > 0 {
		fields = append([]string{"P0: h.h.Ref()"}, fields...)
	}
	if len(x.given) > 0 {
		x.printf("\tlent := %s.Start(%d)\n\tdefer lent.Return()\n", g.ident("handles"), len(x.given))
		fields = append(fields, "Caller: lent.Caller()")
	} else if x.s.Request.Caller {
		fields = append(fields, fmt.Sprintf("Caller: %s.Caller()", g.ident("handles")))
	}
	x.printf("\tin := %s{%s}\n", g.requestName(m.Name), strings.Join(fields, ", "))
	for _, i := range x.taken {
		if i < x.own {
			continue
		}
		name := names[i-x.own]
		x.printf("\tswitch p := %s.(type) {\n\tcase nil:\n\tcase %s:\n\t\tin.P%d = p.h.Ref()\n", name, g.handleType(m.Params[i].Type.ID()), i)
		x.printf("\tdefault:\n\t\t%s\n\t}\n", leave(fmt.Sprintf("%s.Foreign(%s, %s, %q, p)", x.runtime("handle"), remote, x.endpoint(), name)))
	}
	if len(x.s.Streams) == 0 {
		return
	}
	x.printf("\tcall, ctx := %s.Start(ctx, %s, %s)\n\tdefer call.Return()\n", x.runtime("stream"), remote, x.endpoint())
	for _, s := range x.s.Streams {
		if !s.Result {
			x.printf("\tif in.P%d {\n", s.Index)
			x.give(s, names[s.Index-x.own])
			x.printf("\t}\n")
		}
	}
}

// resultNames returns what the results are called: fields of the reply, and variables
// for streams and handles.
func (x *exchange) resultNames() []string {
	var names []string
	for i := range x.s.Source.Results {
		name := fmt.Sprintf("out.R%d", i)
		switch x.s.Reply.Fields[i].Form {
		case schema.Present, schema.Reference:
			name = fmt.Sprintf("r%d", i)
		}
		names = append(names, name)
	}
	return names
}

// declareResults emits variables for the results that are streams or handles.
func (x *exchange) declareResults() {
	for i, field := range x.s.Reply.Fields[:len(x.s.Source.Results)] {
		if field.Form == schema.Present || field.Form == schema.Reference {
			x.printf("\tvar r%d %s\n", i, x.typeName(field.Type))
		}
	}
}

// takeResults emits the assignments of the streams and handles that came back.
func (x *exchange) takeResults(results []string) {
	for _, s := range x.s.Streams {
		if s.Result {
			x.printf("\tif out.R%d {\n", s.Index)
			x.take(s, results[s.Index])
			x.printf("\t}\n")
		}
	}
	for n, i := range x.given {
		t := x.s.Reply.Fields[i].Type
		x.printf("\tif out.R%d != (%s.Ref{}) {\n\t\tif taken, here := lent.Take(%d, out.R%d); taken != nil {\n", i, x.runtime("handle"), n, i)
		x.printf("\t\t\tr%d = %s{taken}\n\t\t} else {\n\t\t\tr%d, _ = here.(%s)\n\t\t}\n\t}\n", i, x.g.handleType(t), i, x.typeName(t))
	}
	if len(x.given) > 0 {
		x.printf("\tlent.Taken()\n")
	}
}

// releases reports whether the method ends its handle.
func (x *exchange) releases() bool {
	return x.own > 0 && x.sig.fails && x.sig.name == x.g.contract.Type(x.s.Handle).Lease.Release
}

// dispatch emits the function that calls the method in the component.
func (x *exchange) dispatch() {
	g, m, link := x.g, x.s.Source, x.runtime("link")
	service := "s"
	if x.own > 0 {
		service = "_"
	}
	x.printf("func %s(ctx %s.Context, %s %s, request string, reply []byte) ([]byte, error) {\n", g.serveName(m), x.use("context", "context"), service, x.contractType())
	if len(x.s.Streams) > 0 {
		stream := x.runtime("stream")
		x.printf("\tcall := %s.Of(ctx)\n\tif call == nil {\n\t\treturn reply, %s.Malformed(%s.ErrNone)\n\t}\n", stream, link, stream)
	}
	x.printf("\tvar in %s\n", g.requestName(m.Name))
	x.printf("\tif err := %s(request, &in); err != nil {\n\t\treturn reply, %s.Malformed(err)\n\t}\n", g.decodeName(m.Name, "Request"), link)
	args := x.arguments()
	x.printf("\tvar out %s\n", g.replyName(m.Name))
	if !x.s.Request.Caller {
		x.printf("\tvar err error\n")
	}
	x.declareResults()
	results := x.resultNames()
	if m.Error {
		results = append(results, "err")
	}
	on := "s"
	if x.own > 0 {
		on = "p0"
	}
	x.printf("\t%s = %s.%s(%s)\n", strings.Join(results, ", "), on, x.sig.name, strings.Join(args, ", "))
	for _, s := range x.s.Streams {
		if s.Result {
			x.printf("\tif out.R%d = r%d != nil; out.R%d {\n", s.Index, s.Index, s.Index)
			x.give(s, fmt.Sprintf("r%d", s.Index))
			x.printf("\t}\n")
		}
	}
	for n, i := range x.given {
		x.printf("\tif r%d != nil {\n\t\tout.R%d = use.Give(%d, %d, r%d)\n\t}\n", i, i, n, g.handleKind(x.s.Reply.Fields[i].Type), i)
	}
	if x.releases() {
		x.printf("\tif err == nil {\n\t\tuse.End(in.P0)\n\t}\n")
	}
	for n, i := range m.Back() {
		x.printf("\tout.R%d = in.P%d\n", len(m.Results)+n, i)
	}
	x.encodeReply(m)
}

// arguments emits what finds the handles and streams among the arguments, and
// returns the arguments of the call.
func (x *exchange) arguments() []string {
	g, m := x.g, x.s.Source
	if x.s.Request.Caller {
		x.printf("\tuse, err := %s.Enter(in.Caller, %d)\n\tif err != nil {\n\t\treturn reply, err\n\t}\n\tdefer use.Leave()\n", g.ident("handles"), len(x.given))
	}
	var args []string
	if m.Context || x.own == 0 {
		args = append(args, "ctx")
	}
	for i := x.own; i < len(m.Params); i++ {
		name := fmt.Sprintf("in.P%d", i)
		switch x.s.Request.Fields[i].Form {
		case schema.Present, schema.Reference:
			name = fmt.Sprintf("p%d", i)
		}
		args = append(args, name)
	}
	for _, i := range x.taken {
		t := m.Params[i].Type.ID()
		find := "Value"
		if i < x.own {
			find = "Receiver"
		}
		x.printf("\tv%d, err := use.%s(%d, in.P%d)\n\tif err != nil {\n\t\treturn reply, err\n\t}\n", i, find, g.handleKind(t), i)
		x.printf("\tp%d, _ := v%d.(%s)\n", i, i, x.typeName(t))
	}
	for _, s := range x.s.Streams {
		if s.Result {
			continue
		}
		x.printf("\tvar p%d %s\n\tif in.P%d {\n", s.Index, x.typeName(s.Type), s.Index)
		x.take(s, fmt.Sprintf("p%d", s.Index))
		x.printf("\t}\n")
	}
	if m.Variadic {
		args[len(args)-1] += "..."
	}
	return args
}

// handleType is the type of what callers hold instead of a value.
func (g *generator) handleType(id component.TypeID) string {
	return g.ident(lowerFirst(g.schema.HandleName(id)) + "Handle")
}

// handleKind is the number of a handle's type in this version of the code.
func (g *generator) handleKind(id component.TypeID) int {
	return slices.IndexFunc(g.contract.Handles(), func(t *component.Type) bool { return t.ID == id })
}

// handles emits the types of what callers hold, with their methods.
func (f *file) handles() {
	types := f.g.contract.Handles()
	if len(types) == 0 {
		return
	}
	handle := f.runtime("handle")
	f.printf("// %s are the handles of the component in this process.\nvar %s = %s.New(%s)\n\n", f.g.ident("handles"), f.g.ident("handles"), handle, f.g.endpoint(f.g.schema.KeepName))
	for _, t := range types {
		name := f.g.handleType(t.ID)
		f.printf("// %s is a value of %s in another process.\ntype %s struct{ h *%s.Handle }\n\n", name, t.ID, name, handle)
		for _, m := range f.g.schema.Methods {
			if m.Handle == t.ID {
				f.exchange(m).call()
			}
		}
	}
}
