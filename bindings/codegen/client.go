package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// client emits the component as it is in another process.
func (g *generator) client() ([]generate.File, error) {
	f := g.file("client")
	name := g.ident("client")
	f.printf("// %s calls the component in another process.\n", name)
	f.printf("type %s struct{ remote *%s.Remote }\n\n", name, f.runtime("link"))
	for _, m := range g.contract.Methods {
		switch {
		case !m.Generated():
			f.pinnedCall(m)
		case exchanges(g.method(m)):
			f.exchange(g.method(m)).call()
		default:
			f.remoteCall(m)
		}
	}
	f.handles()
	out, err := f.finish()
	return []generate.File{out}, err
}

// method is how a method of the contract crosses.
func (g *generator) method(m component.Method) schema.Method {
	i := slices.IndexFunc(g.schema.Methods, func(s schema.Method) bool { return s.Name == m.Name })
	return g.schema.Methods[i]
}

// pinnedCall emits a method that can't cross: the run-time says why.
func (f *file) pinnedCall(m component.Method) {
	sig := f.signature(m)
	f.printf("func (c *%s) %s(%s) %s {\n", f.g.ident("client"), m.Name, sig.params, sig.named)
	op := "="
	if !sig.fails {
		op = ":="
	}
	f.printf("\t_, err %s c.remote.Call(%s, %s, %s.GetBuffer())\n", op, f.contextIn(sig), f.g.endpoint(m.Name), f.runtime("link"))
	f.printf("\t%s\n}\n\n", sig.leave())
}

func (f *file) remoteCall(m component.Method) {
	g, sig := f.g, f.signature(m)
	endpoint := g.endpoint(m.Name)
	f.printf("func (c *%s) %s(%s) %s {\n", g.ident("client"), m.Name, sig.params, sig.resultList)
	f.printf("\tin := %s{%s}\n", g.requestName(m.Name), strings.Join(sig.names, ", "))
	f.printf("\tvar out %s\n", g.replyName(m.Name))
	f.encodeRequest(m, func(err string) string { return "return " + outResults(m, ", ") + err }, "c.remote")
	f.printf("\treply, err := c.remote.Call(ctx, %s, req)\n", endpoint)
	f.printf("\tif bad := %s(reply, &out); bad != nil {\n", g.decodeName(m.Name, "Reply"))
	f.printf("\t\tout = %s{}\n", g.replyName(m.Name))
	f.printf("\t\treturn %sc.remote.Malformed(%s, bad)\n\t}\n", outResults(m, ", "), endpoint)
	for n, i := range m.Back() {
		f.takeBack(m.Params[i].Type.ID(), sig.names[i], fmt.Sprintf("out.R%d", len(m.Results)+n))
	}
	f.printf("\treturn %serr\n}\n\n", outResults(m, ", "))
}

// encodeRequest emits the encoding of in into req. leave is how the method returns
// an error, and remote what it calls.
func (f *file) encodeRequest(m component.Method, leave func(err string) string, remote string) {
	g, link := f.g, f.runtime("link")
	f.printf("\treq := %s.GetBuffer()\n", link)
	if g.requestFails(m.Name) {
		f.printf("\tvar err error\n\tif req.B, err = %s(req.B, &in); err != nil {\n", g.encodeName(m.Name, "Request"))
		f.printf("\t\t%s\n\t}\n", leave(fmt.Sprintf("%s.Unsent(%s, %s, req, err)", link, remote, g.endpoint(m.Name))))
	} else {
		f.printf("\treq.B = %s(req.B, &in)\n", g.encodeName(m.Name, "Request"))
	}
}

// takeBack emits the copying of what a call left of an argument into the
// argument itself, for the caller to see. Where nothing came back, because the
// call failed on the way, it is nil and the argument stays as it is.
func (f *file) takeBack(id component.TypeID, argument, after string) {
	switch t := f.g.contract.Type(id); {
	case t != nil && t.Kind == component.KindMap:
		f.printf("\tif %s != nil && %s != nil {\n\t\tclear(%s)\n", argument, after, argument)
		f.printf("\t\tfor unweldKey, unweldValue := range %s {\n\t\t\t%s[unweldKey] = unweldValue\n\t\t}\n\t}\n", after, argument)
	case t != nil && t.Kind == component.KindPointer:
		f.printf("\tif %s != nil && %s != nil {\n\t\t*%s = *%s\n\t}\n", argument, after, argument, after)
	default:
		f.printf("\tcopy(%s, %s)\n", argument, after)
	}
}

// outResults are the fields of a reply, with a separator after each.
func outResults(m component.Method, after string) string {
	var s string
	for i := range m.Results {
		s += fmt.Sprintf("out.R%d%s", i, after)
	}
	return s
}
